"""Functions, actions and the complex types they take and return; and the types of the metadata itself."""

from sandbox.dataverse.csdl.markup import tag

Fields = dict[str, str]
COMPLEX: dict[str, Fields] = {
    "WhoAmIResponse": {"BusinessUnitId": "Edm.Guid", "UserId": "Edm.Guid", "OrganizationId": "Edm.Guid"},
    "RetrieveVersionResponse": {"Version": "Edm.String"},
    "EntityRecordCountCollection": {
        "Count": "Edm.Int32",
        "IsReadOnly": "Edm.Boolean",
        "Keys": "Collection(Edm.String)",
        "Values": "Collection(Edm.Int64)",
    },
    "RetrieveTotalRecordCountResponse": {"EntityRecordCountCollection": "mscrm.EntityRecordCountCollection"},
    "RolePrivilege": {
        "Depth": "mscrm.PrivilegeDepth",
        "PrivilegeId": "Edm.Guid",
        "BusinessUnitId": "Edm.Guid",
        "PrivilegeName": "Edm.String",
    },
    "RetrieveRolePrivilegesRoleResponse": {"RolePrivileges": "Collection(mscrm.RolePrivilege)"},
    "RetrieveUserPrivilegesResponse": {"RolePrivileges": "Collection(mscrm.RolePrivilege)"},
    "RetrieveUserPrivilegeByPrivilegeNameResponse": {"RolePrivileges": "Collection(mscrm.RolePrivilege)"},
    "CreateMultipleResponse": {"Ids": "Collection(Edm.Guid)"},
    "RetrieveAvailableLanguagesResponse": {"LocaleIds": "Collection(Edm.Int32)"},
    "RetrieveProvisionedLanguagesResponse": {"RetrieveProvisionedLanguages": "Collection(Edm.Int32)"},
    "LocalizedLabel": {"Label": "Edm.String", "LanguageCode": "Edm.Int32"},
    "Label": {
        "LocalizedLabels": "Collection(mscrm.LocalizedLabel)",
        "UserLocalizedLabel": "mscrm.LocalizedLabel",
    },
    "InsertOptionValueResponse": {"NewOptionValue": "Edm.Int32"},
    "InsertStatusValueResponse": {"NewOptionValue": "Edm.Int32"},
}
# name: (what it is bound to, its parameters, what it returns)
FUNCTIONS: dict[str, tuple[str, Fields, str]] = {
    "WhoAmI": ("", {}, "mscrm.WhoAmIResponse"),
    "RetrieveVersion": ("", {}, "mscrm.RetrieveVersionResponse"),
    "RetrieveTotalRecordCount": (
        "",
        {"EntityNames": "Collection(Edm.String)"},
        "mscrm.RetrieveTotalRecordCountResponse",
    ),
    "RetrieveAvailableLanguages": ("", {}, "mscrm.RetrieveAvailableLanguagesResponse"),
    "RetrieveProvisionedLanguages": ("", {}, "mscrm.RetrieveProvisionedLanguagesResponse"),
    "RetrieveRolePrivilegesRole": ("", {"RoleId": "Edm.Guid"}, "mscrm.RetrieveRolePrivilegesRoleResponse"),
    "RetrieveUserPrivileges": ("mscrm.systemuser", {}, "mscrm.RetrieveUserPrivilegesResponse"),
    "RetrieveUserPrivilegeByPrivilegeName": (
        "mscrm.systemuser",
        {"PrivilegeName": "Edm.String"},
        "mscrm.RetrieveUserPrivilegeByPrivilegeNameResponse",
    ),
}
OPTION: Fields = {
    "OptionSetName": "Edm.String",
    "EntityLogicalName": "Edm.String",
    "AttributeLogicalName": "Edm.String",
    "SolutionUniqueName": "Edm.String",
}
LABELS: Fields = {"Value": "Edm.Int32", "Label": "mscrm.Label", "Description": "mscrm.Label"}
ROWS = "Collection(mscrm.crmbaseentity)"
ACTIONS: dict[str, tuple[str, Fields, str]] = {
    "AddPrivilegesRole": ("mscrm.role", {"Privileges": "Collection(mscrm.RolePrivilege)"}, ""),
    "ReplacePrivilegesRole": ("mscrm.role", {"Privileges": "Collection(mscrm.RolePrivilege)"}, ""),
    "ReassignObjectsSystemUser": (
        "mscrm.systemuser",
        {"ReassignPrincipal": "mscrm.crmbaseentity"},
        "",
    ),
    "CreateMultiple": (ROWS, {"Targets": ROWS}, "mscrm.CreateMultipleResponse"),
    "UpdateMultiple": (ROWS, {"Targets": ROWS}, ""),
    "UpsertMultiple": (ROWS, {"Targets": ROWS}, ""),
    "AddSolutionComponent": (
        "",
        {
            "ComponentId": "Edm.Guid",
            "ComponentType": "Edm.Int32",
            "SolutionUniqueName": "Edm.String",
            "AddRequiredComponents": "Edm.Boolean",
        },
        "",
    ),
    "DeleteOptionValue": ("", {**OPTION, "Value": "Edm.Int32"}, ""),
    "InsertOptionValue": ("", {**OPTION, **LABELS}, "mscrm.InsertOptionValueResponse"),
    "InsertStatusValue": (
        "",
        {**OPTION, **LABELS, "StateCode": "Edm.Int32"},
        "mscrm.InsertStatusValueResponse",
    ),
    "OrderOption": ("", {**OPTION, "Values": "Collection(Edm.Int32)"}, ""),
    "PublishAllXml": ("", {}, ""),
    "PublishXml": ("", {"ParameterXml": "Edm.String"}, ""),
    "UpdateOptionValue": ("", {**OPTION, **LABELS, "MergeLabels": "Edm.Boolean"}, ""),
}
# name: (base type, properties, collections of other types)
METADATA: dict[str, tuple[str, Fields, Fields]] = {
    "MetadataBase": ("crmmodelbaseentity", {"MetadataId": "Edm.Guid", "HasChanged": "Edm.Boolean"}, {}),
    "EntityMetadata": (
        "MetadataBase",
        {
            "LogicalName": "Edm.String",
            "SchemaName": "Edm.String",
            "EntitySetName": "Edm.String",
            "PrimaryIdAttribute": "Edm.String",
            "PrimaryNameAttribute": "Edm.String",
            "ObjectTypeCode": "Edm.Int32",
            "IsActivity": "Edm.Boolean",
            "IsCustomEntity": "Edm.Boolean",
            "IsPrivate": "Edm.Boolean",
        },
        {
            "Attributes": "AttributeMetadata",
            "Keys": "EntityKeyMetadata",
            "OneToManyRelationships": "OneToManyRelationshipMetadata",
            "ManyToOneRelationships": "OneToManyRelationshipMetadata",
            "ManyToManyRelationships": "ManyToManyRelationshipMetadata",
        },
    ),
    "AttributeMetadata": (
        "MetadataBase",
        {
            "LogicalName": "Edm.String",
            "SchemaName": "Edm.String",
            "EntityLogicalName": "Edm.String",
            "IsPrimaryId": "Edm.Boolean",
            "IsPrimaryName": "Edm.Boolean",
        },
        {},
    ),
    "EntityKeyMetadata": (
        "MetadataBase",
        {"LogicalName": "Edm.String", "SchemaName": "Edm.String", "KeyAttributes": "Collection(Edm.String)"},
        {},
    ),
    "RelationshipMetadataBase": ("MetadataBase", {"SchemaName": "Edm.String"}, {}),
    "OneToManyRelationshipMetadata": (
        "RelationshipMetadataBase",
        {
            "ReferencedEntity": "Edm.String",
            "ReferencedAttribute": "Edm.String",
            "ReferencingEntity": "Edm.String",
            "ReferencingAttribute": "Edm.String",
        },
        {},
    ),
    "ManyToManyRelationshipMetadata": (
        "RelationshipMetadataBase",
        {
            "Entity1LogicalName": "Edm.String",
            "Entity2LogicalName": "Edm.String",
            "IntersectEntityName": "Edm.String",
        },
        {},
    ),
    "OptionSetMetadataBase": ("MetadataBase", {"Name": "Edm.String", "IsGlobal": "Edm.Boolean"}, {}),
}
METADATA_SETS = {
    "EntityDefinitions": "EntityMetadata",
    "RelationshipDefinitions": "RelationshipMetadataBase",
    "GlobalOptionSetDefinitions": "OptionSetMetadataBase",
}


def types() -> list[str]:
    """Complex types, enumerations and the entity types of the metadata."""
    depths = [
        tag("Member", Name=name, Value=str(at))
        for at, name in enumerate(("Basic", "Local", "Deep", "Global"))
    ]
    found = [tag("EnumType", *depths, Name="PrivilegeDepth")]
    found += [tag("ComplexType", *_properties(fields), Name=name) for name, fields in COMPLEX.items()]
    found.append(tag("EntityType", Name="crmmodelbaseentity", Abstract="true"))
    for name, (base, fields, collections) in METADATA.items():
        key = [tag("Key", tag("PropertyRef", Name="MetadataId"))] if name == "MetadataBase" else []
        navigations = [
            tag(
                "NavigationProperty",
                Name=collection,
                Type=f"Collection(mscrm.{target})",
                ContainsTarget="true",
            )
            for collection, target in collections.items()
        ]
        abstract = "true" if name.endswith("Base") else None
        content = [*key, *_properties(fields), *navigations]
        found.append(tag("EntityType", *content, Name=name, BaseType=f"mscrm.{base}", Abstract=abstract))
    return found


def _properties(fields: Fields) -> list[str]:
    return [tag("Property", Name=name, Type=kind) for name, kind in fields.items()]


def operations() -> list[str]:
    """<Function> and <Action> elements."""
    found = []
    for element, table in (("Function", FUNCTIONS), ("Action", ACTIONS)):
        for name, (bound, fields, returned) in table.items():
            content = [tag("Parameter", Name="entity", Type=bound, Nullable="false")] if bound else []
            content += [tag("Parameter", Name=key, Type=kind) for key, kind in fields.items()]
            content += [tag("ReturnType", Type=returned)] if returned else []
            found.append(tag(element, *content, Name=name, IsBound="true" if bound else None))
    return found


def imports() -> list[str]:
    """What can be called without a row, and the sets of the metadata."""
    sets = [tag("EntitySet", Name=name, EntityType=f"mscrm.{kind}") for name, kind in METADATA_SETS.items()]
    found = list(sets)
    for element, table in (("Function", FUNCTIONS), ("Action", ACTIONS)):
        free = [name for name, (bound, _, _) in table.items() if not bound]
        found += [tag(f"{element}Import", **{"Name": name, element: f"mscrm.{name}"}) for name in free]
    return found
