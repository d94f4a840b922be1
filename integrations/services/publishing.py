"""From draft to version. A version never changes; what is published again has the next number."""

from dataclasses import dataclass

from django.db import transaction

from accounts.actors import Actor
from connections.models import Connection
from connections.services import privileges as roles
from core import clock
from core.problems import BadInput
from integrations.definition import Definition, Operation
from integrations.differences import Change, differences
from integrations.models import Integration, Version
from integrations.privileges import needed, required
from integrations.published import definition_of
from integrations.services import access


@dataclass(frozen=True)
class Review:
    """What publishing the draft would do. `obstacles` must be gone first."""

    definition: Definition
    latest: Version | None
    changes: list[Change]
    privileges: dict[str, str]
    obstacles: list[str]

    @property
    def pending(self) -> bool:
        """Whether the draft differs from what is published."""
        return self.latest is None or bool(self.changes)

    @property
    def breaking(self) -> list[Change]:
        return [] if self.latest is None else [change for change in self.changes if change.breaking]


def review(integration: Integration) -> Review:
    """The draft beside the latest version. Asks nobody but our own database."""
    draft = integration.draft
    latest = integration.versions.defer("sealed_definition").first()
    return Review(
        definition=draft,
        latest=latest,
        changes=differences(definition_of(latest.pk) if latest else None, draft),
        privileges=needed(draft),
        obstacles=_obstacles(draft),
    )


def publish(actor: Actor, integration: Integration, revision: int, notes: str = "") -> Version:
    """Make the draft the next version, and let the roles of bound connections follow.

    Args:
        actor: who.
        integration: which.
        revision: the one the person reviewed.
        notes: for whoever uses the service.

    Raises:
        BadInput: the draft is not complete, or nothing has changed.
        Clash, NotPermitted, GateClosed: see `access.require`.

    """
    access.require(actor, integration, revision)
    with transaction.atomic():
        row = access.hold(integration, revision)
        seen = review(row)
        if seen.obstacles:
            raise BadInput(" ".join(seen.obstacles), title="Not ready to publish")
        if not seen.pending:
            raise BadInput("Nothing has changed since the latest version.", title="Nothing to publish")
        version = Version(
            integration=row,
            number=(seen.latest.number if seen.latest else 0) + 1,
            notes=notes.strip(),
            changes=[change.as_json() for change in seen.changes],
            author=actor.user,
            published_at=clock.now(),
        )
        version.definition = seen.definition
        version.save()
        access.save(actor, row, "published", fields=["version"], message=f"version {version.number}")
        for connection in Connection.objects.filter(bindings__integration=row).distinct():
            roles.record(actor, connection, required(connection))
    return version


def _obstacles(draft: Definition) -> list[str]:
    if not draft.entities:
        return ["Choose at least one entity."]
    empty = [entity.label or entity.name for entity in draft.entities if not entity.attributes]
    mute = [
        entity.label or entity.name
        for entity in draft.entities
        if entity.operations & {Operation.GET, Operation.SEARCH}
        and not any(attribute.can_read for attribute in entity.attributes)
    ]
    return [f"Choose attributes of {name}." for name in empty] + [
        f"{name} can be read, but none of its chosen attributes can." for name in mute if name not in empty
    ]
