"""The role on the application user. Both must be of the same business unit.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/associate-disassociate-entities-using-web-api
"""

from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work


def ensure(work: Work) -> Outcome:
    user, role = work.identifiers.application_user_id, work.identifiers.role_id
    if role in {held.id for held in work.dataverse.user_roles(user)}:
        return Outcome("The application user has the role.", found=True)
    with work.change("assigned the security role of"):
        work.dataverse.assign_role(user, role)
    return Outcome("The application user has the role.")


STEP = StepKind("role_assignment", "Role assignment", ensure)
