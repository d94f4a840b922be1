"""Which privileges exist: a verb on a table, and those that stand alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.dataverse.metadata.build import stable_id
from sandbox.dataverse.metadata.model import Table

BASIC, LOCAL, DEEP, GLOBAL = 1, 2, 4, 8
DEPTHS = {"Basic": BASIC, "Local": LOCAL, "Deep": DEEP, "Global": GLOBAL}
DEPTH_NAMES = {mask: name for name, mask in DEPTHS.items()}

# AccessRights, as the privilege table numbers them.
VERBS = {
    "Create": 32,
    "Read": 1,
    "Write": 2,
    "Delete": 65536,
    "Append": 4,
    "AppendTo": 16,
    "Assign": 524288,
    "Share": 262144,
}
# The one id that Microsoft's own pages print.
KNOWN_IDS = {"prvReadAccount": "886b280c-6396-4d56-a0a3-2c1b0a50ceb0"}
STANDALONE = (
    "prvActOnBehalfOfAnotherUser",
    "prvAssignRole",
    "prvBulkDelete",
    "prvBypassCustomBusinessLogic",
    "prvBypassCustomPlugins",
    "prvCreateAttribute",
    "prvCreateEntity",
    "prvCreateOptionSet",
    "prvCreateRelationship",
    "prvDeleteAttribute",
    "prvDeleteEntity",
    "prvDeleteOptionSet",
    "prvDeleteRelationship",
    "prvDisableUser",
    "prvExportToExcel",
    "prvPublishCustomization",
    "prvReadAttribute",
    "prvReadEntity",
    "prvReadOptionSet",
    "prvReadRelationship",
    "prvWriteAttribute",
    "prvWriteEntity",
    "prvWriteOptionSet",
    "prvWriteRelationship",
)


@dataclass(frozen=True, slots=True)
class Privilege:
    """`depths` is the sum of the depths it can be given at."""

    id: str
    name: str
    verb: str
    depths: int


def privilege_id(name: str) -> str:
    return KNOWN_IDS.get(name) or stable_id("privilege", name)


def table_privileges(table: Table) -> list[Privilege]:
    """The privileges of one table; tables nobody owns have none."""
    if table.ownership == "None" or table.is_intersect or table.is_view:
        return []
    owned = table.ownership == "UserOwned"
    depths = GLOBAL if table.ownership == "OrganizationOwned" else BASIC | LOCAL | DEEP | GLOBAL
    verbs = [verb for verb in VERBS if owned or verb not in {"Assign", "Share"}]
    names = {verb: f"prv{verb}{table.access_name}" for verb in verbs}
    return [Privilege(privilege_id(name), name, verb, depths) for verb, name in names.items()]


def all_privileges(tables: Iterable[Table]) -> dict[str, Privilege]:
    """By name. Tables that share an access name, such as activities, share privileges."""
    found: dict[str, Privilege] = {}
    for table in tables:
        for privilege in table_privileges(table):
            found.setdefault(privilege.name, privilege)
    for name in STANDALONE:
        found.setdefault(name, Privilege(privilege_id(name), name, "None", GLOBAL))
    return found
