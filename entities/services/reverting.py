"""Taking one change back: what stood there before is written again, and that is a change of its own."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.actors import Actor
from core.problems import BadInput, Missing
from entities.meaning import same
from entities.models import RecordChange
from entities.place import Place
from entities.plain import plain
from integrations.definition import ActsAs, Attribute, Definition, Entity, Operation
from integrations.records import Record
from integrations.writes import About

Kind = RecordChange.Kind


@dataclass(frozen=True)
class Step:
    """One attribute that would be written. `moved_on`: somebody has changed it again since."""

    attribute: Attribute
    before: Any
    after: Any
    now: Any = None
    moved_on: bool = False


@dataclass(frozen=True)
class Way:
    """How a change can be taken back: `steps`, and in `left` why some of it cannot."""

    steps: list[Step]
    left: list[str]
    operation: Operation

    @property
    def is_open(self) -> bool:
        return bool(self.steps)


def find_change(place: Place, record_id: str, pk: UUID) -> RecordChange:
    """A change of this record through this integration. Raises Missing."""
    rows = changes_of(place, record_id)
    updates, deletions = rows.exclude(kind=Kind.DELETE), rows.filter(kind=Kind.DELETE)
    change = (
        updates.filter(pk=pk).first()
        or unasked(deletions, place.service.definition, place.service.actor).filter(pk=pk).first()
    )
    if change is None:
        raise Missing("There is no such change of this record.")
    return change


def changes_of(place: Place, record_id: str) -> "QuerySet[RecordChange]":
    """The changes of one record that were made through this integration in this environment, the latest first."""
    return RecordChange.objects.filter(
        integration=place.integration,
        environment=place.service.binding.connection.environment_id,
        entity=place.entity.logical_name,
        record_id=record_id,
    ).select_related("actor", "run", "reverts")


def unasked(rows: "QuerySet[RecordChange]", definition: Definition, actor: Actor) -> "QuerySet[RecordChange]":
    """Those of the changes that this person may be shown without Dynamics being asked for the records.

    Where everybody acts as themselves it is Dynamics that knows who may see what; only one's own changes are known
    to be one's own to see.
    """
    return rows.filter(actor=actor.user) if definition.acts_as is ActsAs.PERSON else rows


def way_back(place: Place, change: RecordChange, now: Record | None) -> Way:
    """What taking the change back would write, within today's published definition.

    Args:
        place: where the record is.
        change: an update or a deletion; what else there is is not taken back by writing.
        now: the record as it is; None when it is gone.

    """
    if change.kind == Kind.DELETE:
        return _again(place.entity, change)
    if change.kind != Kind.UPDATE or now is None:
        return Way([], [], Operation.UPDATE)
    steps, left = [], []
    values = change.values
    for logical_name in change.fields:
        attribute = place.entity.attribute_of(logical_name)
        if attribute is None or not attribute.can_read:
            left.append(f"{logical_name} is no longer part of this integration")
        elif not attribute.can_update:
            left.append(f"{attribute.label or attribute.name} cannot be changed")
        elif logical_name not in values.before:
            left.append(f"what {attribute.label or attribute.name} held before is not known")
        else:
            after, present = values.after.get(logical_name), plain(now.values.get(attribute.name))
            moved = not same(attribute, after, present)
            steps.append(Step(attribute, values.before[logical_name], after, present, moved))
    return Way(steps, left, Operation.UPDATE)


def revert(place: Place, change: RecordChange, etag: str) -> str:
    """Take the change back in the version of the record that the person saw; gives the record's id.

    Raises:
        BadInput: there is nothing that could be written.
        Clash: somebody has changed the record since it was shown.

    """
    record_id = str(change.record_id)
    title = change.values.title
    if change.kind == Kind.DELETE:
        way = way_back(place, change, None)
        _need(way)
        values = {step.attribute.name: step.before for step in way.steps}
        return place.records.create(values, About(title=title, reverts=change.pk), record_id=record_id)
    now = place.records.get(record_id)
    way = way_back(place, change, now)
    _need(way)
    values = {step.attribute.name: step.before for step in way.steps}
    place.records.update(
        record_id, values, etag=etag, about=About(before=now.values, title=title, reverts=change.pk)
    )
    return record_id


def _need(way: Way) -> None:
    if not way.is_open:
        raise BadInput(
            "This change cannot be taken back: " + ("; ".join(way.left) or "it holds no values") + "."
        )


def _again(entity: Entity, change: RecordChange) -> Way:
    steps, left = [], []
    for logical_name, before in change.values.before.items():
        attribute = entity.attribute_of(logical_name)
        if before in (None, "", []):
            continue
        if attribute is None or not attribute.can_create or attribute.type in ("State", "Status"):
            left.append(f"{attribute.label if attribute else logical_name} cannot be set on a new record")
        else:
            steps.append(Step(attribute, before, None))
    return Way(steps, left, Operation.CREATE)
