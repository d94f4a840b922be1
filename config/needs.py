"""What waits for a person: only what they can do something about."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse

from accounts.models import Authorization, Role, User
from accounts.rules import teams_with
from connections.models import Certificate, Connection
from connections.standing import STANDING
from core import clock
from integrations.models import Drift
from jobs.models import JobRun
from jobs.services import visible_to

TROUBLED = (Connection.State.DEGRADED, Connection.State.ROLE_PENDING, Connection.State.EXPIRED)
FAILED_FOR = timedelta(days=3)
EXPIRES_WITHIN = timedelta(days=14)
EACH = 5


@dataclass(frozen=True)
class Need:
    """Something that waits for this person."""

    title: str
    text: str
    url: str
    symbol: str = "exclamation-triangle-fill"


def needs(person: User) -> list[Need]:
    """The most pressing first: without an authorization most of the rest cannot be mended either."""
    return [
        *_authorizations(person),
        *_waiting(person),
        *_connections(person),
        *_failed(person),
        *_drifts(person),
    ]


def _authorizations(person: User) -> Iterator[Need]:
    for each in Authorization.objects.needing_the_person().filter(user=person):
        yield Need(
            f"Authorise again: {each}", each.reason, reverse("accounts:authorizations"), "shield-check"
        )


def _waiting(person: User) -> Iterator[Need]:
    waiting = visible_to(person).filter(state=JobRun.State.WAITING, requested_by=person)
    for run in waiting[:EACH]:
        text = run.error.get("message", run.message)
        yield Need(f"Waits for you: {run}", text, reverse("jobs:detail", args=[run.pk]))


def _connections(person: User) -> Iterator[Need]:
    teams = teams_with(person, Role.BUILDER)
    for each in Connection.objects.filter(team__in=teams, state__in=TROUBLED)[:EACH]:
        title = f"{each.name}: {each.get_state_display().lower()}"
        yield Need(title, each.reason, reverse("connections:detail", args=[each.pk]), "plug")
    # Rotation begins long before; what is this near was not rotated, and somebody must look.
    ending = Certificate.objects.filter(
        connection__team__in=teams,
        connection__state__in=STANDING,
        state=Certificate.State.ACTIVE,
        not_after__lt=clock.now() + EXPIRES_WITHIN,
    ).select_related("connection")
    for certificate in ending[:EACH]:
        yield Need(
            f"{certificate.connection.name}: its certificate expires on {certificate.not_after:%Y-%m-%d}",
            "It should have been replaced by itself. Rotate it now, or look why that failed.",
            reverse("connections:detail", args=[certificate.connection_id]),
            "plug",
        )


def _failed(person: User) -> Iterator[Need]:
    """One's own runs that failed lately and that nobody has repeated with success."""
    since = clock.now() - FAILED_FOR
    runs = visible_to(person).filter(state=JobRun.State.FAILED, requested_by=person, finished_at__gt=since)
    for run in runs.order_by("-finished_at")[:EACH]:
        text = str(run.error.get("message", run.message))
        yield Need(f"Failed: {run}", text, reverse("jobs:detail", args=[run.pk]), "x-circle")


def _drifts(person: User) -> Iterator[Need]:
    teams = teams_with(person, Role.BUILDER)
    found = Drift.objects.filter(integration__team__in=teams).select_related("integration", "environment")
    for drift in found[:EACH]:
        count = len(drift.changes)
        yield Need(
            f"{drift.integration}: {drift.environment} has changed",
            f"{count} difference{'' if count == 1 else 's'} to what is published"
            + (f", {drift.count_breaking} of them breaking." if drift.count_breaking else "."),
            drift.get_absolute_url(),
            "arrow-left-right",
        )
