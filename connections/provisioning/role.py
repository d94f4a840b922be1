"""The security role, in the root business unit, holding exactly what is wanted and the documented base.

Where the team has chosen a role of the environment instead, that one is looked up and never written to.
https://learn.microsoft.com/en-us/power-apps/developer/data-platform/security-roles
"""

from connections.base_privileges import missing
from connections.models import Connection
from connections.names import role_name
from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work
from core.problems import Problem


def ensure(work: Work) -> Outcome:
    if not work.identifiers.business_unit_id:
        work.remember(business_unit_id=work.dataverse.root_business_unit())
    chosen = Connection.objects.values_list("existing_role", flat=True).get(pk=work.connection.pk)
    return _look_at(work, chosen) if chosen else _keep_our_own(work)


def _keep_our_own(work: Work) -> Outcome:
    if not work.identifiers.role_name:
        work.remember(role_name=role_name(work.connection))
    found = find(work)
    role_id = found or create(work)
    work.remember(role_id=role_id)
    count = write(work)
    return Outcome(f"{work.identifiers.role_name} holds {count} privileges.", found=bool(found))


def _look_at(work: Work, name: str) -> Outcome:
    there = work.dataverse.roles(name, work.identifiers.business_unit_id)
    if not there:
        raise Problem(
            f"The environment has no role named {name} in its root business unit any more.",
            advice="Choose another role for the connection, or have Isthmus generate one.",
        )
    held = work.dataverse.role_privileges(there[0].id)
    work.remember(role_id=there[0].id)
    with work.run.fenced():
        Connection.objects.filter(pk=work.connection.pk).update(applied_privileges=held)
    wanted = Connection.objects.get(pk=work.connection.pk).wanted_role
    lacking = missing(wanted, held)
    said = f"{name} holds {len(held)} privileges"
    return Outcome(f"{said} and lacks {len(lacking)}." if lacking else f"{said}.", found=True)


def find(work: Work) -> str:
    """The id of the role that we made, or "" when the environment has none of its name."""
    if not work.identifiers.role_name:
        return ""
    there = work.dataverse.roles(work.identifiers.role_name, work.identifiers.business_unit_id)
    return there[0].id if there else ""


def create(work: Work) -> str:
    with work.change("created the security role of"):
        return work.dataverse.create_role(work.identifiers.role_name, work.identifiers.business_unit_id)


def write(work: Work) -> int:
    """Make the role hold what it must, no more and no less; says how many privileges that is."""
    role = _wanted(work)
    if work.dataverse.role_privileges(work.identifiers.role_id) != role:
        with work.change("wrote the security role of"):
            work.dataverse.set_role_privileges(work.identifiers.role_id, role)
    with work.run.fenced():
        Connection.objects.filter(pk=work.connection.pk).update(applied_privileges=role)
    return len(role)


def _wanted(work: Work) -> dict[str, str]:
    """What the role must hold. A depth that a privilege cannot have is found out here, and kept."""
    row = Connection.objects.get(pk=work.connection.pk)
    if row.depth != Connection.Depth.ORGANIZATION:
        depths = work.dataverse.narrowest_depths(row.wanted_privileges)
        row.narrowest_depths = {name: depth for name, depth in depths.items() if depth != row.Depth.OWN}
        with work.run.fenced():
            Connection.objects.filter(pk=row.pk).update(narrowest_depths=row.narrowest_depths)
    return row.wanted_role


STEP = StepKind("role", "Security role", ensure, identifier="role_id")
