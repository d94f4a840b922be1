"""What is taken away at Microsoft, in the order in which it stops doing harm. Each step looks first.

A deleted application stays restorable for 30 days, presumably with its keys: so those go first.
"""

from connections.names import unique_name
from connections.provisioning import role
from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work
from microsoft.dataverse import ApplicationUser
from microsoft.errors import NotFound
from microsoft.graph import Application


def remove_keys(work: Work) -> Outcome:
    application = _application(work)
    if application is None or not application.keys:
        return Outcome("There was no certificate left.", found=True)
    with work.change("removed the certificates of"):
        work.graph.set_keys(application.id, keep=[])
    return Outcome("Nobody can sign in as the application any more.")


def disable_application_user(work: Work) -> Outcome:
    user = _application_user(work)
    if user is None or user.disabled:
        return Outcome("There was no active application user.", found=True)
    with work.change("disabled the application user of"):
        work.dataverse.disable_user(user.id)
    return Outcome("Deactivated. Dynamics keeps its row, because records name it as their author.")


def delete_role(work: Work) -> Outcome:
    role_id = _role_id(work)
    if not role_id:
        return Outcome("There was no role of this connection.", found=True)
    user = _application_user(work)
    try:
        with work.change("deleted the security role of"):
            if user is not None:
                work.dataverse.remove_role(user.id, role_id)  # a role in use is not deleted
            work.dataverse.delete("roles", role_id)
    except NotFound:
        return Outcome("The role was gone already.", found=True)
    return Outcome("Deleted.")


def delete_application(work: Work) -> Outcome:
    application = _application(work)
    if application is None:
        return Outcome("There was no application of this connection.", found=True)
    with work.change("deleted the application of"):
        work.graph.delete_application(application.id)
    return Outcome("Deleted, with its service principal.")


def _application(work: Work) -> Application | None:
    """By name, so that one which was created but never noted is found as well."""
    return work.graph.find_application(unique_name(work.connection))


def _application_user(work: Work) -> ApplicationUser | None:
    application = None if work.identifiers.client_id else _application(work)
    client_id = application.app_id if application else work.identifiers.client_id
    return work.dataverse.application_user(client_id) if client_id else None


def _role_id(work: Work) -> str:
    """By name as well, for the same reason. The recorded id alone may be gone or may never have been noted."""
    if not work.identifiers.role_name or not work.identifiers.business_unit_id:
        return ""
    return role.find(work)


REMOVE: tuple[StepKind, ...] = (
    StepKind("remove_keys", "Certificates", remove_keys),
    StepKind("disable_application_user", "Application user", disable_application_user),
    StepKind("delete_role", "Security role", delete_role),
    StepKind("delete_application", "Application in Entra", delete_application),
)
