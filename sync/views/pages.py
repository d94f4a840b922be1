"""Reading: the list, one sync with its live part, and one entity with its history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts import gate
from accounts.actors import actor_of, person_of
from accounts.models import Role
from accounts.rules import for_person, role_in, teams_with
from jobs import services as jobs
from jobs.models import JobRun
from sync.destinations import folder_of
from sync.history import chart
from sync.models import Sync, SyncEntity
from sync.services import rhythm
from sync.views.common import RELATED, find, find_entity
from sync.work import KIND

RECENT = 40


@dataclass(frozen=True)
class Summary:
    """A sync as lists and headers show it. `state` is a word of the badge: ok, running, failed, waiting, paused."""

    sync: Sync
    entities: list[SyncEntity]
    state: str
    tone: str
    rows: int
    as_of: datetime | None
    rhythm: str

    @property
    def is_moving(self) -> bool:
        return any(each.is_moving for each in self.entities)


def summary(sync: Sync) -> Summary:
    entities = list(sync.entities.select_related("run"))
    on = [each for each in entities if each.enabled]
    moments = [each.as_of for each in on]
    state, tone = _state(sync, on)
    return Summary(
        sync=sync,
        entities=entities,
        state=state,
        tone=tone,
        rows=sum(each.rows or 0 for each in on),
        as_of=None if None in moments else min((each for each in moments if each), default=None),
        rhythm=rhythm.spoken(sync.schedule),
    )


def _state(sync: Sync, entities: list[SyncEntity]) -> tuple[str, str]:
    states = {each.run.state for each in entities if each.run is not None}
    if JobRun.State.FAILED in states:
        return "Failed", "bad"
    if JobRun.State.WAITING in states:
        return "Waiting for a person", "warn"
    if states & {JobRun.State.RUNNING, JobRun.State.QUEUED}:
        return "Running", "info"
    if sync.paused:
        return "Paused", "idle"
    return ("In step", "ok") if any(each.as_of for each in entities) else ("Not run yet", "idle")


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    rows = for_person(Sync.objects.select_related(*RELATED), person)
    context = {
        "summaries": [summary(each) for each in rows],
        "may_build": teams_with(person, Role.BUILDER).exists(),
    }
    return render(request, "sync/list.html", context)


@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    return render(request, "sync/detail.html", _portrait(request, find(request, pk)))


@require_GET
def live(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What changes while runs are under way."""
    return render(request, "sync/includes/live.html", _portrait(request, find(request, pk)))


@require_GET
def entity(request: HttpRequest, pk: UUID, row: int) -> HttpResponse:
    found = find_entity(request, pk, row)
    runs = list(jobs.for_subject(found).filter(kind=KIND)[:RECENT])
    context = {
        "sync": found.sync,
        "row": found,
        "runs": runs,
        "chart": chart(runs),
        "may_run": _may_run(request, found.sync),
    }
    return render(request, "sync/entity.html", context)


def _portrait(request: HttpRequest, sync: Sync) -> dict[str, Any]:
    ids = [str(each) for each in sync.entities.values_list("pk", flat=True)]
    runs = list(
        JobRun.objects.filter(kind=KIND, subject_type=SyncEntity._meta.label_lower, subject_id__in=ids)[
            :RECENT
        ]
    )
    return {
        "sync": sync,
        "summary": summary(sync),
        "runs": runs[:10],
        "chart": chart(runs),
        "place": _place(sync),
        "may_run": _may_run(request, sync),
        "gate": gate.check(
            actor_of(request),
            sync.team,
            sync.integration.environment.tenant_id,
            back_to=sync.get_absolute_url(),
        ),
    }


def _may_run(request: HttpRequest, sync: Sync) -> bool:
    own = role_in(person_of(request), sync.team)
    return own is not None and own >= Role.BUILDER


def _place(sync: Sync) -> str:
    """Where the mirror lies, without anything secret."""
    if sync.destination == Sync.Destination.POSTGRES:
        return f"schema {sync.schema}"
    folder = folder_of(sync)
    return str(folder / "mirror.sqlite3" if sync.destination == Sync.Destination.SQLITE else folder)
