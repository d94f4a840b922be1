"""The plan: which steps, in which order."""

from connections.provisioning import (
    application,
    application_user,
    key_pair,
    owner,
    preconditions,
    proof,
    role,
    role_assignment,
    service_principal,
)
from connections.provisioning.shape import StepKind

# The environment's own precondition comes before anything is created in Entra: somebody who cannot finish
# must not leave an application behind.
PROVISION: tuple[StepKind, ...] = (
    preconditions.STEP,
    key_pair.STEP,
    application.STEP,
    owner.STEP,
    service_principal.STEP,
    role.STEP,
    application_user.STEP,
    role_assignment.STEP,
    proof.STEP,
)
