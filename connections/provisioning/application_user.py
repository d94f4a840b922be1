"""The application user: the application's row in the environment, in the root business unit.

https://learn.microsoft.com/en-us/power-platform/admin/manage-application-users
"""

from connections.provisioning.patience import until_replicated
from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work
from microsoft.errors import Duplicate, Invalid


def ensure(work: Work) -> Outcome:
    client_id = work.identifiers.client_id
    user = work.dataverse.application_user(client_id)
    found = user is not None
    if user is None:
        _create(work, client_id)
        user = work.dataverse.application_user(client_id)
    if user is None:
        raise until_replicated(work, "The environment does not show the application user yet.")
    work.remember(application_user_id=user.id)
    if user.disabled:
        with work.change("enabled the application user of"):
            work.dataverse.enable_user(user.id)
    return Outcome("The application is a user of the environment.", found=found)


def _create(work: Work, client_id: str) -> None:
    try:
        with work.change("created the application user of"):
            work.dataverse.create_application_user(client_id, work.identifiers.business_unit_id)
    except Duplicate:
        return  # somebody was faster; the next look finds it
    except Invalid as error:
        # Dataverse looks the service principal up in Entra, where it may not have arrived yet.
        raise until_replicated(work, error.message, error) from error


STEP = StepKind("application_user", "Application user", ensure, identifier="application_user_id")
