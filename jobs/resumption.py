"""Lets a run go on by itself once the person has done what it waited for."""

from urllib.parse import parse_qs, urlsplit

from django.urls import reverse

from accounts import gate
from accounts.actors import Actor
from accounts.models import Authorization
from accounts.reach import Reach
from jobs import services
from jobs.models import JobRun


def resume_authorised() -> int:
    """Resume the runs whose person has authorised since they began to wait; how many."""
    waiting = JobRun.objects.filter(state=JobRun.State.WAITING, requested_by__isnull=False)
    ready = [run for run in waiting.select_related("requested_by", "team") if _authorised(run)]
    for run in ready:
        services.resume(Actor.system("reconciler"), run)
    return len(ready)


def _authorised(run: JobRun) -> bool:
    """Whether the gate that the remedy leads through is open now. Other remedies are for people to judge."""
    remedy = urlsplit(run.error.get("remedy", {}).get("url", ""))
    if remedy.path != reverse("accounts:authorise") or run.team is None or run.requested_by is None:
        return False
    query = parse_qs(remedy.query)
    try:
        tenant, reach = query["tenant"][0], Reach(query["reach"][0])
    except (KeyError, ValueError):
        return False
    # While a run waits, not_before is the moment when it began to. Without something new since then the gate
    # may look open while Microsoft says otherwise, and the run would go round in circles.
    proven = Authorization.objects.here().filter(
        user=run.requested_by, tenant_id=tenant, proven_at__gt=run.not_before
    )
    return proven.exists() and gate.check(Actor.person(run.requested_by), run.team, tenant, reach).open
