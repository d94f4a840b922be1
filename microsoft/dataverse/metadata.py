"""Reading an environment's metadata: which entities there are, and what they are made of.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/query-metadata-web-api
"""

import json
from typing import Any

from microsoft.odata import key, name, quote

from . import reading
from .calls import Calls
from .definitions import EntityDefinition, EntityName, MetadataChanges, Option, Relationship

_CAST = "Microsoft.Dynamics.CRM"
_NAMES = (
    "LogicalName,EntitySetName,DisplayName,Description,PrimaryIdAttribute,PrimaryNameAttribute,"
    "IsCustomEntity,OwnershipType,IsIntersect,IsActivity"
)
_ENTITY = (
    f"{_NAMES},SchemaName,DisplayCollectionName,ObjectTypeCode,MetadataId,ChangeTrackingEnabled,"
    "IsOptimisticConcurrencyEnabled,Privileges"
)
_CHOICES = {
    "Picklist": "PicklistAttributeMetadata",
    "MultiSelectPicklist": "MultiSelectPicklistAttributeMetadata",
    "State": "StateAttributeMetadata",
    "Status": "StatusAttributeMetadata",
    "Boolean": "BooleanAttributeMetadata",
}
_KEY = "LogicalName,DisplayName,KeyAttributes,EntityKeyIndexStatus"
_WITHIN = (
    *("DisplayName", "EntitySetName", "Attributes", "Keys"),
    *("OneToManyRelationships", "ManyToOneRelationships", "ManyToManyRelationships"),
)
_MANY_TO_ONE = "SchemaName,ReferencedEntity,ReferencingAttribute,ReferencingEntityNavigationPropertyName"
_ONE_TO_MANY = "SchemaName,ReferencingEntity,ReferencingAttribute,ReferencedEntityNavigationPropertyName"
_MANY_TO_MANY = (
    "SchemaName,IntersectEntityName,Entity1LogicalName,Entity2LogicalName,"
    "Entity1NavigationPropertyName,Entity2NavigationPropertyName"
)


class Metadata(Calls):
    """Metadata is never paged, and changes become visible up to half a minute late."""

    def entity_names(self) -> list[EntityName]:
        """All entities that the Web API offers, by display name."""
        params = {"$select": _NAMES, "$filter": "IsPrivate eq false"}
        found = self.call("GET", "EntityDefinitions", params).json()["value"]
        listed = [reading.entity_name(entry) for entry in found if entry.get("EntitySetName")]
        return sorted(listed, key=lambda entry: (entry.display_name.casefold(), entry.logical_name))

    def entity(self, logical_name: str) -> EntityDefinition:
        """One entity with attributes, choices, relationships, keys and privileges; raises NotFound.

        Several requests: choices and relationships have addresses of their own.
        """
        root = f"EntityDefinitions(LogicalName={key(name(logical_name))})"
        found = self.call("GET", root, {"$select": _ENTITY}).json()
        attributes: list[dict[str, Any]] = self.call("GET", f"{root}/Attributes").json()["value"]
        relationships = self._relationships(root, logical_name)
        keys = self.call("GET", f"{root}/Keys", {"$select": _KEY}).json()["value"]
        options = self._options(root, attributes)
        return reading.entity_definition(found, attributes, options, relationships, keys)

    def metadata_stamp(self) -> str:
        """A stamp of the metadata as it is now, for `metadata_changes` later."""
        nothing = {"PropertyName": "LogicalName", "ConditionOperator": "Equals", "Value": _text_value("")}
        query = {"Criteria": {"FilterOperator": "And", "Conditions": [nothing]}}
        return str(self._retrieve_changes(query)["ServerVersionStamp"])

    def metadata_changes(self, stamp: str) -> MetadataChanges:
        """What changed since the stamp, and the next stamp. Raises Invalid when the stamp is too old.

        https://learn.microsoft.com/en-us/power-apps/developer/data-platform/cache-schema-data
        """
        query = {
            "Properties": {"AllProperties": False, "PropertyNames": list(_WITHIN)},
            "AttributeQuery": {"Properties": {"AllProperties": False, "PropertyNames": ["OptionSet"]}},
        }
        found = self._retrieve_changes(query, stamp)
        deleted = (found.get("DeletedMetadata") or {}).get("Count") or 0
        return MetadataChanges(
            stamp=str(found["ServerVersionStamp"]),
            entities=frozenset(str(each["LogicalName"]) for each in found.get("EntityMetadata") or []),
            deleted=bool(deleted),
        )

    def _retrieve_changes(self, query: dict[str, Any], stamp: str = "") -> dict[str, Any]:
        """The function takes its arguments by aliases, because one is JSON."""
        params = {"@p1": json.dumps(query, separators=(",", ":"))}
        named = "Query=@p1"
        if stamp:
            params |= {"@p2": quote(stamp), "@p3": f"{_CAST}.DeletedMetadataFilters'All'"}
            named += ",ClientVersionStamp=@p2,DeletedMetadataFilters=@p3"
        answer: dict[str, Any] = self.call("GET", f"RetrieveMetadataChanges({named})", params).json()
        return answer

    def _options(self, root: str, attributes: list[dict[str, Any]]) -> dict[str, tuple[Option, ...]]:
        """The choices of each attribute that has some. They hang on a cast, one request for each kind in use."""
        kinds = {reading.attribute_type(attribute) for attribute in attributes}
        options = {}
        for kind, cast in _CHOICES.items():
            if kind not in kinds:
                continue
            params = {"$select": "LogicalName", "$expand": "OptionSet,GlobalOptionSet"}
            for found in self.call("GET", f"{root}/Attributes/{_CAST}.{cast}", params).json()["value"]:
                options[found["LogicalName"]] = reading.options(found)
        return options

    def _relationships(self, root: str, logical_name: str) -> list[Relationship]:
        def fetched(kind: str, select: str) -> list[dict[str, Any]]:
            listed: list[dict[str, Any]] = self.call("GET", f"{root}/{kind}", {"$select": select}).json()[
                "value"
            ]
            return listed

        return [
            *(reading.many_to_one(found) for found in fetched("ManyToOneRelationships", _MANY_TO_ONE)),
            *(reading.one_to_many(found) for found in fetched("OneToManyRelationships", _ONE_TO_MANY)),
            *(
                relationship
                for found in fetched("ManyToManyRelationships", _MANY_TO_MANY)
                for relationship in reading.many_to_many(found, logical_name)
            ),
        ]


def _text_value(text: str) -> dict[str, str]:
    return {"Type": "System.String", "Value": text}
