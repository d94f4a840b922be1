"""Where a connection stands by its role: what it holds against what its integrations need."""

from accounts.actors import Actor
from connections.base_privileges import missing
from connections.models import Connection
from jobs import services as jobs
from jobs.models import JobRun

APPLY_ROLE = "connections.apply_role"
CHECK = "connections.check"
State = Connection.State
STANDING = (State.READY, State.ROLE_PENDING, State.DEGRADED)


def is_behind(connection: Connection) -> bool:
    """Whether the role, as last written, differs from what is wanted. A role that is not written yet is not."""
    return connection.state in STANDING and differs(connection)


def differs(connection: Connection) -> bool:
    """Whether what is in the environment, as last seen, is not what is wanted there."""
    lacking = missing(connection.wanted_role, connection.applied_privileges)
    # A role that others have made or chosen may hold more: it is not ours to change.
    if connection.existing_role or (connection.is_manual and not connection.identifiers.role_id):
        return bool(lacking)
    return bool(connection.applied_privileges != connection.wanted_role)


def note_standing(connection: Connection) -> None:
    """Set ready or role pending by what the role lacks. Other states have other reasons and stay."""
    lacking = missing(connection.wanted_role, connection.applied_privileges)
    if lacking and connection.state == State.READY:
        connection.state = State.ROLE_PENDING
        role = f"role {connection.existing_role}" if connection.existing_role else "role"
        connection.reason = (
            f"The {role} lacks {len(lacking)} of the privileges that its integrations need. "
            f"An administrator of {connection.environment} has to "
            f"{'add them to it' if connection.existing_role else 'apply them'}."
        )
    elif not lacking and connection.state == State.ROLE_PENDING:
        connection.state, connection.reason = State.READY, ""
    connection.save(update_fields=["state", "reason"])


def request_apply(actor: Actor, connection: Connection) -> JobRun:
    """Ask for the role to be brought to what is wanted. Call it inside the transaction of the change."""
    key = f"{APPLY_ROLE}:{connection.pk}:{connection.revision}"
    return jobs.request(APPLY_ROLE, actor=actor, subject=connection, key=key, priority=10)


def check_again(connection: Connection) -> JobRun | None:
    """After a repair: have what was found broken looked at again. Call it inside the transaction of the repair."""
    if not connection.broken_link:
        return None
    return jobs.request(CHECK, actor=Actor.system("health"), subject=connection, priority=5)
