"""From draft to version. A version never changes; what is published again has the next number."""

from dataclasses import dataclass

from django.db import transaction

from accounts.actors import Actor
from connections.models import Connection
from connections.services import privileges as roles
from core import clock
from core.problems import BadInput
from integrations.access import person_client
from integrations.definition import Definition, Operation
from integrations.differences import Change, differences
from integrations.metadata.quickfind import FindColumns, find_columns
from integrations.models import Integration, Version
from integrations.privileges import needed, required
from integrations.published import definition_of, number_of, usable
from integrations.services import access
from jobs import services as jobs
from jobs.models import JobRun

KIND = "integrations.publish"
MOVING = (JobRun.State.QUEUED, JobRun.State.RUNNING)


@dataclass(frozen=True)
class Review:
    """What publishing the draft would do. `obstacles` must be gone first."""

    definition: Definition
    latest: Version | None
    next_number: int
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


def review(integration: Integration, definition: Definition | None = None) -> Review:
    """The draft, or another definition, beside the latest version. Asks nobody but our own database."""
    candidate = integration.draft if definition is None else definition
    latest = usable(integration).first()
    return Review(
        definition=candidate,
        latest=latest,
        next_number=_last_number(integration) + 1,
        changes=differences(definition_of(latest.pk) if latest else None, candidate),
        privileges=needed(candidate),
        obstacles=_obstacles(candidate),
    )


def ask(actor: Actor, integration: Integration, revision: int, notes: str = "", *, again: int = 0) -> JobRun:
    """Have the draft, or an older version again, published by a job; see `publish`. Nothing is published yet.

    Raises:
        BadInput: the draft is not complete, or nothing has changed.
        Missing: there is no such older version.
        Clash, NotPermitted, GateClosed: see `access.require`.

    """
    access.require(actor, integration, revision)
    with transaction.atomic():
        row = access.hold(integration, revision)
        _candidate(row, again)
        under_way = jobs.for_subject(row).filter(kind=KIND, state__in=MOVING).first()
        if under_way is not None:  # pressing the button twice publishes once
            return under_way
        payload = {"revision": revision, "notes": notes.strip(), "again": again}
        return jobs.request(KIND, actor=actor, subject=row, payload=payload, priority=5)


def publish(
    actor: Actor, integration: Integration, revision: int, notes: str = "", *, again: int = 0
) -> Version:
    """Make the draft the next version, and let the roles of bound connections follow.

    Args:
        actor: who.
        integration: which.
        revision: the one the person reviewed.
        notes: for whoever uses the service.
        again: the number of an older version to publish again, instead of the draft: a roll back. The draft goes
            along unless it holds changes that were not published.

    Raises:
        BadInput: the draft is not complete, or nothing has changed.
        Missing: there is no such older version.
        Clash, NotPermitted, GateClosed: see `access.require`.

    """
    access.require(actor, integration, revision)
    find = find_columns_for(actor, integration, again)
    with transaction.atomic():
        return write_version(actor, integration, revision, notes, again=again, find=find)


def find_columns_for(actor: Actor, integration: Integration, again: int = 0) -> FindColumns | None:
    """What Dynamics' quick find looks in, asked before the transaction in which a version is written."""
    definition = definition_of(number_of(integration, again).pk) if again else integration.draft
    environment = integration.environment
    return find_columns(environment, lambda: person_client(actor, environment), definition)


def write_version(
    actor: Actor,
    integration: Integration,
    revision: int,
    notes: str,
    *,
    again: int = 0,
    find: FindColumns | None = None,
) -> Version:
    """`publish` within the caller's transaction, once the gate was asked; `find` as `find_columns_for` gives it."""
    row = access.hold(integration, revision)
    seen = _candidate(row, again)
    version = Version(
        integration=row,
        number=_last_number(row) + 1,
        notes=notes.strip(),
        changes=[change.as_json() for change in seen.changes],
        author=actor.user,
        published_at=clock.now(),
    )
    version.definition = seen.definition if find is None else seen.definition.with_find(find)
    version.save()
    if again and seen.latest and not differences(definition_of(seen.latest.pk), row.draft):
        row.draft = seen.definition
    what = f"version {version.number}" + (f", which is version {again} again" if again else "")
    access.save(actor, row, "published", fields=["version"], message=what)
    follow(actor, row)
    return version


def follow(actor: Actor, integration: Integration) -> None:
    """Let the roles of bound connections follow what the usable versions need. In the caller's transaction."""
    for connection in Connection.objects.filter(bindings__integration=integration).distinct():
        roles.record(actor, connection, required(connection))


def _candidate(row: Integration, again: int) -> Review:
    """What is to be published. Raises BadInput when it cannot be, Missing when there is no such version."""
    seen = review(row, definition_of(number_of(row, again).pk) if again else None)
    if seen.obstacles:
        raise BadInput(" ".join(seen.obstacles), title="Not ready to publish")
    if not seen.pending:
        raise BadInput("Nothing has changed since the latest version.", title="Nothing to publish")
    return seen


def _last_number(row: Integration) -> int:
    return row.versions.values_list("number", flat=True).first() or 0


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
