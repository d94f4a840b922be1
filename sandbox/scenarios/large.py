"""As big as real environments get: 900 tables and 200,000 accounts, over the small scenario's data."""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

from collections.abc import Sequence
from random import Random

from sandbox.dataverse.storage import next_version, quoted
from sandbox.scenarios.ground import UNITS, Colleague, Ground
from sandbox.scenarios.loader import Loader
from sandbox.scenarios.small import ACCOUNTS, SmallScenario
from sandbox.schema.declare import (
    ColumnSpec,
    TableSpec,
    choice,
    choices,
    date,
    decimal,
    lookup,
    memo,
    moment,
    money,
    table,
    text,
    whole,
    yes_no,
)
from sandbox.schema.standard import MANY, TABLES

ALL_TABLES, ALL_ACCOUNTS = 900, 200_000
AREAS = (
    *(
        "Asset",
        "Audit",
        "Bid",
        "Budget",
        "Building",
        "Campaign",
        "Claim",
        "Contract",
        "Course",
        "Depot",
        "Device",
    ),
    *(
        "Donor",
        "Event",
        "Facility",
        "Fleet",
        "Grant",
        "Hotel",
        "Import",
        "Journey",
        "Kitchen",
        "Lab",
        "Lease",
    ),
    *(
        "Loan",
        "Machine",
        "Member",
        "Permit",
        "Plant",
        "Policy",
        "Route",
        "Safety",
        "School",
        "Site",
        "Tenant",
        "Venue",
    ),
)
THINGS = (
    *(
        "Allocation",
        "Approval",
        "Assessment",
        "Attachment",
        "Booking",
        "Category",
        "Change",
        "Cost",
        "Document",
    ),
    *(
        "Forecast",
        "Incident",
        "Inspection",
        "Item",
        "Log",
        "Measurement",
        "Milestone",
        "Note",
        "Order",
        "Plan",
    ),
    *("Rating", "Request", "Result", "Review", "Schedule", "Task", "Template", "Visit"),
)
STAGES = {727000010: "Planned", 727000011: "Running", 727000012: "Done"}


def extra_tables() -> list[TableSpec]:
    """As many custom tables as it takes to have 900 with the standard ones and all intersects."""
    names = [f"{area}{thing}" for area in AREAS for thing in THINGS]
    wanted = ALL_TABLES - len(TABLES) - len(MANY)
    return [_table(number, names[number], names, Random(number)) for number in range(wanted)]  # noqa: S311


def _table(number: int, name: str, names: Sequence[str], draw: Random) -> TableSpec:
    pool: list[ColumnSpec] = [
        text("lrg_Code", 40),
        text("lrg_Reference", 100),
        memo("lrg_Remarks", 4000),
        choice("lrg_Stage", STAGES, "Stage"),
        choices("lrg_Channels", "smp_channel", "Channels"),
        whole("lrg_Count", 0, 1_000_000),
        decimal("lrg_Factor", 4, "0", "1000"),
        money("lrg_Amount"),
        date("lrg_StartsOn"),
        moment("lrg_CheckedAt"),
        yes_no("lrg_IsActive", label="Is Active"),
    ]
    columns = draw.sample(pool, draw.randint(4, len(pool)))
    columns.append(_lookup(name, draw.choice(("account", "contact", "smp_project")), "Owner"))
    if number:
        columns.append(_lookup(name, f"lrg_{names[draw.randrange(number)].lower()}", "Related"))
    schema = f"lrg_{name}"
    return table(
        schema,
        f"{schema.lower()}s",
        [text("lrg_Name", 200, "Name", required="ApplicationRequired"), *columns],
        type_code=11000 + number,
        primary_name="lrg_name",
        ownership="UserOwned" if number % 5 else "OrganizationOwned",
        is_custom=True,
        is_managed=False,
    )


def _lookup(name: str, target: str, role: str) -> ColumnSpec:
    schema = f"lrg_{role}{target.removeprefix('lrg_').removeprefix('smp_').capitalize()}Id"
    return lookup(schema, target, f"lrg_{name.lower()}_{role.lower()}_{target}", navigation=schema)


class LargeScenario:
    """The small scenario, with each account in many copies that SQLite makes by itself."""

    units, colleagues = UNITS, tuple[Colleague, ...]()

    def __init__(self, loader: Loader, ground: Ground, seed: int = 1) -> None:
        self.loader = loader
        self._small = SmallScenario(loader, ground, seed)

    def load(self) -> None:
        self._small.load()
        self._copy_accounts()

    def _copy_accounts(self) -> None:
        """Copies differ in id, name and number; links to other accounts are left out."""
        loader = self.loader
        connection = loader.connection
        connection.create_function("stable_id", 1, lambda number: loader.id("account copy", number))
        entity = loader.snapshot.entities["account"]
        count = ALL_ACCOUNTS - ACCOUNTS
        first = next_version(connection, count)
        changed = {
            "accountid": "stable_id(n)",
            "name": "name || ' ' || (n / 2400 + 2)",
            "accountnumber": "'AC-' || (n + 12401)",
            "parentaccountid": "NULL",
            "versionnumber": "? + n",
        }
        names = [column[0] for column in connection.execute("SELECT * FROM account LIMIT 0").description]
        listed = ", ".join(map(quoted, names))
        values = ", ".join(changed.get(name, quoted(name)) for name in names)
        connection.execute(
            f"INSERT INTO {quoted(entity.name)} ({listed})"
            " WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?),"
            f" model AS MATERIALIZED (SELECT row_number() OVER (ORDER BY versionnumber) - 1 AS place, * FROM account)"
            f" SELECT {values} FROM numbers JOIN model ON place = n % {ACCOUNTS}",
            (count - 1, first),  # the end of the recursion stands before the first version
        )
