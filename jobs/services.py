"""Asking for work, and what people may do with it afterwards."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import models, transaction
from django.db.models import Q, QuerySet

from accounts import audit, rules
from accounts.actors import Actor
from accounts.models import Role, Team, User
from core import clock
from core.problems import Clash, Missing, NotPermitted
from jobs import handlers
from jobs.models import JobRun
from jobs.wakeup import wake_on_commit

State = JobRun.State


def request(
    kind: str,
    *,
    actor: Actor,
    subject: models.Model | None = None,
    team: Team | None = None,
    payload: dict[str, Any] | None = None,
    key: str | None = None,
    priority: int = 0,
    not_before: datetime | None = None,
) -> JobRun:
    """Ask for a run; call it inside the transaction of the change that wants it.

    Args:
        kind: a registered name.
        actor: the run acts as this person, or as the system with this duty.
        subject: what it is about; its `team` is the run's where none is given.
        team: whose members see the run.
        payload: ids only, never secrets.
        key: asking twice with one key is asking once: the second call returns the first run as it is.
        priority: higher goes first.
        not_before: the earliest moment; now by default.

    Raises:
        LookupError: no app has registered that kind.

    """
    handlers.kind(kind)
    now = clock.now()
    run, created = JobRun.objects.get_or_create(
        key=key or f"{kind}:{uuid4()}",
        defaults={
            "kind": kind,
            "requested_by": actor.user,
            "duty": "" if actor.user else actor.duty,
            "team": team or getattr(subject, "team", None),
            "payload": payload or {},
            "priority": priority,
            "not_before": not_before or now,
            "created_at": now,
            **_about(subject),
        },
    )
    if created:
        wake_on_commit(run.pk)
    return run


def _about(subject: models.Model | None) -> dict[str, str]:
    if subject is None:
        return {}
    return {
        "subject_type": subject._meta.label_lower,
        "subject_id": str(subject.pk),
        "subject_label": str(subject)[:300],
    }


def for_subject(subject: models.Model) -> QuerySet[JobRun]:
    """The runs about one thing, newest first."""
    return JobRun.objects.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))


def visible_to(user: User) -> QuerySet[JobRun]:
    """What a person may see: what they asked for, and what belongs to their teams."""
    runs = JobRun.objects.select_related("team", "requested_by")
    if user.is_superuser:
        return runs
    return runs.filter(Q(requested_by=user) | Q(team__in=rules.visible_teams(user).values("pk")))


def may_manage(user: User, run: JobRun) -> bool:
    """Whether a person may cancel, retry or resume: who asked, builders and owners of the team, site admins."""
    if user.is_superuser or run.requested_by_id == user.pk:
        return True
    return run.team is not None and rules.teams_with(user, Role.BUILDER).filter(pk=run.team.pk).exists()


@transaction.atomic
def cancel(actor: Actor, run: JobRun) -> JobRun:
    """End a run that has not started or waits, at once; ask a running one to stop at its next report.

    Raises:
        Clash: it is finished already.
        NotPermitted, Missing: see `may_manage`.

    """
    _require(actor, run)
    now = clock.now()
    mine = JobRun.objects.filter(pk=run.pk)
    ended = mine.filter(state__in=[State.QUEUED, State.WAITING]).update(
        state=State.CANCELLED, finished_at=now, cancel_requested_at=now, lease_until=None
    )
    if not ended and not mine.filter(state=State.RUNNING).update(cancel_requested_at=now):
        run.refresh_from_db()
        raise Clash(f"This run is {run.get_state_display().lower()} already: there is nothing to cancel.")
    audit.record(actor, "cancelled", run, team=run.team)
    run.refresh_from_db()
    return run


def retry(actor: Actor, run: JobRun) -> JobRun:
    """Put a failed or cancelled run back into the queue. It then acts as the person who retries.

    Raises:
        Clash: it is neither failed nor cancelled.
        NotPermitted, Missing: see `may_manage`.

    """
    otherwise = "Only a failed or cancelled run can be retried."
    return _requeue(actor, run, "retried", [State.FAILED, State.CANCELLED], otherwise)


def resume(actor: Actor, run: JobRun) -> JobRun:
    """Let a run that waited for a person go on. It then acts as the person who resumes, if it is one.

    Raises:
        Clash: it is not waiting.
        NotPermitted, Missing: see `may_manage`.

    """
    return _requeue(actor, run, "resumed", [State.WAITING], "This run is not waiting for anybody.")


@transaction.atomic
def _requeue(actor: Actor, run: JobRun, verb: str, states: list[State], otherwise: str) -> JobRun:
    _require(actor, run)
    columns: dict[str, Any] = {}
    if actor.user is not None and not run.duty:
        # Nobody works with somebody else's authorization, least of all by pressing Retry.
        columns["requested_by"] = actor.user
    changed = JobRun.objects.filter(pk=run.pk, state__in=states).update(
        state=State.QUEUED,
        not_before=clock.now(),
        failures=0,
        crashes=0,
        error={},
        finished_at=None,
        cancel_requested_at=None,
        **columns,
    )
    if not changed:
        raise Clash(otherwise)
    audit.record(actor, verb, run, team=run.team)
    wake_on_commit(run.pk)
    run.refresh_from_db()
    return run


def _require(actor: Actor, run: JobRun) -> None:
    if actor.user is None:
        return
    if not visible_to(actor.user).filter(pk=run.pk).exists():
        raise Missing("There is no such run, or it belongs to a team you are not in.")
    if not may_manage(actor.user, run):
        raise NotPermitted(
            "Only the person who asked for a run, and builders and owners of its team, may do that."
        )
