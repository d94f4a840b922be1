"""Search and count: the part of an entity's operations that asks for many records."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core.problems import Problem
from integrations.definition import ActsAs, Attribute, Entity, Operation
from integrations.filters import AllOf, Filter, Operator, Where
from integrations.records import Link, Record, Result, Tally
from integrations.searching import advanced, cursors, paging
from integrations.searching.conditions import odata_filter
from integrations.searching.expanding import Expansion, expanded, expansions, query_text
from integrations.searching.paging import MAX_PAGE
from integrations.searching.query import Order, columns, ordering, readable, selected
from integrations.values import record_reader
from microsoft.dataverse import Page

if TYPE_CHECKING:
    from integrations.operations import Service


class Finding:
    """`service` and `entity` are those of `EntityOperations`, which this is a part of."""

    service: "Service"
    entity: Entity

    if TYPE_CHECKING:

        def require(self, operation: Operation) -> None: ...

    @cached_property
    def readable(self) -> tuple[Attribute, ...]:
        return readable(self.entity)

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
        """A page of records.

        Args:
            where: a filter, or None for all.
            order_by: (attribute, "asc" or "desc") pairs; the record id settles ties.
            top: records per page, 1 to 5,000.
            cursor: `next_cursor` of the page before; the other arguments must be the same as there.
            select: attributes to read; all readable ones by default.
            skip: how many to leave out before the first page, up to 10,000. They are read all the same.
            expand: related entities to bring along, by the integration's names for them.
            advanced: a filter as OData text over the integration's names; with `where`, both must hold.

        Raises:
            BadInput: unknown attributes, impossible conditions, a cursor of another query.

        """
        self.require(Operation.SEARCH)
        paging.require_bounds(top, skip, cursor)
        chosen = selected(self.entity, select)
        related = self._expansions(expand)
        select_these, order = columns(self.entity, chosen), ordering(self.entity, order_by)
        text = odata_filter(self.entity, _joined(where, advanced))
        query = self._fingerprint(select_these, order, text, top, list(expand))

        def first(size: int) -> Page:
            return self.service.client.list(
                self.entity.entity_set,
                select=select_these,
                filter=text or None,
                orderby=order,
                expand=query_text(related),
                page_size=size,
            )

        with self.service.reaching():
            if cursor:
                rows, place = paging.go_on(self.service.client, cursors.unwrap(cursor, query), top)
            else:
                rows, place = paging.begin(self.service.client, first, top, skip)
        return Result(
            self._records(chosen, related, rows),
            cursors.wrap(place, query) if place else None,
        )

    def count(self, where: Filter | None = None, *, advanced: str = "") -> int:
        """How many records there are, exactly: beyond Dataverse's own bound of 5,000 their ids are read."""
        wanted = _joined(where, advanced)
        tally = self.tally(wanted)
        if not tally.at_least:
            return tally.count
        with self.service.reaching():
            pages = self.service.client.pages(
                self.entity.entity_set,
                select=(self.entity.primary_id,),
                filter=odata_filter(self.entity, wanted) or None,
                page_size=MAX_PAGE,
                formatted=False,
            )
            return sum(len(page.records) for page in pages)

    def tally(self, where: Filter | None = None) -> Tally:
        """The count that one quick request gives: up to 5,000, or "at least" that."""
        self.require(Operation.COUNT)
        text = odata_filter(self.entity, where)
        with self.service.reaching():
            page = self.service.client.list(
                self.entity.entity_set,
                select=(self.entity.primary_id,),
                filter=text or None,
                count=True,
                page_size=1,
                formatted=False,
            )
        return Tally(page.count or 0, page.count_limited)

    def estimate(self, where: Filter | None = None) -> Tally:
        """The same for people to read: beyond 5,000 of an unfiltered list, what Dataverse counted within the last day.

        That counts what there is in the environment, not what a person may see.
        """
        tally = self.tally(where)
        if (
            not tally.at_least
            or where is not None
            or self.service.definition.acts_as is not ActsAs.APPLICATION
        ):
            return tally
        try:
            with self.service.reaching():
                total = self.service.client.total(self.entity.logical_name)
        except Problem:
            return tally
        return Tally(total, about=True) if total > tally.count else tally

    def suggest(self, text: str, top: int = 10) -> list[Link]:
        """Records whose primary name begins with or contains the text: for pickers of lookups."""
        name = next((each for each in self.readable if each.primary_name), None)
        if name is None:
            return []
        where = Where(name.name, Operator.CONTAINS, text) if text else None
        found = self.search(where, order_by=[(name.name, "asc")], top=top, select=[name.name])
        return [
            Link(each.id, self.entity.logical_name, str(each.values[name.name] or each.id))
            for each in found.records
        ]

    def _records(
        self, chosen: Sequence[Attribute], related: Sequence[Expansion], rows: Iterable[dict[str, Any]]
    ) -> list[Record]:
        read, records = record_reader(self.entity, chosen), []
        for raw in rows:
            record = read(raw)
            record.expanded.update(expanded(related, raw))
            records.append(record)
        return records

    def _expansions(self, names: Sequence[str]) -> tuple[Expansion, ...]:
        """What is to come along, if the actor might ask for it by itself as well."""
        found = expansions(self.service.definition, self.entity, names)
        for each in found:
            operation = Operation.SEARCH if each.expand.collection else Operation.GET
            self.service.entity(each.target.name).require(operation)
        return found

    def _fingerprint(self, *query: Any) -> str:
        service = self.service
        # The person counts too: what one may see, another must not page through.
        person = service.actor.user.pk if service.actor.user else None
        return cursors.fingerprint(
            service.version.pk, service.binding.connection_id, person, self.entity.logical_name, *query
        )


def _joined(where: Filter | None, text: str) -> Filter | None:
    if not text.strip():
        return where
    parsed = advanced.parse(text)
    return parsed if where is None else AllOf((where, parsed))
