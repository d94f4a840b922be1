"""The rows that a query brought, as a table."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from django.core import signing

from accounts import audit
from accounts.actors import Actor
from accounts.models import Role
from accounts.rules import require_role
from entities.console.reading import SHOWN, Query, following, read_query_text
from entities.tables.writers import Value
from integrations.access import person_client, reaching
from integrations.metadata import catalogue
from integrations.models import Binding
from microsoft.dataverse import Dataverse

_SALT = "entities.console"
_FORMATTED = "@OData.Community.Display.V1.FormattedValue"
_PREFER = {"Prefer": f'odata.maxpagesize={SHOWN},odata.include-annotations="*"'}
_PREFER_TOP = {"Prefer": 'odata.include-annotations="*"'}


@dataclass(frozen=True)
class Shown:
    """A value as Dynamics shows it, and as it is."""

    text: str
    raw: str


@dataclass(frozen=True)
class Answer:
    headers: list[str]
    records: list[dict[str, Any]]
    first: int  # the number of the first of these rows
    here: str = ""  # the place of these rows, empty for the first page
    following: str = ""  # the place of the next ones, if there are any

    @property
    def last(self) -> int:
        return self.first + len(self.records) - 1

    @property
    def rows(self) -> list[list[Shown]]:
        return [[_shown(record, name) for name in self.headers] for record in self.records]

    def cells(self) -> Iterable[list[Value]]:
        for record in self.records:
            yield [_cell(record.get(name)) for name in self.headers]


@dataclass(frozen=True)
class _Place:
    """`where` is Dynamics' own link to a page, or the FetchXML that asks for it."""

    where: str
    first: int


def ask(actor: Actor, binding: Binding, text: str, after: str = "") -> Answer:
    """Run a query as this person; `after` is the place that an earlier answer to it has named.

    Raises:
        NotPermitted: they do not build in the team.
        GateClosed: they have not authorised Isthmus for the tenant.
        BadInput: the query, in our words or in Dynamics'.

    """
    require_role(actor, binding.integration.team, Role.BUILDER)
    environment = binding.connection.environment
    entities = catalogue.for_actor(actor, environment).names()
    query = read_query_text(text, entities)
    at = _unsealed(text, after) if after else None
    first = at.first if at else 1
    with reaching(environment):
        records, where = _read(person_client(actor, environment), query, at)
    audit.record(actor, "queried", binding.integration, message=f"{len(records)} rows of {query.set_name}")
    here = after if at else ""
    return Answer(_headers(records), records, first, here, _sealed(text, where, first + len(records)))


def _read(client: Dataverse, query: Query, at: _Place | None) -> tuple[list[dict[str, Any]], str]:
    """The rows at this place, and where the next ones are; empty behind the last."""
    if query.fetch_xml:
        asked = replace(query, fetch_xml=at.where) if at else query
        found = client.fetch(asked.set_name, asked.fetch_xml)
        return found.records, following(asked, found.cookie).fetch_xml if found.more else ""
    headers = _PREFER_TOP if "$top" in query.params else _PREFER
    if at:
        body = client.follow(at.where, headers=headers).json()
    else:
        body = client.call("GET", query.relative, query.params, headers=headers).json()
    if "value" not in body:
        return [body], ""
    return list(body["value"]), str(body.get("@odata.nextLink") or "")


def _sealed(text: str, where: str, first: int) -> str:
    """A place in the rows of one query, for a form to bring back; it must not be written by hand."""
    return signing.dumps([_digest(text), where, first], salt=_SALT, compress=True) if where else ""


def _unsealed(text: str, sealed: str) -> _Place | None:
    """None for a place in another query's rows, too: that one begins at its first page."""
    try:
        digest, where, first = signing.loads(sealed, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return _Place(where, first) if digest == _digest(text) else None


def _digest(text: str) -> str:
    return sha256(text.strip().encode()).hexdigest()[:32]


def _headers(records: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for record in records for name in record if "@" not in name))


def _shown(record: dict[str, Any], name: str) -> Shown:
    raw = str(_cell(record.get(name)) if record.get(name) is not None else "")
    return Shown(str(record.get(name + _FORMATTED, raw)), raw)


def _cell(value: Any) -> Any:
    return json.dumps(value, default=str, ensure_ascii=False) if isinstance(value, dict | list) else value
