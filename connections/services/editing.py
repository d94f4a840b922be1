"""Changing what a connection is: its team, the depth of its role, or the role itself."""

from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from accounts import audit, gate
from accounts.actors import Actor
from accounts.models import Team
from connections.base_privileges import BASE, least_role, missing
from connections.clients import dataverse_as
from connections.models import Connection
from connections.provisioning.preconditions import NEEDED
from connections.services import access
from connections.services.removal import users_of
from connections.standing import STANDING, is_behind, note_standing, request_apply
from core.problems import BadInput, Clash, NotPermitted
from jobs import services as jobs
from jobs.models import JobRun

# What no connection may hold, whichever role is chosen: it could then do whatever anybody can.
NEVER = {"prvActOnBehalfOfAnotherUser"}
UNCHANGEABLE = (Connection.State.REMOVING, Connection.State.REMOVED)


@dataclass(frozen=True)
class RoleCheck:
    """An existing role against what is wanted: privilege name → depth that it lacks, and names that it has besides."""

    name: str
    role_id: str
    held: dict[str, str]
    lacking: dict[str, str] = field(default_factory=dict)
    excess: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        return not (self.lacking or self.excess or self.forbidden)


def move(actor: Actor, connection: Connection, team: Team, revision: int | None = None) -> None:
    """Give the connection to another team, with its jobs. Its application and certificate stay as they are.

    Raises:
        NotPermitted, GateClosed: the gate, in both teams.
        Clash: something uses the connection (nothing binds across teams), a job is under way, or somebody
            changed it since `revision` was read.
        BadInput: the other team has a connection of this name.

    """
    access.require(actor, connection)
    gate.require(actor, team, connection.environment.tenant_id)
    try:
        with transaction.atomic():
            row = access.hold(connection, revision=revision)
            if row.state in UNCHANGEABLE:
                raise Clash(f"A connection that is {row.get_state_display().lower()} is not moved.")
            if team.pk == row.team_id:
                return
            used_by = users_of(row)
            if used_by:
                raise Clash(
                    f"This connection is in use: {'; '.join(used_by)}. Nothing binds across teams.",
                    title="The connection is in use",
                    advice="Bind those integrations to another connection first.",
                )
            _refuse_while_running(row)
            before, row.team = row.team, team
            row.save(update_fields=["team", "revision"])
            jobs.for_subject(row).update(team=team)
            values = {"team": [before.name, team.name]}
            audit.record(
                actor, "moved", row, fields=["team"], values=values, message=f"From {before} to {team}."
            )
    except IntegrityError:
        raise BadInput(
            f"{team} has a connection named {connection.name} already.",
            fields={"team": "Rename the connection first, or choose another team."},
        ) from None
    connection.refresh_from_db()


def choose_depth(
    actor: Actor, connection: Connection, depth: str, revision: int | None = None
) -> JobRun | None:
    """How deep the generated role reaches; the job that applies it, None where there is nothing to apply yet.

    Raises:
        NotPermitted, GateClosed: the gate.
        BadInput: no such depth.
        Clash: closed, or changed since `revision` was read.

    """
    access.require(actor, connection)
    _check_depth(depth)
    return _choose(actor, connection, depth=depth, existing_role="", revision=revision)


@dataclass(frozen=True)
class Change:
    """One privilege of the generated role: the depth held now, as last seen, and then; "" where it is not held."""

    privilege: str
    now: str
    then: str

    @property
    def differs(self) -> bool:
        return self.now != self.then


def preview(actor: Actor, connection: Connection, depth: str) -> list[Change]:
    """What a generated role of this depth would hold against what is held now, differences first. Changes nothing.

    Another depth is looked up as the actor: the environment knows which privileges it cannot hold so narrowly.

    Raises:
        NotPermitted, GateClosed: the gate.
        BadInput: no such depth.
        MicrosoftError: the environment could not be asked.

    """
    _check_depth(depth)
    wanted, narrowest = connection.wanted_privileges, connection.narrowest_depths
    if depth not in (connection.depth, Connection.Depth.ORGANIZATION):
        authorization = access.require(actor, connection)
        narrowest = dataverse_as(authorization, connection.environment).narrowest_depths(wanted)
    held, then = connection.applied_privileges, least_role(wanted, depth, narrowest)
    changes = [Change(name, held.get(name, ""), then.get(name, "")) for name in sorted({*held, *then})]
    return sorted(changes, key=lambda change: not change.differs)


def choose_role(
    actor: Actor, connection: Connection, name: str, *, accept: bool = False, revision: int | None = None
) -> JobRun | None:
    """Use a role of the environment instead of one of ours; the job that assigns it.

    `accept`: somebody has read what it lacks and has besides, and means it.

    Raises:
        NotPermitted, GateClosed: the gate, and the rights of an administrator of the environment.
        BadInput: there is no such role; it is one that no connection may have (code "forbidden"); or it is
            too small or too large (code "misfit") and nobody said that this is meant.
        MicrosoftError: the person may not look at roles there.

    """
    found = compare(actor, connection, name)
    _require_administrator(actor, connection)
    if found.forbidden:
        raise BadInput(
            f"{found.name} holds {', '.join(found.forbidden)}: whoever has that can do whatever anybody can.",
            fields={"role": "No connection may use this role."},
            code="forbidden",
        )
    if not found.fits and not accept:
        raise BadInput(
            f"{found.name} lacks {len(found.lacking)} privileges and holds {len(found.excess)} that nothing needs.",
            fields={"role": "Read what it lacks and has besides, and say that this role is meant."},
            code="misfit",
        )
    return _choose(actor, connection, depth=connection.depth, existing_role=found.name, revision=revision)


def compare(actor: Actor, connection: Connection, name: str) -> RoleCheck:
    """Look at a role with the person's own rights. Raises as `choose_role` does."""
    authorization = access.require(actor, connection)
    dataverse = dataverse_as(authorization, connection.environment)
    there = dataverse.roles(name.strip(), dataverse.root_business_unit()) if name.strip() else []
    if not there:
        raise BadInput(
            f"{connection.environment} has no role named {name.strip() or '(nothing)'} in its root business unit.",
            fields={"role": "There is no such role in the root business unit."},
        )
    held = dataverse.role_privileges(there[0].id)
    wanted = connection.wanted_role
    return RoleCheck(
        name=there[0].name,
        role_id=there[0].id,
        held=held,
        lacking=missing(wanted, held),
        excess=tuple(sorted(set(held) - set(wanted) - set(BASE))),
        forbidden=tuple(sorted(NEVER & set(held))),
    )


def roles_there(actor: Actor, connection: Connection) -> list[str]:
    """Names of the roles of the root business unit, as the person sees them."""
    authorization = access.require(actor, connection)
    dataverse = dataverse_as(authorization, connection.environment)
    return sorted({role.name for role in dataverse.roles("", dataverse.root_business_unit())})


def _choose(
    actor: Actor, connection: Connection, *, depth: str, existing_role: str, revision: int | None
) -> JobRun | None:
    with transaction.atomic():
        row = access.hold(connection, revision=revision)
        if row.state in (*UNCHANGEABLE, Connection.State.DISABLED):
            raise Clash(f"The role of a connection that is {row.get_state_display().lower()} is not changed.")
        before = {"depth": row.depth, "existing_role": row.existing_role}
        known = row.identifiers
        if row.existing_role and row.existing_role != existing_role and known.role_id:
            row.identifiers = known.model_copy(update={"former_role_id": known.role_id})
        changed = before != {"depth": depth, "existing_role": existing_role}
        row.depth, row.existing_role = depth, existing_role
        row.save(update_fields=["depth", "existing_role", "sealed_identifiers", "revision"])
        if changed:
            values = {name: [before[name], getattr(row, name)] for name in before}
            audit.record(actor, "changed the role of", row, fields=list(before), values=values)
        note_standing(row)
        standing = row.state in STANDING and known.application_user_id
        run = request_apply(actor, row) if standing and (changed or is_behind(row)) else None
    connection.refresh_from_db()
    return run


def _check_depth(depth: str) -> None:
    if depth not in Connection.Depth.values:
        raise BadInput("There is no such depth.", fields={"depth": "Choose one of the three."})


def _require_administrator(actor: Actor, connection: Connection) -> None:
    """Assigning another role cannot wait for somebody else: until then nobody could say which one is in use."""
    authorization = access.require(actor, connection)
    dataverse = dataverse_as(authorization, connection.environment)
    held = dataverse.user_privileges(dataverse.who_am_i().user_id)
    if [name for name in NEEDED if name not in held]:
        raise NotPermitted(
            f"Choosing a role takes a System Administrator of {connection.environment}, and you are none there.",
            advice="Let a builder who is one choose it.",
        )


def _refuse_while_running(connection: Connection) -> None:
    if jobs.for_subject(connection).filter(state=JobRun.State.RUNNING).exists():
        raise Clash("A job is at work on this connection.", advice="Wait until it has ended.")
