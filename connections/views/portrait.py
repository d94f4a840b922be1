"""Everything that the page of a connection shows, gathered once for the page and for its live part."""

from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse

from accounts import gate
from accounts.actors import Actor
from connections.base_privileges import BASE
from connections.clients import CLOSED
from connections.forms import MoveForm, RenameForm
from connections.governor import governor_of
from connections.health.links import Link, Repair, first_broken, repair_for
from connections.health.links import read as links_of
from connections.health.notices import NOTICES
from connections.models import Certificate, Connection, Step
from connections.plans import KINDS, has_worked
from connections.rotation.rotate import ROTATABLE
from connections.rotation.work import only_tidies
from connections.services import provisioning, rotation
from connections.services.removal import holders_of
from connections.standing import STANDING, differs
from core.clock import now
from jobs import services as jobs
from jobs.models import JobRun

LABELS = {
    "client_id": "Application (client) id",
    "application_id": "Application object id",
    "service_principal_id": "Service principal",
    "application_user_id": "Application user",
    "business_unit_id": "Business unit",
    "role_id": "Security role",
}
State = Connection.State
SETTING_UP = (State.DRAFT, State.PROVISIONING, State.DEGRADED)
SOON = 30.0  # seconds


@dataclass(frozen=True)
class Shown:
    """A step as the page shows it."""

    row: Step
    title: str
    remote_id: str
    can_retry: bool


@dataclass(frozen=True)
class Privilege:
    name: str
    depth: str
    applied: str
    is_base: bool


@dataclass(frozen=True)
class ShownLink:
    link: Link
    repair: Repair | None
    url: str


def portrait(actor: Actor, connection: Connection) -> dict[str, Any]:
    """The context of the page: facts, what is under way, and what this actor may do."""
    page = reverse("connections:detail", args=[connection.pk])
    tenant = connection.environment.tenant_id
    change = gate.check(actor, connection.team, tenant, back_to=page)
    register = gate.check(actor, connection.team, tenant, connection.reach, back_to=page)
    about = jobs.for_subject(connection).exclude(kind__in=NOTICES)
    runs = list(about.select_related("requested_by")[:6])
    under_way = next((run for run in runs if _is_under_way(run)), None)
    moving = under_way is not None and under_way.state != JobRun.State.WAITING
    waiting = under_way if not moving else None
    return {
        "connection": connection,
        "environment": connection.environment,
        "gate": change,
        "register": register,
        "runs": runs,
        "under_way": under_way,
        "moving": moving,
        "waiting": waiting,
        "continues": waiting is not None and waiting.kind == provisioning.KIND,
        "steps": _steps(
            connection, restartable=register.open and not moving and connection.state not in CLOSED
        ),
        "removing": connection.state in (State.REMOVING, State.REMOVED),
        "identifiers": _identifiers(connection),
        "certificates": connection.certificates.exclude(state=Certificate.State.REMOVED),
        "chain": _chain(connection, change.open, register.open, moving=moving),
        "rotation": rotation.plan(connection),
        "privileges": _privileges(connection),
        "role_differs": differs(connection),
        "left_behind": connection.certificates.filter(left_behind=True),
        "next_certificate": _next_certificate(connection),
        "worked": has_worked(connection),
        "users": holders_of(connection),
        "load": governor_of(connection).read() if connection.state in STANDING else None,
        "rename_form": RenameForm(initial={"name": connection.name, "revision": connection.revision}),
        "move_form": _move_form(actor, connection),
        "can": _abilities(connection, change.open, register.open, moving=moving),
    }


def _abilities(connection: Connection, change: bool, register: bool, *, moving: bool) -> dict[str, bool]:
    """Which buttons are shown. The services decide by themselves."""
    state = connection.state
    standing = state in STANDING
    return {
        "test": change and standing,
        "check": change and state in ROTATABLE,
        "apply_role": change and standing and not moving,
        "choose_role": change and state not in CLOSED,
        "hand_over": connection.is_manual and state not in CLOSED,
        "rotate": change and state in ROTATABLE and not moving,
        "rename": change and state not in (State.REMOVING, State.REMOVED),
        "move": change and state not in (State.REMOVING, State.REMOVED) and not moving,
        "disable": change and standing and not moving,
        "enable": change and state == State.DISABLED,
        "provision": register and not moving and state in SETTING_UP and _is_entered(connection),
        "repeat": register and standing and not moving and _is_entered(connection),
        "remove": register and state != State.REMOVED and not (moving and state == State.REMOVING),
        "abandon": register and state == State.REMOVING and not moving,
    }


def _chain(connection: Connection, change: bool, register: bool, *, moving: bool) -> list[ShownLink]:
    """The links as last checked, the first broken one with the button that mends it."""
    links = links_of(connection.links)
    broken = first_broken(links)
    shown = []
    for link in links:
        repair = _repair(connection, link) if link is broken and not moving else None
        if repair is not None and not (register if repair.action == "provision" else change):
            repair = None
        url = reverse(f"connections:{repair.action}", args=[connection.pk]) if repair else ""
        shown.append(ShownLink(link, repair, url))
    return shown


def _is_entered(connection: Connection) -> bool:
    """A manual connection has nothing to verify before somebody has entered its identifiers."""
    return bool(connection.identifiers.client_id) or not connection.is_manual


def _next_certificate(connection: Connection) -> Certificate | None:
    """Of a manual connection: what the administrator has to register before it can be used."""
    if not connection.is_manual:
        return None
    return connection.certificates.filter(state=Certificate.State.PENDING).first()


def _move_form(actor: Actor, connection: Connection) -> MoveForm | None:
    """None where there is no other team to give it to."""
    if actor.user is None:
        return None
    form = MoveForm(initial={"team": connection.team_id, "revision": connection.revision}, user=actor.user)
    others = form.fields["team"].queryset.exclude(pk=connection.team_id)  # type: ignore[attr-defined]
    return form if others.exists() else None


def _repair(connection: Connection, link: Link) -> Repair | None:
    """What an administrator has registered can only be looked at again, once they have mended it."""
    repair = repair_for(link)
    if repair is not None and connection.is_manual and link.name in ("application", "service_principal"):
        return replace(repair, label="Verify again")
    return repair


def _is_under_way(run: JobRun) -> bool:
    """What waits for its hour keeps nobody from anything, nor does the removal of an old certificate."""
    if only_tidies(run):
        return False
    if run.state == JobRun.State.QUEUED and not run.failures:
        return (run.not_before - now()).total_seconds() < SOON
    return not run.is_finished


def _steps(connection: Connection, *, restartable: bool) -> list[Shown]:
    identifiers = connection.identifiers.model_dump()
    shown = []
    for row in connection.steps.all():
        kind = KINDS.get(row.name)
        shown.append(
            Shown(
                row=row,
                title=kind.title if kind else row.name,
                remote_id=identifiers.get(kind.identifier, "") if kind and kind.identifier else "",
                can_retry=restartable and row.state in (Step.State.FAILED, Step.State.WAITING),
            )
        )
    return shown


def _identifiers(connection: Connection) -> list[tuple[str, str]]:
    known = connection.identifiers
    # Nobody tells Isthmus the service principal of an application that somebody else has registered.
    hidden = {"service_principal_id"} if connection.is_manual else set()
    return [(label, getattr(known, name)) for name, label in LABELS.items() if name not in hidden]


def _privileges(connection: Connection) -> list[Privilege]:
    wanted, applied = connection.wanted_role, connection.applied_privileges
    return [
        Privilege(name, wanted.get(name, ""), applied.get(name, ""), name in BASE)
        for name in sorted({*wanted, *applied}, key=lambda name: (name in BASE, name))
    ]
