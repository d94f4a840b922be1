"""Which steps set a connection up, and which take it away: by its kind, and by whether it ever worked."""

from connections.manual.plan import VERIFY
from connections.models import Connection
from connections.provisioning.plan import PROVISION
from connections.provisioning.shape import StepKind
from connections.removal.steps import REMOVE, REMOVE_MANUAL, UNDO

# Every step there is, by name: what pages show of the rows.
KINDS = {step.name: step for step in (*PROVISION, *VERIFY, *REMOVE, *UNDO, *REMOVE_MANUAL)}


def plan_of(connection: Connection) -> tuple[StepKind, ...]:
    return VERIFY if connection.is_manual else PROVISION


def removal_of(connection: Connection) -> tuple[StepKind, ...]:
    if connection.is_manual:
        return REMOVE_MANUAL
    return REMOVE if has_worked(connection) else UNDO


def has_worked(connection: Connection) -> bool:
    """Whether calls were ever made by it: until then, all that there is can be taken back without a trace."""
    return connection.certificates.filter(activated_at__isnull=False).exists()
