"""What single tables do beyond storing rows."""

from sandbox.dataverse.behaviours.base import Behaviour
from sandbox.dataverse.behaviours.business_units import BusinessUnitBehaviour, TeamBehaviour
from sandbox.dataverse.behaviours.cases import IncidentBehaviour
from sandbox.dataverse.behaviours.roles import RoleBehaviour
from sandbox.dataverse.behaviours.users import UserBehaviour

USUAL = Behaviour()
BEHAVIOURS: dict[str, Behaviour] = {
    "businessunit": BusinessUnitBehaviour(),
    "incident": IncidentBehaviour(),
    "role": RoleBehaviour(),
    "systemuser": UserBehaviour(),
    "team": TeamBehaviour(),
}


def behaviour_of(table: str) -> Behaviour:
    return BEHAVIOURS.get(table, USUAL)


__all__ = ["Behaviour", "behaviour_of"]
