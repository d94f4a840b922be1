"""What is verified, in the order in which the links must hold. The proof is the same as for the automatic kind."""

from connections.manual import entra, environment, renewal
from connections.provisioning import proof
from connections.provisioning.shape import StepKind

VERIFY: tuple[StepKind, ...] = (
    entra.TENANT,
    environment.ENVIRONMENT,
    entra.APPLICATION,
    entra.SERVICE_PRINCIPAL,
    entra.KEY,
    environment.APPLICATION_USER,
    environment.ROLE,
    renewal.STEP,
    proof.STEP,
)
