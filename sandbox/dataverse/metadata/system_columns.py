"""The columns that every table has, by ownership, without anybody declaring them."""

from sandbox.schema.declare import (
    READ_ONLY,
    SYSTEM,
    ColumnSpec,
    Link,
    TableSpec,
    big,
    decimal,
    lookup,
    moment,
    unique_id,
    whole,
)

WITHOUT_CURRENCY = frozenset({"transactioncurrency", "systemuser", "organization", "usersettings"})


def _user(schema_name: str, table: str, label: str) -> ColumnSpec:
    relationship = f"lk_{table}_{schema_name.lower()}"
    return lookup(schema_name, "systemuser", relationship, label, delete="NoCascade", **READ_ONLY)


def audit_columns(table: str) -> list[ColumnSpec]:
    """Who made and changed a row, when, and its version."""
    return [
        moment("CreatedOn", "Created On", **READ_ONLY),
        _user("CreatedBy", table, "Created By"),
        _user("CreatedOnBehalfBy", table, "Created By (Delegate)"),
        moment("ModifiedOn", "Modified On", **READ_ONLY),
        _user("ModifiedBy", table, "Modified By"),
        _user("ModifiedOnBehalfBy", table, "Modified By (Delegate)"),
        big("VersionNumber", "Version Number", **READ_ONLY),
        whole("ImportSequenceNumber", label="Import Sequence Number", can_update=False),
        moment("OverriddenCreatedOn", "Record Created On", format="DateOnly", can_update=False),
        whole("TimeZoneRuleVersionNumber", -1, label="Time Zone Rule Version Number"),
        whole("UTCConversionTimeZoneCode", -1, label="UTC Conversion Time Zone Code"),
    ]


def owner_columns(table: str) -> list[ColumnSpec]:
    """Who owns a row. The lookup's own relationship leads to the pseudo-table `owner`."""
    return [
        ColumnSpec(
            "OwnerId",
            "Owner",
            "Owner",
            {"required": SYSTEM, "targets": ("systemuser", "team")},
            links=(Link("owner", f"owner_{table}s", "ownerid", f"owner_{table}s", "NoCascade"),),
        ),
        lookup("OwningUser", "systemuser", f"user_{table}", "Owning User", delete="NoCascade", **READ_ONLY),
        lookup("OwningTeam", "team", f"team_{table}", "Owning Team", delete="NoCascade", **READ_ONLY),
        lookup(
            "OwningBusinessUnit",
            "businessunit",
            f"business_unit_{table}",
            "Owning Business Unit",
            delete="Restrict",
            **READ_ONLY,
        ),
    ]


def currency_columns(table: str) -> list[ColumnSpec]:
    """A table with money has a currency and the rate at which its base amounts were made."""
    return [
        lookup(
            "TransactionCurrencyId",
            "transactioncurrency",
            f"transactioncurrency_{table}",
            "Currency",
            delete="Restrict",
        ),
        decimal("ExchangeRate", 12, "0.000000000001", "100000000000", "Exchange Rate", **READ_ONLY),
    ]


def system_columns(spec: TableSpec) -> list[ColumnSpec]:
    """What to add to a declaration, leaving out what it declares itself."""
    added = [primary_key(spec)]
    if not spec.facets.get("is_view") or spec.facets.get("is_activity"):
        whole_audit = spec.ownership != "None" and not spec.bare
        added += audit_columns(spec.name) if whole_audit else [big("VersionNumber", **READ_ONLY)]
    if spec.ownership == "UserOwned":
        added += owner_columns(spec.name)
    elif spec.ownership == "OrganizationOwned" and spec.name != "organization":
        added.append(unique_id("OrganizationId", "Organization", **READ_ONLY))
    has_money = any(column.kind == "Money" for column in spec.columns)
    wanted = has_money or (spec.ownership == "UserOwned" and not spec.bare)
    if wanted and spec.name not in WITHOUT_CURRENCY:
        added += currency_columns(spec.name)
    declared = {column.name for column in spec.columns}
    return [column for column in added if column.name not in declared]


def primary_key(spec: TableSpec) -> ColumnSpec:
    """The unique identifier, named after the table unless the declaration says otherwise."""
    name = spec.primary_id or f"{spec.name}id"
    schema_name = f"{spec.schema_name}Id" if name == f"{spec.name}id" else name.capitalize()
    return unique_id(schema_name, spec.label, required=SYSTEM, can_update=False)
