"""What an environment has to offer: its entities, and the details of those that somebody looks at.

Names come first, in one request, so that a list of 900 entities is there at once; details follow one entity
at a time. Both are kept for a day, or until somebody refreshes them.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
from django.db.models import QuerySet

from accounts.actors import Actor
from connections.models import Connection, Environment
from core import clock
from integrations.access import person_client, reaching
from integrations.models import CatalogueEntry
from integrations.targets import Target, fetch_targets
from microsoft.dataverse import Dataverse, EntityDefinition, EntityName
from microsoft.errors import Transient

Document = TypeVar("Document")
KEPT_FOR = timedelta(days=1)
_ALL = ""
_TARGETS = "~targets"


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

    def targets(self, logical_names: Iterable[str]) -> dict[str, Target]:
        """What it takes to link to these entities: their set, and the privilege to append to them."""
        wanted = sorted(set(logical_names))
        known = self._found(_TARGETS, dict[str, Target]) or {}
        lacking = [each for each in wanted if each not in known]
        if lacking:
            with reaching(self.environment):
                known |= fetch_targets(self._client(), lacking)
            self._keep(_TARGETS, known)
        return {each: known[each] for each in wanted if each in known}

    def fetched_at(self, logical_name: str = _ALL) -> datetime | None:
        """When this was read; None when it never was."""
        return self._entries(logical_name).values_list("fetched_at", flat=True).first()

    def refresh(self) -> list[EntityName]:
        """Read the names anew, and forget all details so that they are read anew when somebody looks."""
        with reaching(self.environment):
            names = _offered(self._client().entity_names())
        CatalogueEntry.objects.filter(environment=self.environment).delete()
        self._keep(_ALL, names)
        return names

    def _kept(
        self, logical_name: str, kind: type[Document], fetch: Callable[[Dataverse], Document]
    ) -> Document:
        fetched_at = self.fetched_at(logical_name)
        found = self._found(logical_name, kind) if fetched_at else None
        if found is not None and fetched_at and fetched_at > clock.now() - KEPT_FOR:
            return found
        try:
            with reaching(self.environment):
                fresh = fetch(self._client())
        except Exception as problem:
            # An old catalogue is better than none while Dynamics does not answer.
            if found is not None and isinstance(problem.__cause__, Transient):
                return found
            raise
        self._keep(logical_name, fresh)
        return fresh

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
    return Catalogue(connection.environment, connection.dataverse)


def _offered(names: Iterable[EntityName]) -> list[EntityName]:
    return [each for each in names if each.entity_set and each.primary_id and not each.is_intersect]
