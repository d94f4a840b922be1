"""The one gate to records: every read and write of a published integration passes here.

    svc = Service.on(integration, "development", actor=Actor.person(user))
    accounts = svc.entity("account")
    page = accounts.search(Where("name", Operator.CONTAINS, "coffee"), order_by=[("name", "asc")], top=50)
    accounts.update(page.records[0].id, {"telephone1": "+44 20 7946 0000"}, etag=page.records[0].etag)

Names are the integration's. Only published attributes are ever selected or written, only published
operations ever run. A person needs to be in the team (to write: as editor); calls without an actor are code
of this installation and run as the application.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from accounts import audit
from accounts.actors import Actor
from accounts.models import Role
from accounts.rules import require_role
from core.problems import BadInput, Missing, NotPermitted, Problem
from integrations import cursors
from integrations.access import client_for, reaching
from integrations.conditions import odata_filter
from integrations.definition import ActsAs, Attribute, Definition, Entity, Operation
from integrations.filters import Filter, Operator, Where
from integrations.models import Binding, Integration, Version
from integrations.published import binding_of, definition_of, version_of
from integrations.query import Order, columns, ordering, readable, selected
from integrations.records import Link, Record, Result, Tally
from integrations.values import body_for, record_from
from integrations.writes import About, tell
from microsoft import odata
from microsoft.dataverse import Dataverse
from microsoft.errors import MicrosoftError

__all__ = ["EntityOperations", "Link", "Record", "Result", "Service", "Tally"]

MAX_PAGE = 5000
Scope = Mapping[str, Collection[str]]
WRITES = frozenset({Operation.CREATE, Operation.UPDATE, Operation.DELETE})
DEFAULT_ACTOR = Actor.system("code of this installation")


@dataclass(frozen=True)
class Service:
    """A published version of an integration, on the connection that a stage binds it to."""

    integration: Integration
    version: Version
    binding: Binding
    definition: Definition
    actor: Actor
    scope: Scope | None = None

    @classmethod
    def on(
        cls,
        integration: Integration,
        stage_slug: str = "development",
        actor: Actor | None = None,
        version: int | None = None,
        scope: Scope | None = None,
    ) -> "Service":
        """The service of an integration on a stage; the latest version unless one is named.

        `scope` narrows it further: logical name of an entity → operations, None for all that is published.

        Raises:
            Missing: to strangers, and when nothing is published or the stage is not bound.
            NotPermitted: when the integration acts as the signed-in person and there is none.

        """
        actor = actor or DEFAULT_ACTOR
        require_role(actor, integration.team, Role.VIEWER)
        chosen = version_of(integration, version)
        definition = definition_of(chosen.pk)
        if definition.acts_as is ActsAs.PERSON and actor.user is None:
            raise NotPermitted(
                f"{integration.name} acts as the signed-in person, and nobody is signed in here.",
                advice="Use it from the portal, or let it act as the application.",
            )
        return cls(integration, chosen, binding_of(integration, stage_slug), definition, actor, scope)

    @property
    def entities(self) -> tuple[Entity, ...]:
        return self.definition.entities

    def entity(self, name: str) -> "EntityOperations":
        """The operations on one entity, by the integration's name for it."""
        for entity in self.definition.entities:
            if entity.name == name:
                return EntityOperations(self, entity)
        raise Missing(
            f"{self.integration.name} offers no entity {name[:80]!r} in version {self.version.number}."
        )

    def entity_for(self, logical_name: str) -> "EntityOperations | None":
        """The operations on the entity with this Dataverse name, if the integration has chosen it."""
        entity = self.definition.entity(logical_name)
        return EntityOperations(self, entity) if entity else None

    @cached_property
    def client(self) -> Dataverse:
        """The client that acts as the application, or as the person, as the integration says."""
        return client_for(self.binding.connection, self.definition.acts_as, self.actor)

    @property
    def acts_as_label(self) -> str:
        """As whom Dynamics sees the calls."""
        if self.definition.acts_as is ActsAs.PERSON:
            return self.actor.label
        return f"application of {self.binding.connection.name}"


class EntityOperations:
    """Create, get, update, delete, search and count on one entity of a service."""

    def __init__(self, service: Service, entity: Entity) -> None:
        self.service = service
        self.entity = entity

    def allows(self, operation: Operation) -> bool:
        """Whether the integration offers the operation on this entity."""
        return operation in self.entity.operations

    def may(self, operation: Operation) -> bool:
        """Whether it is offered and this actor's role is enough for it: for buttons."""
        try:
            self.require(operation)
        except Problem:
            return False
        return True

    def require(self, operation: Operation) -> None:
        """Raises NotPermitted when it is not offered here, or when the actor's role is not enough for it."""
        integration = self.service.integration
        require_role(
            self.service.actor, integration.team, Role.EDITOR if operation in WRITES else Role.VIEWER
        )
        if operation not in self.entity.operations:
            raise NotPermitted(
                f"{integration.name} does not offer to {operation.value} {self.entity.label or self.entity.name}.",
                advice="Someone who builds integrations in its team can add the operation and publish again.",
                code="not_offered",
            )
        scope = self.service.scope
        if scope is not None and operation.value not in scope.get(self.entity.logical_name, ()):
            raise NotPermitted(
                f"This key may not {operation.value} {self.entity.label or self.entity.name}.",
                title="Beyond the key",
                advice="Use a key that includes this operation, or ask for one.",
                code="key_scope",
            )

    @cached_property
    def readable(self) -> tuple[Attribute, ...]:
        return readable(self.entity)

    def create(self, values: Mapping[str, Any], about: About | None = None, *, record_id: str = "") -> str:
        """Create a record and return its id.

        Args:
            values: by the integration's names. Lookups are a Link or {"entity", "id"}; choices are numbers;
                money and decimals are Decimal, int or exact text; times carry their zone.
            about: what the caller knows besides, for the history.
            record_id: the id it shall have; Dynamics chooses one otherwise.

        Raises:
            BadInput: `fields` names what is unknown, missing or does not fit; nothing was written.
            NotPermitted, Missing, Clash, Unavailable: as Dynamics or the definition says.

        """
        self.require(Operation.CREATE)
        body = body_for(self.entity, values, creating=True)
        if record_id:
            body[self.entity.primary_id] = self._id(record_id)
        with self._writing("created a record of", values):
            record_id = self.service.client.create(self.entity.entity_set, body)
        tell(self, "create", record_id, values, about)
        return record_id

    def get(self, record_id: str, select: Sequence[str] | None = None) -> Record:
        """One record, with the chosen attributes or all of them. Raises Missing when there is none."""
        self.require(Operation.GET)
        chosen = selected(self.entity, select)
        with self._reaching():
            raw = self.service.client.get(
                self.entity.entity_set, self._id(record_id), select=columns(self.entity, chosen)
            )
        return record_from(self.entity, chosen, raw)

    def update(
        self,
        record_id: str,
        values: Mapping[str, Any],
        etag: str | None = None,
        about: About | None = None,
    ) -> None:
        """Change the given attributes of a record; others stay as they are.

        Args:
            record_id: the record.
            values: as for `create`; None clears.
            etag: the one of the record that the person saw. Without it the last writer wins.
            about: what the caller knows besides, for the history.

        Raises:
            Clash: when the record has changed since that etag; nothing was written.
            BadInput, NotPermitted, Missing, Unavailable: as for `create`.

        """
        self.require(Operation.UPDATE)
        if not values:
            return
        body = body_for(self.entity, values, creating=False)
        record_id = self._id(record_id)
        with self._writing("changed a record of", values, record_id):
            self.service.client.update(self.entity.entity_set, record_id, body, etag=etag or "*")
        tell(self, "update", record_id, values, about)

    def delete(self, record_id: str, etag: str | None = None, about: About | None = None) -> None:
        """Delete a record; with an etag only if it has not changed since. Raises as `update`."""
        self.require(Operation.DELETE)
        record_id = self._id(record_id)
        with self._writing("deleted a record of", {}, record_id):
            self.service.client.delete(self.entity.entity_set, record_id, etag=etag or None)
        tell(self, "delete", record_id, {}, about)

    def search(
        self,
        where: Filter | None = None,
        order_by: Order = (),
        top: int = 50,
        cursor: str | None = None,
        select: Sequence[str] | None = None,
    ) -> Result:
        """A page of records.

        Args:
            where: a filter, or None for all.
            order_by: (attribute, "asc" or "desc") pairs; the record id settles ties.
            top: records per page, 1 to 5,000.
            cursor: `next_cursor` of the page before; the other arguments must be the same as there.
            select: attributes to read; all readable ones by default.

        Raises:
            BadInput: unknown attributes, impossible conditions, a cursor of another query.

        """
        self.require(Operation.SEARCH)
        if not 1 <= top <= MAX_PAGE:
            raise BadInput(f"A page holds 1 to {MAX_PAGE} records.", fields={"top": f"1 to {MAX_PAGE}"})
        chosen = selected(self.entity, select)
        select_these, order = columns(self.entity, chosen), ordering(self.entity, order_by)
        text = odata_filter(self.entity, where)
        query = self._fingerprint(select_these, order, text, top)
        with self._reaching():
            if cursor:
                page = self.service.client.next_page(cursors.unwrap(cursor, query), page_size=top)
            else:
                page = self.service.client.list(
                    self.entity.entity_set,
                    select=select_these,
                    filter=text or None,
                    orderby=order,
                    page_size=top,
                )
        return Result(
            [record_from(self.entity, chosen, raw) for raw in page.records],
            cursors.wrap(page.next_link, query) if page.next_link else None,
        )

    def count(self, where: Filter | None = None) -> int:
        """How many records there are, exactly: beyond Dataverse's own bound of 5,000 their ids are read."""
        tally = self.tally(where)
        if not tally.at_least:
            return tally.count
        with self._reaching():
            pages = self.service.client.pages(
                self.entity.entity_set,
                select=(self.entity.primary_id,),
                filter=odata_filter(self.entity, where) or None,
                page_size=MAX_PAGE,
                formatted=False,
            )
            return sum(len(page.records) for page in pages)

    def tally(self, where: Filter | None = None) -> Tally:
        """The count that one quick request gives: up to 5,000, or "at least" that."""
        self.require(Operation.COUNT)
        text = odata_filter(self.entity, where)
        with self._reaching():
            page = self.service.client.list(
                self.entity.entity_set,
                select=(self.entity.primary_id,),
                filter=text or None,
                count=True,
                page_size=1,
                formatted=False,
            )
        return Tally(page.count or 0, page.count_limited)

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

    def _fingerprint(self, *query: Any) -> str:
        service = self.service
        # The person counts too: what one may see, another must not page through.
        person = service.actor.user.pk if service.actor.user else None
        return cursors.fingerprint(
            service.version.pk, service.binding.connection_id, person, self.entity.logical_name, *query
        )

    def _id(self, record_id: str) -> str:
        try:
            return str(odata.guid(record_id))
        except MicrosoftError:
            raise Missing(f"There is no record {str(record_id)[:60]!r}.") from None

    @contextmanager
    def _writing(self, verb: str, values: Mapping[str, Any], record_id: str = "") -> Iterator[None]:
        service = self.service
        label = self.entity.label or self.entity.name
        with (
            self._reaching(),
            audit.intent(
                service.actor,
                verb,
                service.integration,
                fields=sorted(values),
                message=f"{label} {record_id}".strip(),
                acted_as=service.acts_as_label,
            ),
        ):
            yield

    def _reaching(self) -> AbstractContextManager[None]:
        service = self.service
        return reaching(service.binding.connection.environment, service.definition.acts_as)
