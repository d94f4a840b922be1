"""The security roles that every environment has."""

from collections.abc import Mapping

from sandbox.dataverse.behaviours.roles import SYSTEM_ADMINISTRATOR
from sandbox.dataverse.security.privileges import BASIC, DEEP, GLOBAL, LOCAL, VERBS, Privilege

TEMPLATES = {
    "System Administrator": SYSTEM_ADMINISTRATOR,
    "System Customizer": "119f245c-3cc8-4b62-b31c-d1a046ced15d",
    "Salesperson": "a4be89ff-7c35-4d69-9900-999c3f603e6f",
    "Basic User": "b4bdb0c6-1b0f-4f0f-8d0c-6f2f6f6d2c11",
}
READ_BY_ALL = (
    "User",
    "BusinessUnit",
    "Team",
    "Role",
    "TransactionCurrency",
    "Organization",
    "UserSettings",
    "Product",
    "PriceLevel",
    "Query",
    "UoMSchedule",
    "Subject",
    "Queue",
    "SdkMessage",
    "Solution",
    "Publisher",
)
METADATA = ("prvReadEntity", "prvReadAttribute", "prvReadRelationship", "prvReadOptionSet")
SECURITY_TABLES = ("User", "BusinessUnit", "Team", "Role", "Organization", "UserSettings")
SALES_TABLES = ("Account", "Contact", "Lead", "Opportunity", "Quote", "Order", "Invoice", "Activity", "Note")
OTHER_VERBS = [verb for verb in VERBS if verb != "Read"]
# Only administrators touch these; everything else about customizing is open to customizers.
ADMINISTRATIVE = frozenset(
    {
        "prvActOnBehalfOfAnotherUser",
        "prvAssignRole",
        "prvBypassCustomBusinessLogic",
        "prvBypassCustomPlugins",
        "prvDisableUser",
    }
)


def _base(privileges: Mapping[str, Privilege]) -> dict[str, int]:
    """What everybody needs to find their way: metadata, people, currencies, views."""
    wanted = [*METADATA, *(f"prvRead{table}" for table in READ_BY_ALL), "prvAppendToTransactionCurrency"]
    held = {name: GLOBAL for name in wanted if name in privileges}
    # Everybody keeps views of their own.
    own = {f"prv{verb}UserQuery": BASIC for verb in VERBS}
    return held | {name: depth for name, depth in own.items() if name in privileges}


def _customizer(privileges: Mapping[str, Privilege]) -> dict[str, int]:
    held = _base(privileges)
    for privilege in privileges.values():
        about_security = privilege.name.endswith(SECURITY_TABLES) and privilege.verb != "Read"
        if privilege.name not in ADMINISTRATIVE and not about_security:
            held[privilege.name] = GLOBAL
    for table in ("User", "BusinessUnit", "Team"):
        held[f"prvAppendTo{table}"] = GLOBAL
    return held


def _salesperson(privileges: Mapping[str, Privilege]) -> dict[str, int]:
    held = _base(privileges)
    for table in SALES_TABLES:
        held[f"prvRead{table}"] = DEEP
        held |= {f"prv{verb}{table}": BASIC for verb in OTHER_VERBS}
        held[f"prvAppendTo{table}"] = DEEP
    held["prvReadIncident"] = LOCAL
    held["prvReadsmp_Project"] = LOCAL
    return {name: depth for name, depth in held.items() if name in privileges}


def _basic(privileges: Mapping[str, Privilege]) -> dict[str, int]:
    held = _base(privileges)
    for table in ("Account", "Contact", "Activity", "Note"):
        held |= {f"prv{verb}{table}": BASIC for verb in VERBS}
    return {name: depth for name, depth in held.items() if name in privileges}


def role_contents(privileges: Mapping[str, Privilege]) -> dict[str, dict[str, int]]:
    """Depth by privilege name, by role name."""
    return {
        "System Administrator": dict.fromkeys(privileges, GLOBAL),
        "System Customizer": _customizer(privileges),
        "Salesperson": _salesperson(privileges),
        "Basic User": _basic(privileges),
    }
