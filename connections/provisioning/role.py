"""The security role, in the root business unit, holding exactly what is wanted and the documented base.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/security-roles
"""

from connections.models import Connection
from connections.names import role_name
from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work


def ensure(work: Work) -> Outcome:
    if not work.identifiers.role_name:
        work.remember(role_name=role_name(work.connection))
    if not work.identifiers.business_unit_id:
        work.remember(business_unit_id=work.dataverse.root_business_unit())
    found = find(work)
    role_id = found or create(work)
    work.remember(role_id=role_id)
    count = write(work)
    return Outcome(f"{work.identifiers.role_name} holds {count} privileges.", found=bool(found))


def find(work: Work) -> str:
    """The role's id, or "" when the environment has none of our name."""
    there = work.dataverse.roles(work.identifiers.role_name, work.identifiers.business_unit_id)
    return there[0].id if there else ""


def create(work: Work) -> str:
    with work.change("created the security role of"):
        return work.dataverse.create_role(work.identifiers.role_name, work.identifiers.business_unit_id)


def write(work: Work) -> int:
    """Make the role hold what it must, no more and no less; says how many privileges that is."""
    role = Connection.objects.get(pk=work.connection.pk).wanted_role
    if work.dataverse.role_privileges(work.identifiers.role_id) != role:
        with work.change("wrote the security role of"):
            work.dataverse.set_role_privileges(work.identifiers.role_id, role)
    with work.run.fenced():
        Connection.objects.filter(pk=work.connection.pk).update(applied_privileges=role)
    return len(role)


STEP = StepKind("role", "Security role", ensure, identifier="role_id")
