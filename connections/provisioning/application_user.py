"""The application user: the application's row in the environment, in the root business unit.

https://learn.microsoft.com/en-us/power-platform/admin/manage-application-users
"""

from connections.provisioning.patience import until_replicated
from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work
from microsoft.dataverse import ApplicationUser
from microsoft.errors import Duplicate, Invalid, NotAllowed, NotFound

OWNS_RECORDS = "0x80040227"


def ensure(work: Work) -> Outcome:
    client_id = work.identifiers.client_id
    user = work.dataverse.application_user(client_id)
    if user is not None and _is_of_another_principal(work, user):
        # There can be one for each application, so that the new one is not there yet to be its heir.
        _take_away(work, user.id, heir=work.dataverse.who_am_i().user_id)
        user = None
    found = user is not None
    if user is None:
        _create(work, client_id)
        user = work.dataverse.application_user(client_id)
    if user is None:
        raise until_replicated(work, "The environment does not show the application user yet.")
    before = work.identifiers.application_user_id
    if before and before.lower() != user.id.lower():
        _take_away(work, before, heir=user.id)
    work.remember(application_user_id=user.id)
    if user.disabled:
        with work.change("enabled the application user of"):
            work.dataverse.enable_user(user.id)
    return Outcome("The application is a user of the environment.", found=found)


def _is_of_another_principal(work: Work, user: ApplicationUser) -> bool:
    """Dataverse keeps the service principal's object id: made anew, the principal is a stranger to it."""
    mine = work.identifiers.service_principal_id.lower()
    return bool(user.object_id and mine) and user.object_id.lower() != mine


def _take_away(work: Work, user_id: str, *, heir: str) -> None:
    """Remove a user that no application can act as any more. Only disabled ones that own nothing can be deleted."""
    try:
        _delete(work, user_id)
    except NotFound:
        return
    except NotAllowed as error:
        if error.code.lower() != OWNS_RECORDS:
            raise
        with work.change("handed over the records of the application user of"):
            work.dataverse.reassign_records(user_id, heir)
        _delete(work, user_id)


def _delete(work: Work, user_id: str) -> None:
    with work.change("deleted the application user of"):
        work.dataverse.disable_user(user_id)
        work.dataverse.delete("systemusers", user_id)


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
