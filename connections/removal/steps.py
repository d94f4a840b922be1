"""What is taken away at Microsoft, in the order in which it stops doing harm. Each step looks first.

A deleted application stays restorable for 30 days, presumably with its keys: so those go first.
"""

from accounts import gate
from accounts.reach import Reach
from connections.names import unique_name
from connections.provisioning import role
from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work
from core.problems import Problem
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


def delete_application_user(work: Work) -> Outcome:
    """Of a connection that has never worked: no record can name it. Only disabled ones can be deleted."""
    user = _application_user(work)
    if user is None:
        return Outcome("There was no application user.", found=True)
    try:
        with work.change("deleted the application user of"):
            if not user.disabled:
                work.dataverse.disable_user(user.id)
            work.dataverse.delete("systemusers", user.id)
    except NotFound:
        return Outcome("The application user was gone already.", found=True)
    return Outcome("Deleted; nothing was ever done by it.")


def delete_role(work: Work) -> Outcome:
    user, chosen = _application_user(work), work.connection.existing_role
    if chosen and user is not None and work.identifiers.role_id:
        with work.change("took a security role from the application user of"):
            work.dataverse.remove_role(user.id, work.identifiers.role_id)
    role_id = role.find(work) if work.identifiers.business_unit_id else ""
    if not role_id:
        said = (
            f"{chosen} is the environment's own and stays."
            if chosen
            else "There was no role of this connection."
        )
        return Outcome(said, found=True)
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


def hand_back_application(work: Work) -> Outcome:
    """An administrator's registration: deleted only by somebody who may, else a task for that administrator."""
    known = work.identifiers
    if not known.client_id:
        return Outcome("No application was ever entered.", found=True)
    tenant_id = work.connection.environment.tenant_id
    may = gate.check(work.run.actor, work.connection.team, tenant_id, Reach.GRAPH).open
    if not may or not known.application_id:
        raise Problem(
            "The application was registered by an administrator, and Isthmus may not delete it.",
            advice=f"Ask them to delete the app registration with the client id {known.client_id} in Entra. "
            "When that is done, forget the connection here.",
        )
    with work.change("deleted the application of"):
        work.graph.delete_application(known.application_id)
    return Outcome("Deleted, with its service principal.")


def _application(work: Work) -> Application | None:
    """By name, so that one which was created but never noted is found as well."""
    return work.graph.find_application(unique_name(work.connection))


def _application_user(work: Work) -> ApplicationUser | None:
    nameless = not work.identifiers.client_id and not work.connection.is_manual
    application = _application(work) if nameless else None
    client_id = application.app_id if application else work.identifiers.client_id
    return work.dataverse.application_user(client_id) if client_id else None


_KEYS = StepKind("remove_keys", "Certificates", remove_keys)
_DISABLE = StepKind("disable_application_user", "Application user", disable_application_user)
_DELETE_USER = StepKind("delete_application_user", "Application user", delete_application_user)
_ROLE = StepKind("delete_role", "Security role", delete_role)
_APPLICATION = StepKind("delete_application", "Application in Entra", delete_application)
_HAND_BACK = StepKind("hand_back_application", "Application in Entra", hand_back_application)

REMOVE: tuple[StepKind, ...] = (_KEYS, _DISABLE, _ROLE, _APPLICATION)
UNDO: tuple[StepKind, ...] = (_KEYS, _DELETE_USER, _ROLE, _APPLICATION)
REMOVE_MANUAL: tuple[StepKind, ...] = (_DISABLE, _ROLE, _HAND_BACK)
