"""Tables as entity types, with their properties, navigation properties and keys.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/web-api-entitytypes
"""

from collections.abc import Iterable

from sandbox.dataverse.csdl.annotations import Annotations
from sandbox.dataverse.csdl.markup import tag
from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.metadata.snapshot import Entity, Navigation, Snapshot
from sandbox.dataverse.records.values import edm_type

BASE = "mscrm.crmbaseentity"
POINTER = "activitypointer"
PRINCIPALS = frozenset({"systemuser", "team"})
# The pseudo-table of owners is OData's common base of users and teams.
TYPE_NAMES = {"owner": "principal"}


def type_name(table: str) -> str:
    return f"mscrm.{TYPE_NAMES.get(table, table)}"


class EntityTypes:
    """The entity types of one snapshot."""

    def __init__(self, snapshot: Snapshot, annotations: Annotations) -> None:
        self.snapshot = snapshot
        self.annotations = annotations

    def all(self) -> Iterable[str]:
        """The abstract types, then one type for each table."""
        yield tag("EntityType", Name="crmbaseentity", Abstract="true")
        yield tag("EntityType", Name="expando", BaseType=BASE, OpenType="true")
        for entity in self.snapshot.entities.values():
            yield self._owner(entity) if entity.name == "owner" else self._type(entity)

    def base(self, entity: Entity) -> Entity | None:
        """The table whose type a table's type is derived from, if that is one with properties of its own."""
        pointer = self.snapshot.entities.get(POINTER)
        if entity.table.is_activity and pointer is not None and entity is not pointer:
            return pointer
        return None

    def _owner(self, entity: Entity) -> str:
        key = tag("Key", tag("PropertyRef", Name="ownerid"))
        owner_id = tag("Property", Name="ownerid", Type="Edm.Guid")
        navigations = [self._navigation(entity, n) for n in entity.navigations.values()]
        return tag("EntityType", key, owner_id, *navigations, Name="principal", BaseType=BASE)

    def _type(self, entity: Entity) -> str:
        base = self.base(entity)
        inherited = {*base.by_wire, *base.navigations} if base else set()
        principal = entity.name in PRINCIPALS and "owner" in self.snapshot.entities
        content = []
        if not base and not principal:
            content.append(tag("Key", tag("PropertyRef", Name=entity.id)))
        content += [self._property(c) for wire, c in entity.by_wire.items() if wire not in inherited]
        content += [
            self._navigation(entity, n) for n in entity.navigations.values() if n.name not in inherited
        ]
        content += self.annotations.of_table(entity)
        parent = type_name("owner") if principal else type_name(base.name) if base else BASE
        return tag("EntityType", *content, Name=entity.name, BaseType=parent)

    def _property(self, column: Column) -> str:
        kind = edm_type(column)
        return tag(
            "Property",
            *self.annotations.of_column(column),
            Name=column.wire,
            Type=kind,
            Scale="Variable" if kind == "Edm.Decimal" else None,
            Unicode="false" if kind == "Edm.String" else None,
        )

    def _navigation(self, entity: Entity, navigation: Navigation) -> str:
        target = type_name(navigation.target)
        partner = self._partner(entity, navigation)
        if not navigation.is_single:
            return tag(
                "NavigationProperty", Name=navigation.name, Type=f"Collection({target})", Partner=partner
            )
        column = entity.columns[navigation.column]
        constraint = tag(
            "ReferentialConstraint",
            Property=column.wire,
            ReferencedProperty=self.snapshot.entities[navigation.target].id,
        )
        return tag("NavigationProperty", constraint, Name=navigation.name, Type=target, Partner=partner)

    def _partner(self, entity: Entity, navigation: Navigation) -> str | None:
        """The other end of the same relationship. Both ends of an N:N have one name."""
        other = self.snapshot.entities[navigation.target]
        for candidate in other.navigations.values():
            same = candidate.relationship is navigation.relationship and candidate.target == entity.name
            if same and (candidate is not navigation or navigation.kind == "both"):
                return candidate.name
        return None
