"""Metadata items as the Web API shows them.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/entitymetadata
"""

from decimal import Decimal
from typing import Any

from sandbox.dataverse.metadata.build import stable_id
from sandbox.dataverse.metadata.model import (
    ENGLISH,
    Choice,
    Key,
    Labels,
    ManyToMany,
    OneToMany,
    Option,
    Table,
)
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.security.privileges import BASIC, DEEP, GLOBAL, LOCAL, table_privileges

Document = dict[str, Any]
NAMESPACE = "Microsoft.Dynamics.CRM."
NEVER_CHANGED = None


def label_document(labels: Labels, owner: str, *, managed: bool = True) -> Document:
    """A Label: every language, and the user's."""
    localized = [
        {
            "Label": text,
            "LanguageCode": language,
            "IsManaged": managed,
            "MetadataId": stable_id("label", owner, str(language)),
            "HasChanged": NEVER_CHANGED,
        }
        for language, text in labels.items()
    ]
    mine = next(
        (one for one in localized if one["LanguageCode"] == ENGLISH), localized[0] if localized else None
    )
    return {"LocalizedLabels": localized, "UserLocalizedLabel": mine}


def managed_property(value: Any, name: str, *, changeable: bool = True) -> Document:
    return {"Value": value, "CanBeChanged": changeable, "ManagedPropertyLogicalName": name}


def plain(number: Decimal | None, kind: str) -> Any:
    """A bound as the wire has it: whole numbers for Integer, else floats or exact decimals."""
    if number is None:
        return None
    return int(number) if kind in {"Integer", "BigInt"} else float(number) if kind == "Double" else number


def option_document(option: Option, owner: str) -> Document:
    key = f"{owner}/{option.value}"
    document: Document = {
        "Value": option.value,
        "Label": label_document(option.labels, key),
        "Description": label_document(option.description, f"{key}/description"),
        "Color": option.color,
        "IsManaged": True,
        "ExternalValue": option.external_value or "",
        "ParentValues": [],
        "Tag": None,
        "IsHidden": option.is_hidden,
        "MetadataId": None,
        "HasChanged": NEVER_CHANGED,
    }
    if option.default_status is not None:
        document = {
            "@odata.type": f"#{NAMESPACE}StateOptionMetadata",
            **document,
            "DefaultStatus": option.default_status,
            "InvariantName": next(iter(option.labels.values()), ""),
        }
    elif option.state is not None:
        document = {
            "@odata.type": f"#{NAMESPACE}StatusOptionMetadata",
            **document,
            "State": option.state,
            "TransitionData": None,
        }
    return document


def choice_document(choice: Choice) -> Document:
    """An option set, or a BooleanOptionSetMetadata with its two options."""
    document: Document = {
        "MetadataId": choice.metadata_id,
        "HasChanged": NEVER_CHANGED,
        "Description": label_document(choice.description, f"{choice.name}/description"),
        "DisplayName": label_document(choice.labels, choice.name),
        "IsCustomOptionSet": choice.is_custom,
        "IsGlobal": choice.is_global,
        "IsManaged": choice.is_managed,
        "IsCustomizable": managed_property(value=True, name="iscustomizable"),
        "Name": choice.name,
        "ExternalTypeName": "",
        "OptionSetType": choice.kind,
        "IntroducedVersion": "1.0",
    } | choice.extra
    options = [option_document(option, choice.name) for option in choice.options]
    if choice.kind == "Boolean":
        document["@odata.type"] = f"#{NAMESPACE}BooleanOptionSetMetadata"
        by_value = {option["Value"]: option for option in options}
        return {**document, "FalseOption": by_value.get(0), "TrueOption": by_value.get(1)}
    document["@odata.type"] = f"#{NAMESPACE}OptionSetMetadata"
    return {**document, "ParentOptionSetName": None, "Options": options}


def key_document(key: Key) -> Document:
    return {
        "MetadataId": key.metadata_id,
        "HasChanged": NEVER_CHANGED,
        "KeyAttributes": list(key.columns),
        "EntityLogicalName": key.table,
        "DisplayName": label_document(key.labels, f"{key.table}/{key.name}"),
        "EntityKeyIndexStatus": key.status,
        "AsyncJob": None,
        "IsCustomizable": managed_property(value=True, name="iscustomizable"),
        "IsManaged": key.is_managed,
        "IntroducedVersion": "1.0",
        "IsExportKey": False,
        "IsSynchronous": False,
        "IsSecondaryKey": False,
        "LogicalName": key.name,
        "SchemaName": key.schema_name,
    } | key.extra


def _relationship(item: OneToMany | ManyToMany, kind: str) -> Document:
    return {
        "MetadataId": item.metadata_id,
        "HasChanged": NEVER_CHANGED,
        "IsCustomRelationship": item.is_custom,
        "IsCustomizable": managed_property(value=True, name="iscustomizable"),
        "IsValidForAdvancedFind": True,
        "SchemaName": item.schema_name,
        "SecurityTypes": "Append",
        "IsManaged": item.is_managed,
        "RelationshipType": kind,
        "IntroducedVersion": "1.0",
    }


def one_to_many_document(one: OneToMany) -> Document:
    cascade = one.cascade
    return {
        **_relationship(one, "OneToManyRelationship"),
        "ReferencedAttribute": one.referenced_column,
        "ReferencedEntity": one.referenced,
        "ReferencingAttribute": one.column,
        "ReferencingEntity": one.referencing,
        "IsHierarchical": one.is_hierarchical,
        "EntityKey": None,
        "IsRelationshipAttributeDenormalized": False,
        "ReferencedEntityNavigationPropertyName": one.collection_name,
        "ReferencingEntityNavigationPropertyName": one.lookup_name,
        "RelationshipBehavior": 1,
        "IsDenormalizedLookup": False,
        "RelationshipAttributes": [],
        "AssociatedMenuConfiguration": _menu(),
        "CascadeConfiguration": {
            "Assign": cascade.assign,
            "Delete": cascade.delete,
            "Archive": "NoCascade",
            "Merge": cascade.merge,
            "Reparent": cascade.reparent,
            "Share": cascade.share,
            "Unshare": cascade.unshare,
            "RollupView": cascade.rollup_view,
        },
    } | one.extra


def many_to_many_document(both: ManyToMany) -> Document:
    return {
        **_relationship(both, "ManyToManyRelationship"),
        "Entity1LogicalName": both.first,
        "Entity2LogicalName": both.second,
        "IntersectEntityName": both.intersect,
        "Entity1IntersectAttribute": both.first_column,
        "Entity2IntersectAttribute": both.second_column,
        "Entity1NavigationPropertyName": both.first_name,
        "Entity2NavigationPropertyName": both.second_name,
        "Entity1AssociatedMenuConfiguration": _menu(),
        "Entity2AssociatedMenuConfiguration": _menu(),
    } | both.extra


def _menu() -> Document:
    return {
        "Behavior": "UseCollectionName",
        "Group": "Details",
        "Order": 10000,
        "IsCustomizable": True,
        "Icon": None,
        "ViewId": "00000000-0000-0000-0000-000000000000",
        "AvailableOffline": True,
        "MenuId": None,
        "QueryApi": None,
        "Label": {"LocalizedLabels": [], "UserLocalizedLabel": None},
    }


def privilege_documents(table: Table) -> list[Document]:
    return [
        {
            "CanBeBasic": bool(privilege.depths & BASIC),
            "CanBeDeep": bool(privilege.depths & DEEP),
            "CanBeGlobal": bool(privilege.depths & GLOBAL),
            "CanBeLocal": bool(privilege.depths & LOCAL),
            "CanBeEntityReference": False,
            "CanBeParentEntityReference": False,
            "Name": privilege.name,
            "PrivilegeId": privilege.id,
            "PrivilegeType": privilege.verb,
        }
        for privilege in table_privileges(table)
    ]


def table_document(entity: Entity) -> Document:
    """EntityMetadata without its navigation properties."""
    table = entity.table
    custom = table.is_custom
    activity = table.is_activity
    document: Document = {
        "MetadataId": table.metadata_id,
        "HasChanged": NEVER_CHANGED,
        "ActivityTypeMask": int(activity),
        "AutoCreateAccessTeams": False,
        "AutoRouteToOwnerQueue": False,
        "ChangeTrackingEnabled": table.change_tracking,
        "CollectionSchemaName": label_or(table.plural, table.schema_name + "s").replace(" ", ""),
        "DaysSinceRecordLastModified": 0,
        "DataProviderId": None,
        "DataSourceId": None,
        "Description": label_document(table.description, f"{table.name}/description"),
        "DisplayCollectionName": label_document(table.plural, f"{table.name}/plural"),
        "DisplayName": label_document(table.labels, table.name),
        "EnforceStateTransitions": False,
        "EntityColor": table.color,
        "EntityHelpUrl": None,
        "EntityHelpUrlEnabled": False,
        "EntitySetName": table.set_name,
        "ExternalCollectionName": None,
        "ExternalName": None,
        "HasActivities": table.has_activities,
        "HasEmailAddresses": "emailaddress1" in entity.columns,
        "HasFeedback": False,
        "HasNotes": table.has_notes,
        "IconLargeName": None,
        "IconMediumName": None,
        "IconSmallName": None,
        "IconVectorName": None,
        "IntroducedVersion": "1.0" if custom else "5.0.0.0",
        "IsAIRUpdated": False,
        "IsActivity": activity,
        "IsActivityParty": table.has_activities,
        "IsAvailableOffline": not table.is_intersect,
        "IsBPFEntity": False,
        "IsBusinessProcessEnabled": not table.is_intersect,
        "IsChildEntity": False,
        "IsCustomEntity": custom,
        "IsDocumentManagementEnabled": False,
        "IsEnabledForCharts": True,
        "IsEnabledForExternalChannels": False,
        "IsEnabledForTrace": False,
        "IsImportable": not table.is_intersect,
        "IsInteractionCentricEnabled": True,
        "IsIntersect": table.is_intersect,
        "IsKnowledgeManagementEnabled": False,
        "IsLogicalEntity": table.is_view,
        "IsManaged": table.is_managed,
        "IsOfflineInMobileClient": managed_property(value=False, name="canbeofflineinmobileclient"),
        "IsOneNoteIntegrationEnabled": False,
        "IsOptimisticConcurrencyEnabled": table.optimistic_concurrency,
        "IsPrivate": table.is_private,
        "IsQuickCreateEnabled": False,
        "IsReadingPaneEnabled": True,
        "IsRetrieveAuditEnabled": False,
        "IsRetrieveMultipleAuditEnabled": False,
        "IsSLAEnabled": False,
        "IsSolutionAware": False,
        "IsStateModelAware": "statecode" in entity.columns,
        "IsValidForAdvancedFind": not table.is_intersect,
        "LogicalCollectionName": table.set_name,
        "LogicalName": table.name,
        "MobileOfflineFilters": "",
        "ObjectTypeCode": table.type_code,
        "OwnerId": None,
        "OwnerIdType": None,
        "OwningBusinessUnit": None,
        "OwnershipType": table.ownership,
        "PrimaryIdAttribute": table.primary_id,
        "PrimaryImageAttribute": None,
        "PrimaryNameAttribute": table.primary_name,
        "RecurrenceBaseEntityLogicalName": None,
        "ReportViewName": f"Filtered{table.schema_name}",
        "SchemaName": table.schema_name,
        "SettingOf": None,
        "Settings": [],
        "SyncToExternalSearchIndex": False,
        "TableType": "Standard",
        "UsesBusinessDataLabelTable": False,
        "Privileges": privilege_documents(table),
    }
    for name in MANAGED:
        document[name] = managed_property(not table.is_intersect, name.lower())
    return document | table.extra


MANAGED = (
    "CanBeInCustomEntityAssociation",
    "CanBeInManyToMany",
    "CanBePrimaryEntityInRelationship",
    "CanBeRelatedEntityInRelationship",
    "CanChangeHierarchicalRelationship",
    "CanChangeTrackingBeEnabled",
    "CanCreateAttributes",
    "CanCreateCharts",
    "CanCreateForms",
    "CanCreateViews",
    "CanEnableSyncToExternalSearchIndex",
    "CanModifyAdditionalSettings",
    "IsAuditEnabled",
    "IsConnectionsEnabled",
    "IsCustomizable",
    "IsDuplicateDetectionEnabled",
    "IsMailMergeEnabled",
    "IsMappable",
    "IsReadOnlyInMobileClient",
    "IsRenameable",
    "IsValidForQueue",
    "IsVisibleInMobile",
    "IsVisibleInMobileClient",
)


def label_or(labels: Labels, otherwise: str) -> str:
    return next(iter(labels.values()), otherwise)
