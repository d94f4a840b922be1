"""All of it: what a new environment starts with."""

from sandbox.schema import activities, customers, jobs, orders, sales, security, service, solutions, views
from sandbox.schema.declare import (
    GlobalChoice,
    ManySpec,
    TableSpec,
    choices,
    date,
    decimal,
    file,
    lookup,
    memo,
    money,
    table,
    text,
    yes_no,
)

# A custom table and columns of the publisher "isthmus samples", because every real environment has some:
# multi-select, decimals, a global choice, a file and an alternate key are rarely found in the standard ones.
CHANNELS = GlobalChoice(
    "smp_channel",
    "Sales channel",
    {
        727000000: ("Web shop", "#0078d4"),
        727000001: ("Field sales", "#107c10"),
        727000002: ("Partner", "#8764b8"),
        727000003: ("Trade fair", "#ca5010"),
    },
)

project = table(
    "smp_Project",
    "smp_projects",
    [
        text("smp_Name", 200, "Name", required="ApplicationRequired"),
        text("smp_Code", 40, "Project code", required="ApplicationRequired"),
        memo("smp_Summary", 4000, "Summary"),
        choices("smp_Channels", "smp_channel", "Channels"),
        decimal("smp_Effort", 10, "-100000000000", "100000000000", "Effort (days)"),
        money("smp_Budget", "Budget"),
        date("smp_StartsOn", "Starts on"),
        date("smp_EndsOn", "Ends on"),
        yes_no("smp_IsBillable", label="Billable", default=1),
        file("smp_Contract", "Contract"),
        lookup("smp_AccountId", "account", "smp_account_smp_project", "Account", navigation="smp_AccountId"),
        lookup(
            "smp_ParentProjectId",
            "smp_project",
            "smp_project_smp_project",
            "Parent project",
            navigation="smp_ParentProjectId",
            hierarchical=True,
        ),
    ],
    "Project",
    type_code=10001,
    primary_name="smp_name",
    keys=(("smp_CodeKey", ("smp_code",)),),
    is_custom=True,
    is_managed=False,
)

TABLES: list[TableSpec] = [
    *security.TABLES,
    *customers.TABLES,
    *sales.TABLES,
    *orders.TABLES,
    *service.TABLES,
    *jobs.TABLES,
    *activities.TABLES,
    *solutions.TABLES,
    *views.TABLES,
    project,
]
MANY: list[ManySpec] = [
    *security.MANY,
    ManySpec("contactleads_association", "contact", "lead", "contactleads"),
    ManySpec("smp_project_contact", "smp_project", "contact", "smp_project_contact"),
]
CHOICES: list[GlobalChoice] = [CHANNELS]
