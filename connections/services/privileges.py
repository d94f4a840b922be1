"""What a connection's role must hold: recorded when integrations are bound, applied by an administrator.

Changing a role takes the token of an administrator of the environment. Whoever binds or publishes may not be
one, so the wish and its fulfilment are two things.
"""

from collections.abc import Mapping

from django.db import transaction

from accounts import audit, gate
from accounts.actors import Actor
from connections.base_privileges import DEPTHS
from connections.models import Connection
from connections.services import access
from connections.standing import STANDING, is_behind, note_standing, request_apply
from core.problems import Clash, NotPermitted
from jobs.models import JobRun


def record(actor: Actor, connection: Connection, wanted: Mapping[str, str]) -> JobRun | None:
    """Keep what the bound integrations need (privilege name → depth) and have it applied by a job.

    Call it inside the transaction of the binding: it asks nobody but our own records. Returns the job that will
    apply it with the actor's authorization, or None where there is nothing to apply (yet). Until the job is done
    a connection that lacks something is *role pending*; where the actor may not change roles it stays so.

    Raises:
        NotPermitted: the gate looks closed to the actor.
        ValueError: a depth that Dataverse does not know.

    """
    wrong = sorted(set(wanted.values()) - set(DEPTHS))
    if wrong:
        raise ValueError(f"Dataverse has no depth named {', '.join(wrong)}.")
    seen = gate.check(actor, connection.team, connection.environment.tenant_id)
    if not seen.open:
        raise NotPermitted(seen.message, remedy=seen.remedy, code=seen.reason)
    with transaction.atomic():
        row = access.hold(connection)
        changed = row.wanted_privileges != wanted
        row.wanted_privileges = dict(wanted)
        row.save(update_fields=["wanted_privileges", "revision"])
        if changed:
            audit.record(actor, "changed the wanted privileges of", row, fields=["wanted_privileges"])
        note_standing(row)
        return request_apply(actor, row) if is_behind(row) else None


def apply(actor: Actor, connection: Connection) -> JobRun:
    """Have the role brought to what is wanted, with the actor's own token.

    Raises:
        NotPermitted, GateClosed: the gate.
        Clash: the connection has no role yet, or is closed.

    """
    access.require(actor, connection)
    with transaction.atomic():
        row = access.hold(connection)
        if not row.identifiers.application_user_id or row.state not in STANDING:
            raise Clash("There is no role to change in this state of the connection.")
        row.save(update_fields=["revision"])
        audit.record(actor, "asked to apply the role of", row)
        return request_apply(actor, row)
