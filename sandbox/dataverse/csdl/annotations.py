"""What ?annotations=true adds: descriptions, what is computed, change tracking and alternate keys."""

from sandbox.dataverse.csdl.markup import tag, text
from sandbox.dataverse.metadata.model import Column, Key, label
from sandbox.dataverse.metadata.snapshot import Entity

CORE = "Org.OData.Core.V1."
KEYS = "OData.Community.Keys.V1."


class Annotations:
    """Empty everywhere unless asked for."""

    def __init__(self, *, wanted: bool) -> None:
        self.wanted = wanted

    def of_table(self, entity: Entity) -> list[str]:
        if not self.wanted:
            return []
        found = []
        described = label(entity.table.description) or label(entity.table.labels)
        if described:
            found.append(tag("Annotation", Term=f"{CORE}Description", String=described))
        keys = [_key(entity, key) for key in entity.keys.values() if key.status == "Active"]
        if keys:
            found.append(tag("Annotation", tag("Collection", *keys), Term=f"{KEYS}AlternateKeys"))
        return found

    def of_column(self, column: Column) -> list[str]:
        if not self.wanted:
            return []
        found = []
        described = label(column.description) or label(column.labels)
        if described:
            found.append(tag("Annotation", Term=f"{CORE}Description", String=described))
        if not column.can_create and not column.can_update:
            found.append(tag("Annotation", Term=f"{CORE}Computed", Bool="true"))
        if column.is_lookup or not (column.can_create or column.can_update):
            member = tag("EnumMember", text(f"{CORE}PermissionType/Read"))
            found.append(tag("Annotation", member, Term=f"{CORE}Permissions"))
        return found

    def of_set(self, entity: Entity) -> list[str]:
        if not self.wanted:
            return []
        supported = "true" if entity.table.change_tracking else "false"
        record = tag("Record", tag("PropertyValue", Property="Supported", Bool=supported))
        return [tag("Annotation", record, Term="Org.OData.Capabilities.V1.ChangeTracking")]


def _key(entity: Entity, key: Key) -> str:
    parts = [entity.columns[name].wire for name in key.columns if name in entity.columns]
    references = [
        tag(
            "Record",
            tag("PropertyValue", Property="Alias", String=name),
            tag("PropertyValue", Property="Name", PropertyPath=name),
            Type=f"{KEYS}PropertyRef",
        )
        for name in parts
    ]
    listed = tag("PropertyValue", tag("Collection", *references), Property="Key")
    return tag("Record", listed, Type=f"{KEYS}AlternateKey")
