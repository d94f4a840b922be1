"""From metadata as it travels to definitions."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from .definitions import (
    AlternateKey,
    AttributeDefinition,
    EntityDefinition,
    EntityName,
    Option,
    Privilege,
    Relationship,
)

_DEPTHS = (("CanBeBasic", "Basic"), ("CanBeLocal", "Local"), ("CanBeDeep", "Deep"), ("CanBeGlobal", "Global"))


def label(found: Mapping[str, Any] | None) -> str:
    """The label in the caller's language, else in any, else nothing."""
    if not found:
        return ""
    chosen = found.get("UserLocalizedLabel") or next(iter(found.get("LocalizedLabels") or []), None)
    return str((chosen or {}).get("Label") or "")


def value(found: Any) -> Any:
    """The value of a managed property or a one-value wrapper such as RequiredLevel; other values as they are."""
    return found.get("Value") if isinstance(found, Mapping) else found


def entity_name(found: Mapping[str, Any]) -> EntityName:
    return EntityName(
        logical_name=found["LogicalName"],
        entity_set=found.get("EntitySetName") or "",
        display_name=label(found.get("DisplayName")) or found["LogicalName"],
        primary_id=found.get("PrimaryIdAttribute") or "",
        primary_name=found.get("PrimaryNameAttribute") or "",
        is_custom=bool(found.get("IsCustomEntity")),
        ownership=str(found.get("OwnershipType") or ""),
        description=label(found.get("Description")),
        is_intersect=bool(found.get("IsIntersect")),
        is_activity=bool(found.get("IsActivity")),
    )


def entity_definition(
    found: Mapping[str, Any],
    attributes: Iterable[Mapping[str, Any]],
    options: Mapping[str, tuple[Option, ...]],
    relationships: list[Relationship],
    keys: Iterable[Mapping[str, Any]] = (),
) -> EntityDefinition:
    names = entity_name(found)
    return EntityDefinition(
        logical_name=names.logical_name,
        schema_name=found.get("SchemaName") or "",
        entity_set=names.entity_set,
        display_name=names.display_name,
        display_collection_name=label(found.get("DisplayCollectionName")) or names.display_name,
        description=names.description,
        primary_id=names.primary_id,
        primary_name=names.primary_name,
        is_custom=names.is_custom,
        is_activity=names.is_activity,
        ownership=names.ownership,
        object_type_code=found.get("ObjectTypeCode"),
        metadata_id=found.get("MetadataId") or "",
        optimistic_concurrency=bool(found.get("IsOptimisticConcurrencyEnabled")),
        change_tracking=bool(found.get("ChangeTrackingEnabled")),
        privileges=tuple(privilege(entry) for entry in found.get("Privileges") or []),
        attributes=tuple(
            attribute(entry, names, options.get(entry["LogicalName"], ()), relationships)
            for entry in sorted(attributes, key=lambda entry: str(entry["LogicalName"]))
        ),
        relationships=tuple(relationships),
        keys=tuple(alternate_key(entry) for entry in keys),
    )


def privilege(found: Mapping[str, Any]) -> Privilege:
    return Privilege(
        id=found["PrivilegeId"],
        name=found["Name"],
        kind=str(found.get("PrivilegeType") or ""),
        depths=tuple(depth for flag, depth in _DEPTHS if found.get(flag)),
    )


def alternate_key(found: Mapping[str, Any]) -> AlternateKey:
    return AlternateKey(
        logical_name=found["LogicalName"],
        display_name=label(found.get("DisplayName")) or found["LogicalName"],
        attributes=tuple(found.get("KeyAttributes") or ()),
        is_active=found.get("EntityKeyIndexStatus") == "Active",
    )


def attribute_type(found: Mapping[str, Any]) -> str:
    """AttributeTypeName without its ending: unlike AttributeType it tells multi-select, image and file apart."""
    named = str(value(found.get("AttributeTypeName")) or "").removesuffix("Type")
    return named or str(found.get("AttributeType") or "Virtual")


def attribute(
    found: Mapping[str, Any],
    entity: EntityName,
    options: tuple[Option, ...],
    relationships: list[Relationship],
) -> AttributeDefinition:
    logical_name = found["LogicalName"]
    kind = attribute_type(found)
    targets = tuple(found.get("Targets") or ())
    return AttributeDefinition(
        logical_name=logical_name,
        display_name=label(found.get("DisplayName")) or logical_name,
        type=kind,
        required_level=str(value(found.get("RequiredLevel")) or "None"),
        valid_for_create=bool(found.get("IsValidForCreate")),
        valid_for_update=bool(found.get("IsValidForUpdate")),
        valid_for_read=bool(found.get("IsValidForRead")),
        schema_name=found.get("SchemaName") or "",
        description=label(found.get("Description")),
        max_length=found.get("MaxLength"),
        min_value=_decimal(found.get("MinValue")),
        max_value=_decimal(found.get("MaxValue")),
        precision=found.get("Precision"),
        precision_source=found.get("PrecisionSource"),
        base_of=found.get("CalculationOf") or "",
        max_size_kb=found.get("MaxSizeInKB"),
        full_image=bool(found.get("CanStoreFullImage")),
        primary_image=bool(found.get("IsPrimaryImage")),
        format=_format(found),
        date_behavior=str(value(found.get("DateTimeBehavior")) or ""),
        options=options,
        targets=targets,
        # Several attributes may say of themselves that they are the primary one; the entity knows.
        is_primary_id=logical_name == entity.primary_id,
        is_primary_name=logical_name == entity.primary_name,
        is_custom=bool(found.get("IsCustomAttribute")),
        attribute_of=found.get("AttributeOf") or "",
        navigation=_navigation(logical_name, kind, targets, relationships),
    )


def options(found: Mapping[str, Any]) -> tuple[Option, ...]:
    """The choices out of OptionSet or GlobalOptionSet: either may be filled, or both alike."""
    chosen = found.get("OptionSet") or found.get("GlobalOptionSet") or {}
    listed = chosen.get("Options")
    if listed is None:
        listed = [chosen[side] for side in ("FalseOption", "TrueOption") if chosen.get(side)]
    return tuple(
        Option(
            value=int(entry["Value"]),
            label=label(entry.get("Label")) or str(entry["Value"]),
            color=entry.get("Color") or "",
            state=entry.get("State"),
        )
        for entry in listed
    )


def many_to_one(found: Mapping[str, Any]) -> Relationship:
    return Relationship(
        schema_name=found["SchemaName"],
        kind="ManyToOne",
        navigation=found.get("ReferencingEntityNavigationPropertyName") or "",
        other=found["ReferencedEntity"],
        attribute=found.get("ReferencingAttribute") or "",
    )


def one_to_many(found: Mapping[str, Any]) -> Relationship:
    return Relationship(
        schema_name=found["SchemaName"],
        kind="OneToMany",
        navigation=found.get("ReferencedEntityNavigationPropertyName") or "",
        other=found["ReferencingEntity"],
        attribute=found.get("ReferencingAttribute") or "",
    )


def many_to_many(found: Mapping[str, Any], logical_name: str) -> list[Relationship]:
    """Seen from one entity; twice when the entity is related to itself."""
    sides = (
        (
            found["Entity1LogicalName"],
            found.get("Entity1NavigationPropertyName"),
            found["Entity2LogicalName"],
        ),
        (
            found["Entity2LogicalName"],
            found.get("Entity2NavigationPropertyName"),
            found["Entity1LogicalName"],
        ),
    )
    return [
        Relationship(
            schema_name=found["SchemaName"],
            kind="ManyToMany",
            navigation=navigation or "",
            other=other,
            intersect=found.get("IntersectEntityName") or "",
        )
        for mine, navigation, other in sides
        if mine == logical_name
    ]


def _navigation(
    logical_name: str, kind: str, targets: tuple[str, ...], relationships: list[Relationship]
) -> dict[str, str]:
    named = {
        relationship.other: relationship.navigation
        for relationship in relationships
        if relationship.kind == "ManyToOne"
        and relationship.attribute == logical_name
        and relationship.navigation
    }
    if kind == "Owner":
        # One property for users and teams, though the relationship leads to the pseudo-entity `owner`.
        everyone = named.get("owner") or logical_name
        return {target: named.get(target, everyone) for target in targets or ("systemuser", "team")}
    return {target: named[target] for target in targets if target in named} or named


def _decimal(found: Any) -> Decimal | None:
    return None if found is None else Decimal(found)


def _format(found: Mapping[str, Any]) -> str:
    """Strings name their format in FormatName, which knows more kinds than the older Format."""
    return str(value(found.get("FormatName")) or value(found.get("Format")) or "")
