"""Reading the audit trail: whose events a person may see, filtered, a page at a time."""

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import AuditEvent, User
from accounts.rules import visible_teams

PAGE = 50


@dataclass(frozen=True)
class Entry:
    """One line of the page: an event, joined with its outcome where it was an intent."""

    event: AuditEvent
    outcome: AuditEvent | None
    values: list[tuple[str, Any]]

    @property
    def unfinished(self) -> bool:
        return self.event.outcome == AuditEvent.Outcome.INTENDED and self.outcome is None


def visible_to(user: User) -> QuerySet[AuditEvent]:
    """The events of one's teams, and one's own; those who administer the site see all."""
    if user.is_superuser:
        return AuditEvent.objects.all()
    return AuditEvent.objects.filter(Q(team_id__in=visible_teams(user).values("pk")) | Q(actor_id=user.pk))


def page(user: User, filters: dict[str, Any], before: int | None = None) -> tuple[list[Entry], int | None]:
    """Up to PAGE entries, newest first, older than the cursor `before`; and the next cursor, or None.

    Filters (each may be missing): team (id), subject_type, subject_id, actor (part of the name), verb, unfinished.
    """
    events = visible_to(user).filter(intent=None)  # an outcome is shown with its intent
    if filters.get("team"):
        events = events.filter(team_id=filters["team"])
    for name in ("subject_type", "subject_id"):
        if filters.get(name):
            events = events.filter(**{name: filters[name]})
    if filters.get("actor"):
        events = events.filter(actor_label__icontains=filters["actor"])
    if filters.get("unfinished"):
        events = events.filter(outcome=AuditEvent.Outcome.INTENDED, result=None)
    if before is not None:
        events = events.filter(pk__lt=before)
    rows = list(events.select_related("result", "values")[: PAGE + 1])
    more = rows[PAGE - 1].pk if len(rows) > PAGE else None
    return [_entry(row) for row in rows[:PAGE]], more


def subject_types(user: User) -> list[str]:
    """The kinds of things that this person's trail speaks of, for the filter."""
    return list(
        visible_to(user)
        .exclude(subject_type="")
        .order_by("subject_type")
        .values_list("subject_type", flat=True)
        .distinct()
    )


def _entry(event: AuditEvent) -> Entry:
    values = getattr(event, "values", None)
    return Entry(
        event, getattr(event, "result", None), sorted(json.loads(values.document).items()) if values else []
    )
