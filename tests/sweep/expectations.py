"""The table: what each address of the portal is for. A URL that is missing here fails a test by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, get_resolver, reverse

from accounts.models import Membership, Team
from connections.models import Certificate, Connection
from core import clock
from integrations.models import Binding, Drift, Integration, ServiceKey, Version
from jobs.models import JobRun, Schedule
from sync.models import Sync, SyncEntity
from tests.addresses import Address, every_address
from tests.sweep import state

Things = Mapping[str, Any]
Form = Callable[[Things], dict[str, Any]]
NOTHING: Form = lambda _things: {}  # noqa: E731


@dataclass(frozen=True)
class Row:
    """What Ana gets (`get`, `post`; None: not to be asked for so), with what form, and what guards it.

    `gated`: it changes an integration or a connection, so it takes the role and one's own authorization.
    `first`: what has to be so beforehand for the form to do anything. `taken`: a form with a name that is taken.
    """

    get: int | None = 200
    post: int | tuple[int, ...] | None = None
    form: Form = NOTHING
    public: bool = False
    gated: bool = False
    first: Callable[[Things], object] = lambda _things: None
    taken: Form | None = None
    asks: tuple[str, ...] = ()  # what it reads of its query; garbage is asked of each
    parts: tuple[str, ...] = ()  # the same, answered with a part of the page
    fragment: bool = False  # a part of a page, fetched by htmx

    @property
    def posted(self) -> tuple[int, ...]:
        """The statuses that the form may end with; a page without one ignores it or refuses the method."""
        given = (200, 405) if self.post is None else self.post
        return given if isinstance(given, tuple) else (given,)


def _connection(things):
    return Connection.objects.filter(pk=things["connection"])


def _integration(things):
    return Integration.objects.get(pk=things["integration"])


def _revision(things, **more):
    return {"revision": _integration(things).revision} | more


def _unbound(things):
    Binding.objects.filter(connection=things["connection"]).delete()


def _failed_removal(things):
    _unbound(things)
    _connection(things).update(state=Connection.State.REMOVING)
    JobRun.objects.filter(subject_id=things["connection"]).delete()


def _never_published(things):
    _unbound(things)
    Sync.objects.filter(integration=things["integration"]).delete()
    Version.objects.filter(integration=things["integration"]).delete()


def _not_there(things):
    _never_published(things)
    Integration.objects.filter(pk=things["integration"]).delete()


def _unbound_stage(things):
    Sync.objects.filter(integration=things["integration"]).delete()
    _unbound(things)
    ServiceKey.objects.filter(integration=things["integration"]).delete()


def _mending(things):
    row = _integration(things)
    facts = {"version": 1, "changes": [], "breaking": False, "since": clock.now(), "seen_at": clock.now()}
    found, _ = Drift.objects.get_or_create(integration=row, environment=row.environment, defaults=facts)
    return _revision(things, drift=found.pk)


def _in_state(run_state):
    return lambda things: JobRun.objects.filter(pk=things["run"]).update(state=run_state)


def _names(things, **more):
    draft = _integration(things).draft
    called = {f"entity_{one.logical_name}": one.name for one in draft.entities}
    usual = {"name": "Renamed", "service_name": _integration(things).service_name, "acts_as": "application"}
    return _revision(things, **{**called, **usual, **more})


def _new_connection(things, name="Another"):
    row = _connection(things).get()
    return {"environment": row.environment.url, "team": things["team"], "name": name}


def _new_integration(things, name="Another"):
    return {**_new_connection(things, name), "service_name": "another_is"}


def _rename(things, name="Renamed"):
    return {"name": name, "revision": _connection(things).get().revision}


def _revision_of(things):
    return _connection(things).get().revision


def _move(things):
    """To another team, in which everybody has the same role as here."""
    second, _created = Team.objects.get_or_create(name="Second team")
    for member in Membership.objects.filter(team=things["team"]):
        Membership.objects.get_or_create(team=second, user=member.user, defaults={"role": member.role})
    return {"team": second.pk, "revision": _revision_of(things)}


def _manual(things):
    _connection(things).update(kind=Connection.Kind.MANUAL)


def _left_behind(things):
    _manual(things)
    Certificate.objects.filter(connection=things["connection"]).update(left_behind=True)


def _second_connection(things):
    row = _connection(things).get()
    Connection.objects.create(name="Second", team=row.team, environment=row.environment)


def _sync(things, name="Another mirror", **more):
    usual = {"destination": "sqlite", "entities": ["account"], "rhythm": "3600", "drift": "add"}
    binding = Binding.objects.filter(integration=things["integration"]).first()
    return {"binding": binding.pk if binding else "", "name": name, "time_zone": "UTC", **usual, **more}


def _paused(things):
    sync = Sync.objects.get(pk=things["sync"])
    Schedule.objects.filter(pk=sync.schedule_id).update(enabled=False)


def _drifted(things):
    found = [{"change": "new", "text": "New: fax (text)."}]
    SyncEntity.objects.filter(pk=things["row"]).update(drifted=found)


def _key(things, name="Fresh"):
    return {
        "name": name,
        "stage": "development",
        "version": "",
        "lifetime": "30",
        "calls_per_minute": 60,
        "reach": "chosen",
        "allow": ["account:get"],
    }


def _revoked(things):
    ServiceKey.objects.filter(pk=things["key_id"]).update(revoked_at=clock.now())


def _record(things):
    return {"name": "Sweep & Co"}


_ENTITY = {"access": "single", "operation": ["get", "search"], "attribute": ["name"]}
_PRESSED = Row(get=None, post=302, gated=True)


def _press(**more):
    return Row(**{"get": None, "post": 302, "gated": True, **more})


PORTAL: dict[str, Row] = {
    "home": Row(),
    "core:alive": Row(public=True),
    "accounts:sign_in": Row(get=302, post=302, public=True),
    "accounts:sign_out": Row(get=None, post=302),
    "accounts:signed_out": Row(public=True),
    "accounts:begin": Row(get=None, post=302, public=True),
    "accounts:complete": Row(
        get=403, post=403, public=True, asks=("state", "code", "error", "admin_consent")
    ),
    "accounts:consent_state": Row(fragment=True, parts=("tenant", "reach")),
    "accounts:consented": Row(public=True, asks=("agreed",)),
    "accounts:profile": Row(post=302, form=lambda _: {"name": "Ana A.", "time_zone": "Europe/Berlin"}),
    "accounts:authorizations": Row(),
    "accounts:authorise": Row(get=None, post=302, asks=("tenant", "reach", "next", "claims", "another")),
    "accounts:admin_consent": Row(asks=("tenant", "reach")),
    "accounts:revoke": Row(get=None, post=302),
    "accounts:teams": Row(),
    "accounts:team_new": Row(post=302, form=lambda _: {"name": "Fresh"}, taken=lambda _: {"name": "Service"}),
    "accounts:team": Row(),
    "accounts:team_rename": Row(
        get=None, post=302, form=lambda _: {"name": "Fresh"}, taken=lambda _: {"name": "Service"}
    ),
    "accounts:team_choose": Row(get=None, post=302, form=lambda _: {"next": "/jobs/"}),
    "accounts:team_add": Row(get=None, post=302, form=lambda _: {"person": state.user("sam").pk, "role": 10}),
    "accounts:team_role": Row(get=None, post=302, form=lambda _: {"role": 10}),
    "accounts:team_remove": Row(get=None, post=302),
    "accounts:notices": Row(post=200, form=lambda _: {"url": "https://8.8.8.8/hook"}),
    "accounts:webhook_secret": Row(get=None, post=200),
    "accounts:webhook_test": Row(get=None, post=302),
    "accounts:webhook_remove": Row(get=None, post=302),
    "accounts:audit": Row(asks=("team", "subject_type", "subject_id", "actor", "unfinished", "before")),
    "jobs:list": Row(asks=("state", "kind", "whose", "page")),
    "jobs:detail": Row(),
    "jobs:row": Row(fragment=True),
    "jobs:panel": Row(fragment=True),
    "jobs:facts": Row(fragment=True),
    "jobs:cancel": Row(get=None, post=302, first=_in_state("queued")),
    "jobs:retry": Row(get=None, post=302, first=_in_state("failed")),
    "jobs:resume": Row(get=None, post=302, first=_in_state("waiting")),
    "connections:list": Row(asks=("q", "state", "team", "page")),
    "connections:inventory": Row(get=404, asks=("q", "state", "team")),
    "connections:new": Row(
        post=302,
        gated=True,
        form=_new_connection,
        taken=lambda things: _new_connection(things, "Sales (Development)"),
        asks=("environment", "name", "team"),
    ),
    "connections:detail": Row(),
    "connections:steps": Row(fragment=True),
    "connections:load": Row(fragment=True),
    "connections:provision": _press(),
    "connections:test": _press(),
    "connections:apply_role": _press(),
    "connections:check": _press(),
    "connections:rotate": _press(),
    "connections:compromise": _press(),
    "connections:rename": _press(
        form=_rename,
        first=_second_connection,
        taken=lambda things: _rename(things, "Second"),
    ),
    "connections:disable": _press(),
    "connections:enable": _press(first=lambda things: _connection(things).update(state="disabled")),
    "connections:remove": Row(post=302, gated=True, first=_unbound),
    "connections:move": _press(form=_move, first=_unbound),
    "connections:choose_role": Row(
        post=302,
        gated=True,
        form=lambda things: {"source": "own", "depth": "Basic", "revision": _revision_of(things)},
    ),
    "connections:hand_over": Row(
        get=404, post=302, gated=True, first=_manual, form=lambda _: {"client_id": str(state.NOWHERE)}
    ),
    "connections:send_instructions": _press(
        first=_manual, form=lambda _: {"address": "admin@contoso.example"}
    ),
    "connections:download": Row(get=404),
    "connections:certificate_deleted": _press(first=_left_behind),
    "connections:abandon": _press(first=_failed_removal),
    "integrations:list": Row(),
    "integrations:new": Row(
        post=302,
        gated=True,
        form=_new_integration,
        taken=lambda things: _new_integration(things, "Sales sample"),
    ),
    "integrations:sample": _press(first=_not_there),
    "integrations:detail": Row(),
    "integrations:entities": Row(
        post=302,
        gated=True,
        form=lambda things: _revision(things, entity=["contact"], access="read_only"),
    ),
    "integrations:choosing": Row(get=302),
    "integrations:refresh": _press(),
    "integrations:entity": Row(post=302, gated=True, form=lambda things: _revision(things, **_ENTITY)),
    "integrations:names": Row(
        post=302,
        gated=True,
        form=_names,
        taken=lambda things: _names(things, entity_account="same", entity_contact="same"),
    ),
    "integrations:review": Row(),
    "integrations:publish": Row(get=302, post=302, gated=True, form=_revision, first=_never_published),
    "integrations:publishing": Row(get=302),
    "integrations:publishing_progress": Row(get=404, fragment=True),
    "integrations:versions": Row(asks=("from", "to")),
    "integrations:export": Row(asks=("version",)),
    "integrations:version": Row(),
    "integrations:deprecate": _press(form=lambda _: {"note": "Use the next.", "ends_on": "2099-12-31"}),
    "integrations:withdraw": _press(form=lambda _: {"note": "It was wrong."}),
    "integrations:reinstate": _press(),
    "integrations:restore": _press(form=_revision),
    "integrations:stages": Row(
        post=302, form=lambda _: {"name": "Rehearsal"}, taken=lambda _: {"name": "TEST"}
    ),
    "integrations:stage_rename": Row(
        get=None, post=302, form=lambda _: {"name": "Building"}, taken=lambda _: {"name": "test"}
    ),
    "integrations:stage_move": Row(get=None, post=302, form=lambda _: {"way": "down"}),
    "integrations:stage_remove": Row(get=None, post=302, first=_unbound_stage),
    "integrations:remove": _press(form=_revision, first=_unbound_stage),
    "integrations:check": _press(),
    "integrations:mend": _press(form=_mending),
    "integrations:bind": Row(
        post=302, gated=True, form=lambda things: {"stage": "test", "connection": things["connection"]}
    ),
    "integrations:unbind": _press(form=lambda _: {"stage": "development"}),
    "integrations:use": Row(asks=("way",)),
    "integrations:python": Row(asks=("version",)),
    "sync:list": Row(),
    "sync:new": Row(
        post=302, gated=True, form=_sync, taken=lambda things: _sync(things, "Mirror"), asks=("binding",)
    ),
    "sync:detail": Row(),
    "sync:live": Row(fragment=True),
    "sync:edit": Row(post=302, gated=True, form=_sync),
    "sync:run": Row(get=None, post=302),
    "sync:refresh": Row(get=None, post=302),
    "sync:pause": Row(get=None, post=302),
    "sync:resume": Row(get=None, post=302, first=_paused),
    "sync:remove": _press(form=lambda _: {"data": "yes"}),
    "sync:entity": Row(),
    "sync:run_entity": Row(get=None, post=302, form=lambda _: {"full": "yes"}),
    "sync:switch": Row(get=None, post=302, form=lambda _: {"enabled": "no"}),
    "sync:accept": Row(get=None, post=302, first=_drifted),
    "integrations:docs": Row(asks=("version", "entity")),
    "integrations:openapi": Row(asks=("version",)),
    "integrations:keys": Row(),
    "integrations:key_new": Row(
        post=200,
        gated=True,
        form=_key,
        taken=lambda things: _key(things, "Taken"),
    ),
    "integrations:key_revoke": _press(),
    "integrations:key_remove": _press(first=_revoked),
    "integrations:usage": Row(asks=("period", "calls")),
    "service:root": Row(get=401, post=401, public=True),
    "service:call": Row(get=401, post=401, public=True, asks=("top", "cursor", "select", "filter")),
    "entities:index": Row(),
    "entities:grid": Row(
        asks=(
            *("sort", "where", "columns", "column", "page", "attribute", "operator", "value"),
            *("find", "view", "about", "change", "instead", "join", "after", "source"),
        ),
        parts=("count", "ask", "rows"),
    ),
    "entities:views": Row(fragment=True, asks=("view",)),
    "entities:view_save": Row(get=None, post=302, form=lambda _: {"name": "Mine", "query": "sort=-name"}),
    "entities:view_remove": Row(get=None, post=302),
    "entities:columns": Row(get=None, post=302, form=lambda _: {"column": ["name"]}),
    "entities:widths": Row(get=None, post=204, fragment=True, form=lambda _: {"name": "200"}),
    "entities:cell": Row(fragment=True, post=409, form=lambda _: {"name": "Sweep & Co", "form-origin": "x"}),
    "entities:import": Row(post=400),
    "entities:export": Row(post=302, form=lambda _: {"selection": "all", "export": "1", "format": "csv"}),
    "entities:bulks": Row(),
    "entities:bulk_edit": Row(get=None, post=(200, 422), form=lambda _: {"selection": "all"}),
    "entities:bulk_delete": Row(get=None, post=302, form=lambda _: {"selection": "all"}),
    "entities:bulk": Row(asks=("state", "page"), parts=("live",)),
    "entities:mapping": Row(post=422, form=lambda _: {"mode": "create", "column-0": ""}),
    "entities:bulk_check": Row(get=None, post=302),
    "entities:bulk_begin": Row(get=None, post=302),
    "entities:bulk_retry": Row(get=None, post=409),
    "entities:bulk_undo": Row(get=None, post=409),
    "entities:bulk_discard": Row(get=None, post=302),
    "entities:bulk_errors": Row(get=404, asks=("format",)),
    "entities:bulk_download": Row(get=404),
    "entities:files": Row(),
    "entities:file": Row(get=404),
    "entities:file_upload": Row(get=None, post=404, form=lambda _: {"name": "a.txt", "size": "5"}),
    "entities:file_remove": Row(get=None, post=404),
    "entities:file_piece": Row(get=404, post=404),
    "entities:console": Row(post=200, form=lambda _: {"query": "accounts?$select=name&$top=1"}),
    "entities:console_words": Row(asks=("of",)),
    "entities:new": Row(post=302, form=_record, asks=("like", "name", "primarycontactid")),
    "entities:lookup": Row(fragment=True, asks=("primarycontactid-label",)),
    "entities:record": Row(asks=("tab",)),
    "entities:changes": Row(asks=("entity", "page")),
    "entities:history": Row(asks=("page",)),
    "entities:revert": Row(post=409),
    "entities:state": Row(post=(409, 422)),
    "entities:assign": Row(post=(302, 409, 422)),
    "entities:assign_to_me": Row(get=None, post=302),
    "entities:suggest": Row(get=404, fragment=True),
    "entities:link": Row(get=None, post=404),
    "entities:unlink": Row(get=None, post=404),
    "entities:edit": Row(post=(409, 422), form=lambda _: {"name": "Sweep & Co", "etag": "not this one"}),
    "entities:delete": Row(post=(409, 412), form=lambda _: {"etag": 'W/"1"'}),
}


def portal_addresses() -> list[Address]:
    """Those that the table knows; a test of its own names the others."""
    return [address for address in every_address() if address.name in PORTAL]


def url_of(address: Address, things: Things) -> str:
    known = state.parameters(address.name, things)
    return reverse(address.name, kwargs={name: known[name] for name in address.parameters})


def names_an_object(address: Address) -> bool:
    """Services know programs by their keys, not people; what they tell strangers has tests of its own."""
    return bool(set(address.parameters) - {"backend", "service", "path"})


def headers_of(row: Row) -> dict[str, str]:
    """How a browser asks for it."""
    return {"HX-Request": "true"} if row.fragment else {}


def patterns_of(name: str) -> Mapping[str, Any]:
    """The converters of an address's parameters."""
    namespace, _, last = name.rpartition(":")
    resolver = get_resolver()
    patterns = resolver.url_patterns
    if namespace:
        patterns = next(one.url_patterns for one in patterns if getattr(one, "namespace", None) == namespace)
    found = next(one for one in patterns if isinstance(one, URLPattern) and one.name == last)
    return found.pattern.converters
