"""What must hold before anything is created, each answered in words a person can act on."""

from connections.names import unique_name
from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work
from core.problems import BadInput, NotPermitted
from microsoft.errors import Forbidden

# What the steps ask of the person in the environment. System Administrator has all of them, nobody else does
# as Dynamics is delivered.
NEEDED = ("prvCreateRole", "prvCreateUser", "prvAssignRole")


def ensure(work: Work) -> Outcome:
    environment = work.connection.environment
    if not environment.enabled:
        raise BadInput(
            f"{environment} is switched off.",
            advice="Start it in the Power Platform admin center, then retry from this step.",
        )
    require_administrator(work)
    # Graph lets this person in, or says what is missing. Whether they may register, only the attempt tells.
    work.graph.find_application(unique_name(work.connection))
    return Outcome(f"{work.authorization} can reach Entra and is an administrator of {environment}.")


def require_administrator(work: Work) -> None:
    """Raises NotPermitted unless the person may create roles and users in the environment."""
    lacking = not_held(work)
    if lacking:
        raise not_an_administrator(work, f"Missing: {', '.join(lacking)}.")


def not_held(work: Work) -> list[str]:
    """Which of the needed privileges the person does not have in the environment."""
    try:
        me = work.dataverse.who_am_i()
        held = work.dataverse.user_privileges(me.user_id)
    except Forbidden as error:
        raise not_an_administrator(work, error.message, error) from error
    return [name for name in NEEDED if name not in held]


def not_an_administrator(work: Work, detail: str, error: Forbidden | None = None) -> NotPermitted:
    environment = work.connection.environment
    return NotPermitted(
        f"{work.authorization} is not a System Administrator of {environment}. {detail}",
        advice=f"Ask for the security role System Administrator in {environment}, "
        "or let somebody who has it create the connection.",
        ids=error.ids() if error else {},
        code=error.code if error else "",
    )


STEP = StepKind("preconditions", "Preconditions", ensure)
