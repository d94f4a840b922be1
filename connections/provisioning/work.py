"""What the steps share: the connection, the clients of the person who asked, and where findings are noted."""

from contextlib import AbstractContextManager
from datetime import datetime
from functools import cached_property

from accounts import audit, vault
from accounts.models import Authorization
from connections.clients import dataverse_as
from connections.models import Certificate, Connection, Identifiers, Step
from core.cloud import door
from jobs.running import Running
from microsoft.dataverse import Dataverse
from microsoft.graph import Graph


class Work:
    """One run's hold on one connection. Acts only with the authorization of the person who asked for the run."""

    def __init__(self, run: Running, connection: Connection, authorization: Authorization) -> None:
        self.run = run
        self.connection = connection
        self.authorization = authorization
        self.identifiers: Identifiers = connection.identifiers
        self.step_began: datetime | None = None

    @cached_property
    def graph(self) -> Graph:
        return Graph(door(), vault.tokens(self.authorization))

    @cached_property
    def dataverse(self) -> Dataverse:
        """The environment, as the person."""
        return dataverse_as(self.authorization, self.connection.environment)

    def remember(self, **found: str) -> None:
        """Note remote ids, durably and only while this run holds its lease.

        Raises:
            jobs.running.LeaseLost: another worker has taken over, nothing was written.

        """
        with self.run.fenced():
            row = Connection.objects.select_for_update().get(pk=self.connection.pk)
            row.identifiers = row.identifiers.model_copy(update=found)
            row.save(update_fields=["sealed_identifiers"])
        self.identifiers = row.identifiers
        self.connection.sealed_identifiers = row.sealed_identifiers

    def change(self, verb: str) -> AbstractContextManager[object]:
        """Put around each call that changes something at Microsoft: the intent is on record before it."""
        self.run.check()
        return audit.intent(self.run.actor, verb, self.connection)

    @property
    def certificate(self) -> Certificate:
        """The key pair that is being provisioned, or is in use already.

        A manual connection's next one is handed over by hand: what is verified is the one in use.
        """
        if self.connection.is_manual:
            active = self.connection.certificates.filter(state=Certificate.State.ACTIVE).first()
            if active is not None:
                return active
        return self.connection.certificates.exclude(
            state__in=[Certificate.State.RETIRING, Certificate.State.REMOVED]
        ).latest("created_at")

    def step(self, name: str) -> Step:
        return self.connection.steps.get(name=name)
