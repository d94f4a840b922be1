"""The grid's other source: the mirror that a sync keeps of an entity. It answers to the same questions, read-only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core import clock
from core.problems import NotPermitted, Unavailable
from entities.place import Place
from entities.query import GridQuery
from integrations.definition import ActsAs, Operation
from integrations.filters import Filter
from integrations.operations import WRITES, EntityOperations
from integrations.records import Result, Tally
from integrations.searching import paging
from integrations.searching.query import Order, ordering, selected
from sync.models import Sync, SyncEntity
from sync.reading.conditions import not_held
from sync.reading.reader import Reader


@dataclass(frozen=True)
class Mirror:
    """What the page says of an entity's mirror. `as_of` is the moment that it shows."""

    row: SyncEntity
    as_of: datetime

    @property
    def sync(self) -> Sync:
        return self.row.sync

    @property
    def is_late(self) -> bool:
        """Whether it is further behind than the sync allows."""
        limit = self.sync.lag_limit
        return limit is not None and clock.now() - self.as_of > timedelta(seconds=limit)


class MirrorRecords(EntityOperations):
    """Search and count over a mirror, under the published definition as far as the mirror holds it."""

    def __init__(self, records: EntityOperations, mirror: Mirror) -> None:
        self.mirror, self.published = mirror, records.entity
        self._reader = Reader(mirror.row, records.entity)
        attributes = tuple(each for each in records.entity.attributes if each.name in self._reader.held)
        entity = records.entity.model_copy(
            update={"attributes": attributes, "operations": records.entity.operations - WRITES}
        )
        super().__init__(records.service, entity)

    @property
    def lacks(self) -> list[str]:
        """What the integration publishes and the mirror does not hold."""
        published = (each for each in self.published.attributes if each.can_read)
        return [each.label or each.name for each in published if each.name not in self._reader.held]

    def require(self, operation: Operation) -> None:
        if operation in WRITES:
            raise NotPermitted("A mirror is read-only.", advice="Show the list live to change records.")
        super().require(operation)

    def search(
        self,
        where: Filter | None = None,
        order_by: Order = (),
        top: int = 50,
        cursor: str | None = None,
        select: Sequence[str] | None = None,
        *,
        skip: int = 0,
        expand: Sequence[str] = (),
        advanced: str = "",
    ) -> Result:
        """A page of what the mirror holds. Raises as a live search, and DestinationLost."""
        self.require(Operation.SEARCH)
        paging.require_bounds(top, skip, cursor)
        if skip or expand or advanced:
            raise NotPermitted("A mirror is only asked by filters.", advice="Ask Dynamics itself.")
        ordering(self.entity, order_by)
        names = [each.name for each in selected(self.entity, select)]
        user = self.service.actor.user
        return self._reader.page(where, order_by, top, cursor, names, whose=user.pk if user else None)

    def count(self, where: Filter | None = None, *, advanced: str = "") -> int:
        self.require(Operation.COUNT)
        if advanced:
            raise NotPermitted("A mirror is only asked by filters.", advice="Ask Dynamics itself.")
        return self._reader.count(where)

    def tally(self, where: Filter | None = None) -> Tally:
        return Tally(self.count(where))


# What a page about live records says of a mirror. Documents about its columns can be large.
_SHOWN = ("as_of", "sync__name", "sync__lag_limit")


def mirror_of(place: Place, *, whole: bool = False) -> Mirror | None:
    """The freshest mirror of this place's entity that has been loaded; None where there is none to be shown.

    Only with `whole` is there more of it than a page about live records shows.

    What the application has copied is not for an integration that acts as the person: Dynamics may let them see less.
    """
    if place.service.definition.acts_as is ActsAs.PERSON:
        return None
    rows = SyncEntity.objects.order_by("-as_of").filter(
        sync__integration=place.integration,
        sync__stage=place.stage,
        logical_name=place.entity.logical_name,
        as_of__isnull=False,
    )
    rows = rows.select_related("sync__team") if whole else rows.select_related("sync").only(*_SHOWN)
    row = rows.first()
    return Mirror(row, row.as_of) if row and row.as_of else None


def mirrored(place: Place) -> Place:
    """The same place, where records come from the mirror.

    Raises:
        NotPermitted: the integration acts as the person.
        Unavailable: nothing has been mirrored yet.

    """
    if place.service.definition.acts_as is ActsAs.PERSON:
        raise NotPermitted(
            f"{place.integration.name} acts as the signed-in person, and a mirror is made by the application.",
            advice="It may hold records that Dynamics does not show to you, so this list is only shown live.",
        )
    mirror = mirror_of(place, whole=True)
    if mirror is None:
        raise Unavailable(
            f"There is no mirror of {place.heading} that has been loaded.",
            title="Not mirrored",
            advice="A builder of the team can make a sync of it and run it; until then show the list live.",
        )
    return Place(place.service, MirrorRecords(place.records, mirror))


def within(place: Place, query: GridQuery) -> GridQuery:
    """The list with those of its columns that the mirror holds.

    Raises:
        BadInput: it filters or sorts by something that the mirror does not hold.

    """
    known = {each.name for each in place.columns}
    for name in [*(each.attribute for each in query.conditions), *(name for name, _ in query.order_by)]:
        if name not in known:
            raise not_held(name)
    return replace(query, columns=tuple(name for name in query.columns if name in known))
