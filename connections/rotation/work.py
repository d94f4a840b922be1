"""What the phases of a rotation share: the certificates as they stand, and two ways to Graph."""

from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any

from django.urls import reverse

from accounts import audit, gate, vault
from accounts.actors import Actor
from accounts.reach import Reach
from connections import clients
from connections.models import Certificate, Connection
from connections.rotation.profile import profile
from core.clock import after, now
from core.cloud import door
from core.problems import Remedy
from jobs import services as jobs
from jobs.models import JobRun
from jobs.running import Running, WaitForPerson
from microsoft.graph import Graph

KIND = "connections.rotate"
NEEDS_PERSON = (
    "The application can no longer vouch for itself, so a person has to publish its next certificate. "
    "Open the connection and press Rotate now."
)
HAND_OVER = (
    "An administrator has to register the next certificate of this connection in Entra. Open the instructions, "
    "hand them over, and press Rotate now when it is there."
)
State = Certificate.State


def only_tidies(run: JobRun) -> bool:
    """Whether it is the later removal of an old certificate, for which nobody waits."""
    return "stage" in run.payload


class Rotation:
    """One run's hold on one connection's certificates."""

    def __init__(self, run: Running, connection: Connection) -> None:
        self.run = run
        self.connection = connection
        self.profile = profile()
        self.object_id = connection.identifiers.application_id

    @property
    def active(self) -> Certificate | None:
        return self.connection.certificates.filter(state=State.ACTIVE).first()

    @property
    def candidate(self) -> Certificate | None:
        """The certificate that is to become the active one."""
        living = self.connection.certificates.filter(state__in=[State.PENDING, State.PUBLISHED])
        return living.order_by("-created_at").first()

    def retiring(self) -> list[Certificate]:
        return list(self.connection.certificates.filter(state=State.RETIRING))

    @property
    def is_emergency(self) -> bool:
        """Somebody may hold a private key of ours: nothing waits longer than it must."""
        return self.connection.certificates.filter(
            state__in=[State.ACTIVE, State.RETIRING], compromised_at__isnull=False
        ).exists()

    def change(self, verb: str) -> AbstractContextManager[object]:
        """Put around each call that changes something at Microsoft: the intent is on record before it."""
        self.run.check()
        return audit.intent(self.run.actor, verb, self.connection)

    def note(self, certificate: Certificate, **columns: Any) -> None:
        """Write to a certificate, while this run holds its lease."""
        with self.run.fenced():
            Certificate.objects.filter(pk=certificate.pk).update(**columns)
        certificate.refresh_from_db()

    def graph_of(self, certificate: Certificate) -> Graph:
        """Graph as the application itself: it may roll its own keys and nothing else."""
        return Graph(door(), clients.certificate_tokens(self.connection, certificate), default_scope=True)

    @cached_property
    def graph_of_person(self) -> Graph:
        """Graph as the person who asked.

        Raises:
            WaitForPerson: nobody asked; the run waits until somebody does.
            NotPermitted, GateClosed: the gate.

        """
        actor = self.run.actor
        page = reverse("connections:detail", args=[self.connection.pk])
        if actor.user is None:
            self._note(NEEDS_PERSON)
            raise WaitForPerson(NEEDS_PERSON, Remedy("Open the connection", page))
        tenant_id = self.connection.environment.tenant_id
        authorization = gate.require(actor, self.connection.team, tenant_id, Reach.GRAPH, back_to=page)
        return Graph(door(), vault.tokens(authorization))

    @property
    def by_hand(self) -> bool:
        """Whether only an administrator can change the registration: theirs, and not within this person's reach."""
        connection, actor = self.connection, self.run.actor
        if not connection.is_manual:
            return False
        tenant_id = connection.environment.tenant_id
        reaches = actor.user is not None and gate.check(actor, connection.team, tenant_id, Reach.GRAPH).open
        return not (reaches and self.object_id)

    def wait_for_administrator(self) -> WaitForPerson:
        """The error to raise: the next certificate has been handed over, or must be."""
        self._note(HAND_OVER)
        page = reverse("connections:hand_over", args=[self.connection.pk])
        return WaitForPerson(HAND_OVER, Remedy("Open the instructions", page))

    def _note(self, reason: str) -> None:
        expired = self.active is None or self.active.not_after <= now()
        with self.run.fenced():
            row = Connection.objects.filter(pk=self.connection.pk)
            row.update(reason=reason, **({"state": Connection.State.EXPIRED} if expired else {}))

    def again(self, seconds: float, key: str, *, retire: bool = False) -> JobRun:
        """Ask for the next short run. Call it inside the transaction of what it follows."""
        payload = {"stage": "retire"} if retire else {k: v for k, v in self.run.payload.items() if k == "cut"}
        return jobs.request(
            KIND,
            actor=Actor.system("rotation") if retire else self.run.actor,
            subject=self.connection,
            payload=payload,
            key=f"{KIND}:{key}",
            not_before=after(seconds),
        )
