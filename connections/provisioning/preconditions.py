"""What must hold before anything is created, each answered in words a person can act on."""

from accounts.reach import READ_SELF
from connections.names import unique_name
from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work
from core.cloud import cloud
from core.problems import BadInput, NotPermitted
from microsoft.errors import Forbidden, MicrosoftError

# Roles of Entra whose holders may register applications whatever the tenant lets members do, by template id.
# https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/permissions-reference
REGISTRARS = {
    "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": "Application Administrator",
    "158c047a-c907-4556-b7ef-446551a6b5f7": "Cloud Application Administrator",
    "cf1c38e5-3621-4004-a7cb-879624dced7c": "Application Developer",
}

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
    # Graph lets this person in, or says what is missing.
    work.graph.find_application(unique_name(work.connection))
    able = f"{work.authorization} can reach Entra and is an administrator of {environment}."
    return Outcome(f"{able} {_registering(work)}".strip())


def _registering(work: Work) -> str:
    """What is known about registering applications. A tenant's rule for members is not readable by members.

    So this only informs: whether a member without a role may register, the attempt tells.
    """
    if cloud().graph_scope(READ_SELF) not in work.authorization.scopes:
        return ""
    try:
        held = work.graph.directory_roles()
    except MicrosoftError:
        return ""
    role = next((name for template, name in REGISTRARS.items() if template in held), "")
    if role:
        return f"As {role} in Entra they may register applications."
    return (
        "They have no role in Entra for registering applications: most tenants let every member do it, "
        "and the step after the next one tells."
    )


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
