"""Views: the queries that people pick by name, the system's own and each user's."""

from sandbox.schema.declare import (
    READ_ONLY,
    REQUIRED,
    SYSTEM,
    ColumnSpec,
    entity_name,
    lookup,
    memo,
    table,
    text,
    unique_id,
    whole,
    yes_no,
)

LONGEST = 1_073_741_823


def _query_columns() -> list[ColumnSpec]:
    return [
        text("Name", 200, required=REQUIRED),
        memo("Description"),
        memo("FetchXml", LONGEST, "Fetch XML"),
        memo("LayoutXml", LONGEST, "Layout XML"),
        memo("LayoutJson", LONGEST, "Layout JSON"),
        memo("ColumnSetXml", LONGEST, "Column Set XML"),
        memo("ConditionalFormatting", LONGEST, "Conditional Formatting"),
        memo("OfflineSqlQuery", LONGEST, "Offline SQL Query", **READ_ONLY),
        entity_name("ReturnedTypeCode", "Returned Type Code", required=SYSTEM, can_update=False),
        whole("QueryType", label="Query Type", default=0, can_update=False),
        text("AdvancedGroupBy", 160, "Advanced Group By"),
    ]


savedquery = table(
    "SavedQuery",
    "savedqueries",
    [
        *_query_columns(),
        yes_no("IsDefault", label="Is Default", default=0),
        yes_no("IsQuickFindQuery", label="Is Quick Find", default=0),
        yes_no("IsUserDefined", label="Is User Defined", default=0, **READ_ONLY),
        yes_no("IsPrivate", label="Is Private", default=0),
        yes_no("IsManaged", label="State", default=1, **READ_ONLY),
        yes_no("CanBeDeleted", label="Can Be Deleted", default=1),
        yes_no("IsCustomizable", label="Customizable", default=1),
        text("QueryApi", 30, "Query API", **READ_ONLY),
        text("QueryAppUsage", 30, "Query Application Usage", **READ_ONLY),
        unique_id("SavedQueryIdUnique", "Unique Id", **READ_ONLY),
        unique_id("SolutionId", "Solution", **READ_ONLY),
    ],
    "View",
    type_code=1039,
    ownership="OrganizationOwned",
    privilege="Query",
)

userquery = table(
    "UserQuery",
    "userqueries",
    [
        *_query_columns(),
        lookup("ParentQueryId", "savedquery", "UserQuery_ParentQuery", "Parent Query"),
    ],
    "Saved View",
    type_code=4230,
    states=(("Active", {1: "Active", 3: "All"}), ("Inactive", {2: "Inactive"})),
)

TABLES = [savedquery, userquery]
