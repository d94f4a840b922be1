"""The links in the environment. What is missing there is made at once where the person may; else it is said.

The person needs no right in Entra for this, only to be an administrator of the environment.
"""

from connections.base_privileges import missing
from connections.manual import verdict
from connections.models import Connection
from connections.provisioning import application_user as making
from connections.provisioning import preconditions, role_assignment
from connections.provisioning import role as writing
from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work
from core.problems import NotPermitted, Problem
from microsoft.errors import Forbidden, MicrosoftError, NotFound, Unauthorized


def reachable(work: Work) -> Outcome:
    environment = work.connection.environment
    try:
        work.dataverse.who_am_i()
    except (Forbidden, NotFound, Unauthorized) as error:
        raise Problem(
            f"{environment} does not let you in: {error.message}",
            advice="Check in the Power Platform admin center that it is started and that you are a user of it.",
            ids=error.ids(),
        ) from error
    return Outcome(f"{environment.url} answers.")


def application_user(work: Work) -> Outcome:
    try:
        who = verdict.environment(work).who_am_i()
    except (Forbidden, Unauthorized) as error:
        return _make_user(work, error)
    work.remember(application_user_id=who.user_id, business_unit_id=who.business_unit_id)
    return Outcome("The environment knows the application as a user.", found=True)


def _make_user(work: Work, error: MicrosoftError) -> Outcome:
    if administers(work):
        work.remember(business_unit_id=work.dataverse.root_business_unit())
        return making.ensure(work)
    raise Problem(
        f"The application is no active user of {work.connection.environment}: {error.message}",
        advice="An administrator of the environment adds it as an application user, with the security role "
        "of the instructions. Then verify again.",
        ids=error.ids(),
        code=error.code,
    )


def role(work: Work) -> Outcome:
    if administers(work):
        outcome = writing.ensure(work)
        role_assignment.ensure(work)
        return outcome
    return _compare(work)


def _compare(work: Work) -> Outcome:
    """What the application's user holds, by whichever roles it was given, against what is wanted."""
    try:
        held = verdict.environment(work).user_privileges(work.identifiers.application_user_id)
    except Forbidden:
        held = {}  # not even enough to be asked
    with work.run.fenced():
        row = Connection.objects.select_for_update().get(pk=work.connection.pk)
        wanted = row.wanted_role
        row.applied_privileges = {name: depth for name, depth in held.items() if name in wanted}
        row.save(update_fields=["applied_privileges"])
    lacking = missing(wanted, held)
    if not lacking:
        return Outcome(
            f"The application user holds all {len(wanted)} privileges that are needed.", found=True
        )
    some = ", ".join(sorted(lacking)[:5]) + (" …" if len(lacking) > 5 else "")
    return Outcome(
        f"The application user lacks {len(lacking)} of {len(wanted)} privileges ({some}). An administrator of "
        "the environment adds them to its role; until then the connection is role pending.",
        found=True,
    )


def administers(work: Work) -> bool:
    """Whether the person may make users and roles in the environment."""
    try:
        return not preconditions.not_held(work)
    except NotPermitted:
        return False


ENVIRONMENT = StepKind("environment", "Environment", reachable)
APPLICATION_USER = StepKind(
    "application_user", "Application user", application_user, identifier="application_user_id"
)
ROLE = StepKind("role", "Security role", role, identifier="role_id")
