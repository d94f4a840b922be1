"""The role on the application user. Both must be of the same business unit.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/associate-disassociate-entities-using-web-api
"""

from connections.provisioning import role
from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work
from microsoft.errors import NotFound


def ensure(work: Work) -> Outcome:
    user, wanted = work.identifiers.application_user_id, work.identifiers.role_id
    held = {one.id for one in work.dataverse.user_roles(user)}
    if wanted not in held:
        with work.change("assigned the security role of"):
            work.dataverse.assign_role(user, wanted)
    _give_up_others(work, user, held - {wanted})
    return Outcome("The application user has the role.", found=wanted in held)


def _give_up_others(work: Work, user: str, others: set[str]) -> None:
    """Once the wanted role is there: the one that was used before goes, and ours is deleted when it is not in use."""
    before = work.identifiers.former_role_id
    ours = role.find(work)
    for gone in {before, ours} & others:
        with work.change("took a security role from the application user of"):
            work.dataverse.remove_role(user, gone)
    if ours and ours != work.identifiers.role_id:
        try:
            with work.change("deleted the security role of"):
                work.dataverse.delete("roles", ours)
        except NotFound:
            pass
    if before:
        work.remember(former_role_id="")


STEP = StepKind("role_assignment", "Role assignment", ensure)
