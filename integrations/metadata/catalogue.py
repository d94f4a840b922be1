"""What an environment has to offer: its entities, and the details of those that somebody looks at.

Names come first, in one request, so that a list of 900 entities is there at once; details follow one entity
at a time. Both are kept. After a day, or when somebody asks, the environment is asked what has changed since; only
that is read anew.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
from django.db.models import QuerySet

from accounts.actors import Actor
from connections.models import Connection, Environment
from core import clock
from core.problems import Problem
from integrations.access import person_client, reaching
from integrations.metadata.targets import Target, fetch_targets
from integrations.models import CatalogueEntry
from microsoft.dataverse import Dataverse, EntityDefinition, EntityName, MetadataChanges
from microsoft.errors import Invalid, Transient

Document = TypeVar("Document")
KEPT_FOR = timedelta(days=1)
_ALL = ""
_TARGETS, _STAMP = "~targets", "~stamp"
_SHAPE = 2  # of what is kept; another one is read anew


@dataclass(frozen=True)
class _Stamp:
    stamp: str
    shape: int = _SHAPE


class Catalogue:
    """The catalogue of one environment, read with whatever client the caller may use."""

    def __init__(self, environment: Environment, client: Callable[[], Dataverse]) -> None:
        self.environment = environment
        self._client = client

    def names(self) -> list[EntityName]:
        """All entities, by display name, without those that only join two others.

        Raises:
            core.problems.Problem: when nothing is kept and Dynamics cannot be asked.

        """
        return self._kept(_ALL, list[EntityName], lambda client: _offered(client.entity_names()))

    def name(self, logical_name: str) -> EntityName | None:
        """One line of `names`, or None when the environment has no such entity."""
        return next((each for each in self.names() if each.logical_name == logical_name), None)

    def entity(self, logical_name: str) -> EntityDefinition:
        """One entity with its attributes, choices and privileges. Raises Missing when there is none."""
        return self._kept(logical_name, EntityDefinition, lambda client: client.entity(logical_name))

    def has(self, logical_name: str) -> bool:
        """Whether the details of an entity are kept, so that nobody need be asked."""
        return self._entries(logical_name).exists()

    def targets(self, logical_names: Iterable[str]) -> dict[str, Target]:
        """What it takes to link to these entities: their set, and the privilege to append to them."""
        self._make_sure()
        wanted = sorted(set(logical_names))
        known = self._found(_TARGETS, dict[str, Target]) or {}
        lacking = [each for each in wanted if each not in known]
        if lacking:
            with reaching(self.environment):
                known |= fetch_targets(self._client(), lacking)
            self._keep(_TARGETS, known)
        return {each: known[each] for each in wanted if each in known}

    def checked_at(self) -> datetime | None:
        """When it was last made sure that what is kept is what there is; None when it never was."""
        return self._entries(_STAMP).values_list("fetched_at", flat=True).first()

    def refresh(self) -> MetadataChanges | None:
        """Ask what has changed, and read anew what has; None when everything had to be read anew.

        Raises:
            core.problems.Problem: Dynamics cannot be asked. What is kept stays.

        """
        with reaching(self.environment):
            client = self._client()
            changes = self._changes(client)
            if changes is not None and not changes:
                self._keep(_STAMP, _Stamp(changes.stamp))
                return changes
            stamp = changes.stamp if changes is not None else client.metadata_stamp()
            names = _offered(client.entity_names())
        stale = CatalogueEntry.objects.filter(environment=self.environment)
        if changes is not None and not changes.deleted:
            stale = stale.filter(logical_name__in=[*changes.entities, _TARGETS])
        stale.delete()
        self._keep(_ALL, names)
        self._keep(_STAMP, _Stamp(stamp))
        return changes

    def _changes(self, client: Dataverse) -> MetadataChanges | None:
        """What changed since our stamp; None without one, or with one that the server no longer knows."""
        known = self._found(_STAMP, _Stamp)
        if known is None or known.shape != _SHAPE or self._found(_ALL, list[EntityName]) is None:
            return None
        try:
            return client.metadata_changes(known.stamp)
        except Invalid:
            return None

    def _kept(
        self, logical_name: str, kind: type[Document], fetch: Callable[[Dataverse], Document]
    ) -> Document:
        self._make_sure()
        found = self._found(logical_name, kind)
        if found is None:
            with reaching(self.environment):
                found = fetch(self._client())
            self._keep(logical_name, found)
        return found

    def _make_sure(self) -> None:
        """Look for changes once a day. An old catalogue is better than none while Dynamics does not answer."""
        checked_at = self.checked_at()
        if checked_at and checked_at > clock.now() - KEPT_FOR:
            return
        try:
            self.refresh()
        except Problem as problem:
            kept = checked_at and self._found(_ALL, list[EntityName]) is not None
            if not kept or not isinstance(problem.__cause__, Transient):
                raise

    def _found(self, logical_name: str, kind: type[Document]) -> Document | None:
        document = self._entries(logical_name).values_list("document", flat=True).first()
        if document is None:
            return None
        try:
            return msgspec.json.decode(document, type=kind)
        except msgspec.ValidationError:
            return None  # written by another release, whose documents had another shape

    def _keep(self, logical_name: str, document: object) -> None:
        CatalogueEntry.objects.update_or_create(
            environment=self.environment,
            logical_name=logical_name,
            defaults={"document": msgspec.json.encode(document).decode(), "fetched_at": clock.now()},
        )

    def _entries(self, logical_name: str) -> "QuerySet[CatalogueEntry]":
        return CatalogueEntry.objects.filter(environment=self.environment, logical_name=logical_name)


def for_actor(actor: Actor, environment: Environment) -> Catalogue:
    """The catalogue as this person may read it: with their own authorization, and with nothing else."""
    return Catalogue(environment, lambda: person_client(actor, environment))


def for_connection(connection: Connection) -> Catalogue:
    """The catalogue as a connection's application reads it: unattended, or for where it is bound."""
    return Catalogue(connection.environment, lambda: connection.dataverse("sync"))


def _offered(names: Iterable[EntityName]) -> list[EntityName]:
    return [each for each in names if each.entity_set and each.primary_id and not each.is_intersect]
