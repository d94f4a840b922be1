"""Prefer: odata.track-changes, delta links, and what they do not go with."""

from typing import Any

from sandbox.dataverse.errors import bad_query
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.odata.options import parse_select
from sandbox.dataverse.query.paging import Key, inner_cookie, malformed, paging_cookie, read_token, skip_token
from sandbox.dataverse.records.expansion import expanded_context
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.records.tracking import DeltaToken, Place, Tracker, parse_token
from sandbox.dataverse.web.call import Answer, Call
from sandbox.dataverse.web.preferences import LARGEST_PAGE, TOTAL, TOTAL_EXCEEDED
from sandbox.dataverse.web.records import request_url

REFUSED = ("$filter", "$orderby", "$expand", "$top", "$apply", "fetchxml", "savedquery", "userquery", "sql")
IN_WALK = 'istracking="True"'
DELTA = "$deltatoken"

_CHANGES = (Key("kind"), Key("versionnumber"), Key("until"))


def is_tracking(call: Call) -> bool:
    """Does a list ask for changes, or go on asking?"""
    walks = IN_WALK in (call.option("$skiptoken") or "")
    return call.preferences.track_changes or walks or call.option(DELTA) is not None


def list_changes(session: Session, call: Call, entity: Entity) -> Answer:
    """All rows with a delta link at the end, or the changes since one."""
    tracker, token = _begin(session, call, entity)
    body: dict[str, Any] = {}
    select = parse_select(call.option("$select"))
    context = f"{session.base}/$metadata#{entity.table.set_name}"
    body["@odata.context"] = f"{context}{expanded_context(select, ())}{'/$delta' if token else ''}"
    body |= _counts(session, call, tracker, token)
    page = _changed if token else _everything
    documents, tail = page(call, tracker, token, f"{context}/$deletedEntity")
    body["value"] = documents
    return Answer(body={**body, **tail})


def count_changes(session: Session, call: Call, entity: Entity) -> Answer:
    """…/$count?$deltatoken=…"""
    tracker, token = _begin(session, call, entity)
    total = tracker.count(token.version if token else None)
    return Answer(body=str(total).encode(), content_type="text/plain")


def _begin(session: Session, call: Call, entity: Entity) -> tuple[Tracker, DeltaToken | None]:
    for name in call.options:
        if name.lower() in REFUSED:
            raise bad_query(f'The "{name}" query parameter isn\'t supported when Change Tracking is enabled.')
    tracker = Tracker(session, entity, parse_select(call.option("$select")))
    given = call.option(DELTA)
    token = parse_token(given) if given is not None else None
    if token is not None:
        tracker.check_age(token)
    return tracker, token


def _counts(session: Session, call: Call, tracker: Tracker, token: DeltaToken | None) -> dict[str, Any]:
    asked = (call.option("$count") or "").lower() == "true"
    total = tracker.count(token.version if token else None) if asked else -1
    found: dict[str, Any] = {"@odata.count": min(total, LARGEST_PAGE)} if asked else {}
    if session.preferences.wants(TOTAL):
        found[f"@{TOTAL}"] = min(total, LARGEST_PAGE)
    if session.preferences.wants(TOTAL_EXCEEDED):
        found[f"@{TOTAL_EXCEEDED}"] = total > LARGEST_PAGE
    return found


def _size(tracker: Tracker) -> int:
    return min(tracker.session.preferences.page_size or LARGEST_PAGE, LARGEST_PAGE)


def _everything(
    call: Call, tracker: Tracker, _token: DeltaToken | None, _gone: str
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The first synchronisation. Its delta link reaches back to its first page."""
    since, behind, number = tracker.now(), None, 1
    given = call.option("$skiptoken")
    if given:
        position = read_token(given, _keys(tracker))
        behind, number = str(position.values[0]), position.page
        since = parse_token(str(position.values[1]))
        tracker.check_age(since)
    rows, more = tracker.everything(behind, _size(tracker))
    documents = [tracker.document(row) for row in rows]
    if not more:
        return documents, _delta_link(call, since)
    last, first = rows[-1][tracker.id_at], rows[0][tracker.id_at]
    cookie = inner_cookie(number, _keys(tracker), (last, since), (first, since))
    return documents, _next_link(call, number, cookie)


def _keys(tracker: Tracker) -> tuple[Key, ...]:
    return Key(tracker.entity.id, is_id=True), Key("since")


def _changed(
    call: Call, tracker: Tracker, token: DeltaToken | None, gone: str
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Changes since a token, up to the moment of the first page."""
    since = token.version if token else 0
    place, number, until = _place(call, tracker, since)
    found = tracker.changes(since, place, _size(tracker))
    documents = [tracker.document(row) for row in found.rows]
    documents += [{"@odata.context": gone, "id": key, "reason": "deleted"} for key in found.gone]
    if found.next is None:
        return documents, _delta_link(call, until)
    values = ("deleted" if found.next.among_gone else "changed", found.next.version, until)
    cookie = inner_cookie(number, _CHANGES, values, values)
    return documents, _next_link(call, number, cookie)


def _place(call: Call, tracker: Tracker, since: int) -> tuple[Place, int, DeltaToken]:
    given = call.option("$skiptoken")
    if not given:
        until = tracker.now()
        return Place(among_gone=False, version=since, until=until.version), 1, until
    position = read_token(given, _CHANGES)
    kind, version, stamp = (str(value) for value in position.values)
    if (
        kind not in {"deleted", "changed"}
        or not version.isascii()
        or not version.isdigit()
        or len(version) > 18
    ):
        raise malformed()
    until = parse_token(stamp)
    return Place(kind == "deleted", int(version), until.version), position.page, until


def _next_link(call: Call, number: int, cookie: str) -> dict[str, str]:
    link = request_url(call)
    token = skip_token(paging_cookie(number, cookie).replace('istracking="False"', IN_WALK))
    return {"@odata.nextLink": f"{link}{'&' if '?' in link else '?'}$skiptoken={token}"}


def _delta_link(call: Call, token: DeltaToken) -> dict[str, str]:
    path, _, query = request_url(call).partition("?")
    kept = [
        part for part in query.split("&") if part and not part.lower().startswith((DELTA, "%24deltatoken"))
    ]
    return {"@odata.deltaLink": f"{path}?{'&'.join([*kept, f'{DELTA}={token.encoded()}'])}"}
