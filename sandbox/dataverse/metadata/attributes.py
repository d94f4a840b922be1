"""Columns as AttributeMetadata: what all have in common, and what each kind adds.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/attributemetadata
"""

from collections.abc import Callable
from typing import Any

from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.metadata.snapshot import Entity, Snapshot
from sandbox.dataverse.metadata.wire import Document, choice_document, label_document, managed_property, plain

NAMESPACE = "Microsoft.Dynamics.CRM."
# AttributeType of kinds that are no member of that enumeration.
AS_VIRTUAL = frozenset({"MultiSelectPicklist", "File", "Image"})
TYPE_NAMES = {
    "Boolean": "BooleanType",
    "MultiSelectPicklist": "MultiSelectPicklistType",
    "Uniqueidentifier": "UniqueidentifierType",
}
UNTYPED = frozenset({"Uniqueidentifier", "Virtual", "CalendarRules"})
AS_LOOKUP = frozenset({"Customer", "Owner", "PartyList"})


def type_name(column: Column) -> str:
    """Customers, owners and party lists are lookups of another AttributeType."""
    return f"{'Lookup' if column.kind in AS_LOOKUP else column.kind}AttributeMetadata"


def attribute_document(column: Column, entity: Entity | None) -> Document:
    """AttributeMetadata without OptionSet and GlobalOptionSet, which are expanded. `entity` tells primary columns."""
    kind, key = column.kind, f"{column.table}/{column.name}"
    document: Document = {} if kind in UNTYPED else {"@odata.type": f"#{NAMESPACE}{type_name(column)}"}
    document |= {
        "MetadataId": column.metadata_id,
        "HasChanged": None,
        "AttributeOf": column.shadow_of,
        "AttributeType": "Virtual" if kind in AS_VIRTUAL else kind,
        "AttributeTypeName": {"Value": TYPE_NAMES.get(kind, f"{kind}Type")},
        "AutoNumberFormat": "",
        "CanBeSecuredForCreate": False,
        "CanBeSecuredForRead": False,
        "CanBeSecuredForUpdate": False,
        "CanModifyAdditionalSettings": managed_property(value=True, name="canmodifyadditionalsettings"),
        "ColumnNumber": column.number,
        "CreatedOn": "1900-01-01T00:00:00Z",
        "DeprecatedVersion": None,
        "Description": label_document(column.description, f"{key}/description"),
        "DisplayName": label_document(column.labels, key),
        "EntityLogicalName": column.table,
        "ExternalName": None,
        "InheritsFrom": None,
        "IntroducedVersion": "1.0" if column.is_custom else "5.0.0.0",
        "IsAuditEnabled": managed_property(value=True, name="canmodifyauditsettings"),
        "IsCustomAttribute": column.is_custom,
        "IsCustomizable": managed_property(value=True, name="iscustomizable"),
        "IsDataSourceSecret": False,
        "IsFilterable": column.is_stored,
        "IsGlobalFilterEnabled": managed_property(value=False, name="canmodifyglobalfiltersettings"),
        "IsLogical": column.shadow_of is not None,
        "IsManaged": column.is_managed,
        "IsPrimaryId": entity is not None and column.name == entity.id,
        "IsPrimaryName": entity is not None and column.name == entity.primary_name,
        "IsRenameable": managed_property(value=True, name="isrenameable"),
        "IsRequiredForForm": False,
        "IsRetrievable": column.can_read,
        "IsSearchable": False,
        "IsSecured": False,
        "IsSortableEnabled": managed_property(value=True, name="canmodifyissortablesettings"),
        "IsValidForAdvancedFind": managed_property(column.shadow_of is None, "canmodifysearchsettings"),
        "IsValidForCreate": column.can_create,
        "IsValidForForm": column.shadow_of is None,
        "IsValidForGrid": column.shadow_of is None,
        "IsValidForRead": column.can_read,
        "IsValidForUpdate": column.can_update,
        "IsValidODataAttribute": column.is_stored,
        "LinkedAttributeId": None,
        "LogicalName": column.name,
        "ModifiedOn": "1900-01-01T00:00:00Z",
        "RequiredLevel": managed_property(column.required, "canmodifyrequirementlevelsettings"),
        "SchemaName": column.schema_name,
        "SourceType": 0 if column.is_stored else None,
    }
    derived = DERIVED.get(kind)
    return document | (derived(column) if derived else {}) | column.extra


def _text(column: Column) -> Document:
    document: Document = {
        "DatabaseLength": (column.max_length or 0) * 2,
        "Format": column.format or "Text",
        "FormatName": {"Value": column.format or "Text"},
        "ImeMode": "Auto",
        "IsLocalizable": False,
        "MaxLength": column.max_length,
        "YomiOf": None,
    }
    if column.kind == "String":
        document |= {"FormulaDefinition": "", "SourceTypeMask": 0}
    return document


def _number(column: Column) -> Document:
    low, high = plain(column.minimum, column.kind), plain(column.maximum, column.kind)
    document: Document = {"MinValue": low, "MaxValue": high}
    if column.kind == "BigInt":
        return {"MinValue": -(2**63), "MaxValue": 2**63 - 1}
    if column.kind == "Integer":
        return {**document, "Format": column.format or "None", "FormulaDefinition": "", "SourceTypeMask": 0}
    return {
        **document,
        "Precision": column.precision,
        "ImeMode": "Disabled",
        "FormulaDefinition": "",
        "SourceTypeMask": 0,
    }


def _money(column: Column) -> Document:
    return {
        **_number(column),
        "PrecisionSource": column.precision_source,
        "CalculationOf": column.name.removesuffix("_base") if column.name.endswith("_base") else None,
        "IsBaseCurrency": column.name.endswith("_base"),
    }


def _moment(column: Column) -> Document:
    return {
        "DateTimeBehavior": {"Value": column.behavior or "UserLocal"},
        "CanChangeDateTimeBehavior": managed_property(value=True, name="canchangedatetimebehavior"),
        "Format": column.format or "DateAndTime",
        "ImeMode": "Auto",
        "MinSupportedValue": "1753-01-01T00:00:00Z",
        "MaxSupportedValue": "9999-12-30T23:59:59Z",
        "FormulaDefinition": "",
        "SourceTypeMask": 0,
    }


def _choice(column: Column) -> Document:
    return {
        "DefaultFormValue": column.default if column.default is not None else -1,
        "FormulaDefinition": "",
        "SourceTypeMask": 0,
        "ParentPicklistLogicalName": None,
        "ChildPicklistLogicalNames": [],
    }


def _boolean(column: Column) -> Document:
    return {"DefaultValue": bool(column.default), "FormulaDefinition": "", "SourceTypeMask": 0}


def _lookup(column: Column) -> Document:
    return {"Targets": list(column.targets), "Format": "None"}


def _file(column: Column) -> Document:
    return {"MaxSizeInKB": column.max_size_kb}


def _image(column: Column) -> Document:
    return {
        "CanStoreFullImage": False,
        "IsPrimaryImage": False,
        "MaxHeight": 144,
        "MaxWidth": 144,
        "MaxSizeInKB": column.max_size_kb,
    }


def _entity_name(_column: Column) -> Document:
    return {"IsEntityReferenceStored": False}


def _managed(_column: Column) -> Document:
    return {
        "ManagedPropertyLogicalName": None,
        "ParentAttributeName": None,
        "ParentComponentType": 0,
        "ValueAttributeTypeCode": "Boolean",
    }


DERIVED: dict[str, Callable[[Column], Document]] = {
    "String": _text,
    "Memo": _text,
    "Integer": _number,
    "BigInt": _number,
    "Decimal": _number,
    "Double": _number,
    "Money": _money,
    "DateTime": _moment,
    "Picklist": _choice,
    "MultiSelectPicklist": _choice,
    "State": _choice,
    "Status": _choice,
    "Boolean": _boolean,
    "Lookup": _lookup,
    "Customer": _lookup,
    "Owner": _lookup,
    "PartyList": _lookup,
    "File": _file,
    "Image": _image,
    "EntityName": _entity_name,
    "ManagedProperty": _managed,
}


def option_sets(column: Column, snapshot: "Snapshot") -> dict[str, Any]:
    """OptionSet and GlobalOptionSet, both filled with a global choice as version 9.2 does."""
    choice = snapshot.choices.get(column.choice or "")
    if choice is None:
        return {"OptionSet": None, "GlobalOptionSet": None}
    document = choice_document(choice)
    return {"OptionSet": document, "GlobalOptionSet": document if choice.is_global else None}
