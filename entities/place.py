"""Where somebody is working: one entity of a published integration, on one stage, with what they may do."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from accounts.actors import actor_of
from accounts.models import Role
from accounts.rules import for_person, role_in
from core.problems import Missing
from integrations.definition import ActsAs, Attribute, Entity, Operation
from integrations.kinds import BLOBS, Kind, kind_of
from integrations.models import Integration, Stage
from integrations.operations import WRITES, EntityOperations, Service

OWNERS = ("systemuser", "team")


@dataclass
class Place:
    """Built by `find_place`, which has made sure that the person may look here."""

    service: Service
    records: EntityOperations

    @property
    def integration(self) -> Integration:
        return self.service.integration

    @property
    def stage(self) -> Stage:
        return self.service.binding.stage

    @property
    def entity(self) -> Entity:
        return self.records.entity

    @property
    def address(self) -> list[str]:
        """The first parts of every URL below this place."""
        return [str(self.integration.pk), self.stage.slug, self.entity.name]

    @property
    def title(self) -> str:
        return self.entity.label or self.entity.name

    @property
    def heading(self) -> str:
        """Several of them."""
        return self.entity.plural or self.title

    @property
    def lead(self) -> str:
        """Where this is, below a page's title."""
        return f"{self.integration.name} · {self.stage.name}"

    @property
    def working_as(self) -> str:
        """As whom Dynamics sees what is done here."""
        label = self.service.acts_as_label
        return "you" if self.service.definition.acts_as is ActsAs.PERSON else f"the {label}"

    @property
    def may_edit(self) -> bool:
        """One edits what one has seen: without reading a record there is no form for it."""
        return self.may["get"] and self.may["update"]

    @property
    def may_delete(self) -> bool:
        return self.may["get"] and self.may["delete"]

    @cached_property
    def columns(self) -> list[Attribute]:
        """What can be shown, the primary name first."""
        return sorted(self.records.readable, key=lambda item: not item.primary_name)

    @cached_property
    def url(self) -> str:
        """The address of the list; the records' lie below it."""
        return reverse("entities:grid", args=self.address)

    @cached_property
    def primary_name(self) -> str:
        return next((item.name for item in self.entity.attributes if item.primary_name), "")

    @cached_property
    def role(self) -> Role | None:
        """The person's own role in the team, asked once for a page."""
        return role_in(self.service.actor.user, self.integration.team)

    @cached_property
    def may(self) -> dict[str, bool]:
        """What to offer on pages. Whether it is done in the end is for the operations to say."""
        return {operation.value: self.offers(self.entity, operation) for operation in Operation}

    def offers(self, entity: Entity, operation: Operation) -> bool:
        needed = Role.EDITOR if operation in WRITES else Role.VIEWER
        sees = self.role is not None or self.service.actor.user is None
        enough = self.role is None or self.role >= needed
        return operation in entity.operations and sees and enough

    @cached_property
    def record_urls(self) -> dict[str, str]:
        """For each entity whose records can be opened here, by its logical name, where they lie."""
        return {
            entity.logical_name: reverse("entities:grid", args=[*self.address[:2], entity.name])
            for entity in self.service.definition.entities
            if Operation.GET in entity.operations
        }

    def can_edit(self, attribute: Attribute) -> bool:
        """Whether this person may change the attribute of a record that is there."""
        return attribute.name in self._editable

    @cached_property
    def _editable(self) -> frozenset[str]:
        if not self.may_edit:
            return frozenset()
        return frozenset(
            item.name
            for item in self.entity.attributes
            if item.can_update
            and kind_of(item) not in BLOBS
            and (kind_of(item) is not Kind.LOOKUP or self.can_point_to(item))
        )

    def can_point_to(self, attribute: Attribute) -> frozenset[str]:
        """The logical names of what a lookup can be given here, because it can be found by name."""
        published = {records.entity.logical_name for records in self.lookup_targets(attribute)}
        return frozenset(published | self.owners_apart(attribute))

    def owners_apart(self, attribute: Attribute) -> frozenset[str]:
        """The kinds of owner that are not published: a person finds them with their own authorization."""
        if attribute.type != "Owner" or self.service.actor.user is None:
            return frozenset()
        return frozenset(
            kind for kind in OWNERS if kind in attribute.targets and not self.service.definition.entity(kind)
        )

    def lookup_targets(self, attribute: Attribute) -> list[EntityOperations]:
        """The published entities that a lookup may point to and whose records this person can find by name."""
        found = [self.service.entity_for(logical_name) for logical_name in attribute.targets]
        return [records for records in found if records and self._can_be_found(records)]

    def _can_be_found(self, records: EntityOperations) -> bool:
        named = any(attribute.primary_name for attribute in records.readable)
        return named and self.offers(records.entity, Operation.SEARCH)


def find_place(request: HttpRequest, integration_id: UUID, stage: str, entity: str) -> Place:
    """The place an address names, if this person is in its team.

    Raises:
        Missing: when any part is unknown, or belongs to a team the person is not in.

    """
    rows = for_person(
        Integration.objects.select_related("team", "environment").defer("sealed_draft"), request.user
    )
    integration = rows.filter(pk=integration_id).first()
    if integration is None:
        raise Missing(
            "There is no such integration, or it belongs to a team you are not in.",
            advice="Ask an owner of the team for access.",
        )
    service = Service.on(integration, stage, actor=actor_of(request))
    return Place(service, service.entity(entity))
