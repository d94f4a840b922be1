"""Lists that join records of two entities: which ones belong to a record, and adding to and taking from them.

    links = Links(accounts, "leads")
    links.list(account_id); links.add(account_id, lead_id)

A list can be looked at by whoever may get the record and search the other entity; it is changed like the record.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from accounts import audit
from core.problems import Missing
from integrations.definition import Operation, Relationship, RelationshipKind
from integrations.operations import EntityOperations
from integrations.records import Record
from integrations.searching.query import columns, selected
from integrations.values import record_reader
from integrations.writes import About, tell
from microsoft import odata
from microsoft.errors import MicrosoftError

MOST = 100


class Links:
    """One many-to-many list of an entity, by the integration's name for it."""

    def __init__(self, operations: EntityOperations, name: str) -> None:
        self.operations = operations
        self.relationship = _named(operations, name)
        target = operations.service.entity_for(self.relationship.target)
        if target is None:
            raise Missing(f"{operations.entity.label} has no list {name[:60]!r} in this integration.")
        self.target = target

    def list(self, record_id: str, select: Sequence[str] | None = None) -> list[Record]:
        """The records that are joined to this one, at most `MOST`, with the chosen attributes or all."""
        self.operations.require(Operation.GET)
        self.target.require(Operation.SEARCH)
        entity, target = self.operations.entity, self.target.entity
        chosen = selected(target, select)
        navigation = odata.name(self.relationship.navigation)
        expand = f"{navigation}($select={','.join(columns(target, chosen))};$top={MOST})"
        with self.operations.service.reaching():
            raw = self.operations.service.client.get(
                entity.entity_set, _id(record_id), select=(entity.primary_id,), expand=expand
            )
        return [*map(record_reader(target, chosen), raw.get(navigation) or ())]

    def add(self, record_id: str, other_id: str) -> None:
        """Join two records. Raises Clash when they are already."""
        self._require_write()
        service, navigation = self.operations.service, self.relationship.navigation
        with self._writing("linked a record of", record_id, other_id):
            service.client.associate(
                self.operations.entity.entity_set,
                _id(record_id),
                navigation,
                self.target.entity.entity_set,
                _id(other_id),
            )
        self._tell("link", record_id, other_id)

    def remove(self, record_id: str, other_id: str) -> None:
        """Part two records; both stay."""
        self._require_write()
        with self._writing("unlinked a record of", record_id, other_id):
            self.operations.service.client.disassociate(
                self.operations.entity.entity_set,
                _id(record_id),
                self.relationship.navigation,
                _id(other_id),
            )
        self._tell("unlink", record_id, other_id)

    def may_change(self) -> bool:
        return self.operations.may(Operation.UPDATE) and self.target.may(Operation.SEARCH)

    def _require_write(self) -> None:
        self.operations.require(Operation.UPDATE)
        self.target.require(Operation.SEARCH)

    def _tell(self, kind: str, record_id: str, other_id: str) -> None:
        other = {"entity": self.relationship.target, "id": other_id, "label": ""}
        tell(self.operations, kind, record_id, {self.relationship.name: other}, About())

    @contextmanager
    def _writing(self, verb: str, record_id: str, other_id: str) -> Iterator[None]:
        service = self.operations.service
        with (
            self.operations.service.reaching(),
            audit.intent(
                service.actor,
                verb,
                service.integration,
                fields=[self.relationship.name],
                message=f"{self.operations.entity.label} {record_id} and {self.target.entity.label} {other_id}",
                acted_as=service.acts_as_label,
            ),
        ):
            yield


def _named(operations: EntityOperations, name: str) -> Relationship:
    for each in operations.entity.relationships:
        if each.name == name and each.kind is RelationshipKind.MANY_TO_MANY:
            return each
    raise Missing(f"{operations.entity.label} has no list {name[:60]!r} in this integration.")


def _id(record_id: str) -> str:
    try:
        return str(odata.guid(record_id))
    except MicrosoftError:
        raise Missing(f"There is no record {record_id[:60]!r}.") from None
