"""What every connection's role holds, whatever its integrations do, and why.

Nothing here lets a connection read or change a record of the business. The rest of a role comes from the
bound integrations, see `connections.services.privileges`.
"""

from collections.abc import Mapping

ORGANIZATION = "Global"
OWN = "Basic"

# Depths from the narrowest to the widest, as Dataverse names them.
DEPTHS = ("Basic", "Local", "Deep", "Global")

NOTHING: Mapping[str, str] = {}

BASE: dict[str, str] = {
    # The catalogue is refreshed and checked for drift unattended, with the connection's own identity.
    "prvReadEntity": ORGANIZATION,
    "prvReadAttribute": ORGANIZATION,
    "prvReadRelationship": ORGANIZATION,
    "prvReadOptionSet": ORGANIZATION,
    # Dataverse reads these itself to format money and dates for whoever asks.
    "prvReadOrganization": ORGANIZATION,
    "prvReadTransactionCurrency": ORGANIZATION,
    "prvReadUserSettings": OWN,
    # The health check asks what the connection's own user may do, to see whether the role has drifted.
    "prvReadUser": OWN,
}


def least_role(
    wanted: Mapping[str, str], deepest: str = ORGANIZATION, narrowest: Mapping[str, str] = NOTHING
) -> dict[str, str]:
    """Everything the role must hold: the base and what is wanted, each at the wider of two depths.

    What is wanted is held no deeper than `deepest`, except where the environment knows nothing as narrow:
    tables that belong to the organization have no owner to tell records apart by.
    """
    role = dict(BASE)
    for privilege, depth in wanted.items():
        chosen = min(depth, deepest, key=DEPTHS.index)
        role[privilege] = widest(chosen, narrowest.get(privilege, OWN), role.get(privilege, OWN))
    return role


def widest(*depths: str) -> str:
    return max(depths, key=DEPTHS.index)


def missing(wanted: Mapping[str, str], held: Mapping[str, str]) -> dict[str, str]:
    """What of `wanted` a role that holds `held` lacks, or has at too narrow a depth."""
    return {
        privilege: depth
        for privilege, depth in wanted.items()
        if privilege not in held or DEPTHS.index(held[privilege]) < DEPTHS.index(depth)
    }
