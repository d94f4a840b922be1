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
from core.problems import Missing, NotPermitted, Problem
from integrations.access import client_for, serving
from integrations.definition import ActsAs, Definition, Entity, Operation
from integrations.keying import key_values, upsert_body
from integrations.models import Binding, Integration, Version
from integrations.published import binding_of, definition_of, version_of
from integrations.records import Link, Record, Result, Tally, Upserted
from integrations.searching.expanding import query_text
from integrations.searching.finding import Finding
from integrations.searching.query import columns, selected
from integrations.values import body_for
from integrations.writes import About, tell
from microsoft import odata
from microsoft.dataverse import Dataverse
from microsoft.errors import MicrosoftError

__all__ = ["EntityOperations", "Link", "Record", "Result", "Service", "Tally"]

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
        version: int | Version | None = None,
        scope: Scope | None = None,
    ) -> "Service":
        """The service of an integration on a stage; the latest version unless one is named or given.

        `scope` narrows it further: logical name of an entity → operations, None for all that is published.

        Raises:
            Missing: to strangers, and when nothing is published or the stage is not bound.
            NotPermitted: when the integration acts as the signed-in person and there is none.

        """
        actor = actor or DEFAULT_ACTOR
        require_role(actor, integration.team, Role.VIEWER)
        chosen = version if isinstance(version, Version) else version_of(integration, version)
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

    def reaching(self) -> AbstractContextManager[None]:
        """Around calls of the client: what Microsoft says becomes a problem for people, see `access.serving`."""
        return serving(self.binding.connection, self.definition.acts_as)

    @property
    def acts_as_label(self) -> str:
        """As whom Dynamics sees the calls."""
        if self.definition.acts_as is ActsAs.PERSON:
            return self.actor.label
        return f"application of {self.binding.connection.name}"


class EntityOperations(Finding):
    """Create, get, update, upsert, delete, search and count on one entity of a service."""

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

    def get(
        self, record_id: str, select: Sequence[str] | None = None, *, expand: Sequence[str] = ()
    ) -> Record:
        """One record, with the chosen attributes or all, and the related ones in `expand`.

        Raises:
            Missing: there is none.
            BadInput: unknown attributes, or something that cannot be expanded.

        """
        self.require(Operation.GET)
        chosen = selected(self.entity, select)
        related = self._expansions(expand)
        with self.service.reaching():
            raw = self.service.client.get(
                self.entity.entity_set,
                self._id(record_id),
                select=columns(self.entity, chosen),
                expand=query_text(related),
            )
        return self._records(chosen, related, [raw])[0]

    def exists(self, record_id: str) -> bool:
        """Whether there is a record of this id: for whoever creates records under ids of their own."""
        self.require(Operation.CREATE)
        entity = self.entity
        try:
            with self.service.reaching():
                self.service.client.get(entity.entity_set, self._id(record_id), select=(entity.primary_id,))
        except Missing:
            return False
        return True

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

    def upsert(self, key: Mapping[str, Any], values: Mapping[str, Any]) -> Upserted:
        """Change the record with this alternate key, or create it. Takes both operations.

        Args:
            key: the attributes of one of the published keys, with their values.
            values: the other attributes, as for `create`.

        Raises:
            BadInput: no such key; or `fields` names what does not fit, and nothing was written.
            NotPermitted, Clash, Unavailable: as for `create`.

        """
        self.require(Operation.CREATE)
        self.require(Operation.UPDATE)
        address = key_values(self.entity, key)
        body = upsert_body(self.entity, key, values)
        with self._writing("created or changed a record of", {**key, **values}):
            record_id, created = self.service.client.upsert(
                self.entity.entity_set, address, body, self.entity.primary_id
            )
        tell(self, "create" if created else "update", record_id, {**key, **values}, None)
        return Upserted(record_id, created)

    def delete(self, record_id: str, etag: str | None = None, about: About | None = None) -> None:
        """Delete a record; with an etag only if it has not changed since. Raises as `update`."""
        self.require(Operation.DELETE)
        record_id = self._id(record_id)
        with self._writing("deleted a record of", {}, record_id):
            self.service.client.delete(self.entity.entity_set, record_id, etag=etag or None)
        tell(self, "delete", record_id, {}, about)

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
            self.service.reaching(),
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
