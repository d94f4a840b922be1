"""The audit trail: who did what, as whom, to what, and how it ended.

Every event carries the hash of the one before it, so that a changed, missing or inserted event shows.
Values before and after stand beside the chain, encrypted; the chain holds only their digest, so erasing
personal data leaves it whole.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from accounts.actors import Actor
from accounts.models import AuditChain, AuditEvent, AuditValues, Team
from core import clock
from core.redaction import redact, redact_text

Outcome = AuditEvent.Outcome
LINKED = (
    "uid",
    "at",
    "actor_id",
    "actor_label",
    "acted_as",
    "verb",
    "outcome",
    "intent_id",
    "team_id",
    "subject_type",
    "subject_id",
    "subject_label",
    "fields",
    "message",
    "ids",
    "values_digest",
    "previous_hash",
)


def record(
    actor: Actor,
    verb: str,
    subject: models.Model | None = None,
    *,
    team: Team | None = None,
    fields: Iterable[str] = (),
    values: Mapping[str, Any] | None = None,
    message: str = "",
    ids: Mapping[str, str] | None = None,
    acted_as: str = "",
    outcome: Outcome = Outcome.DONE,
    intent: AuditEvent | None = None,
) -> AuditEvent:
    """Write one event. For a change within our own database call it inside (and late in) the same transaction.

    Args:
        actor: who does it.
        verb: what, in the past tense as a page shows it ("created", "changed the role of").
        subject: any saved row; its team is taken when it has one.
        team: whose trail it belongs to, where the subject does not say.
        fields: the names of what changed.
        values: before and after, kept encrypted beside the chain. Secrets never belong in it.
        message: one sentence more.
        ids: correlation ids.
        acted_as: the identity used outside, when it is not the actor's own.
        outcome: DONE unless the event is one half of an `intent`.
        intent: the event whose outcome this is.

    """
    document = json.dumps(redact(dict(values)), sort_keys=True, default=str) if values else ""
    owner = team if team is not None else _team_of(subject)
    event = AuditEvent(
        at=clock.now(),
        actor=actor.user,
        actor_label=actor.label[:200],
        acted_as=acted_as[:200],
        verb=verb,
        outcome=outcome,
        intent=intent,
        team_id=owner.pk if owner else None,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        subject_label=str(subject)[:300] if subject is not None else "",
        fields=list(fields),
        message=redact_text(message),
        ids=dict(ids or {}),
        values_digest=hashlib.sha256(document.encode()).hexdigest() if document else "",
    )
    with transaction.atomic():
        head, _new = AuditChain.objects.select_for_update().get_or_create(pk=1)
        event.previous_hash = head.hash
        event.hash = link(event)
        event.save()
        if document:
            AuditValues.objects.create(event=event, document=document)
        AuditChain.objects.filter(pk=1).update(hash=event.hash, length=head.length + 1)
    return event


@contextmanager
def intent(
    actor: Actor, verb: str, subject: models.Model | None = None, **details: Any
) -> Iterator[AuditEvent]:
    """Around a change that reaches out: the intent is committed before the body, the outcome after it.

    If the intent cannot be written, the body does not run. If the process dies in the body, the intent stands
    without an outcome and the trail shows it as unfinished. Takes the same details as `record`.

    Raises:
        RuntimeError: inside a transaction, where the intent could vanish with a rollback.

    """
    with transaction.atomic(durable=True):
        event = record(actor, verb, subject, outcome=Outcome.INTENDED, **details)
    rest = {name: details[name] for name in ("team", "acted_as") if name in details}
    try:
        yield event
    except Exception as error:
        found = getattr(error, "ids", {})
        ids = found() if callable(found) else found
        record(
            actor, verb, subject, outcome=Outcome.FAILED, intent=event, message=str(error), ids=ids, **rest
        )
        raise
    record(actor, verb, subject, outcome=Outcome.SUCCEEDED, intent=event, **rest)


@dataclass(frozen=True)
class Break:
    """Where the chain does not hold, and how."""

    event_id: int
    what: str


def verify_chain() -> list[Break]:
    """Every place where the trail was changed, cut or extended behind our back; empty when it holds."""
    breaks: list[Break] = []
    previous, count, last = "", 0, 0
    with transaction.atomic():
        head = AuditChain.objects.select_for_update().filter(pk=1).first()
        events = AuditEvent.objects.order_by("id").select_related("values")
        for event in events.iterator(chunk_size=2000):
            if event.previous_hash != previous:
                breaks.append(
                    Break(event.pk, "does not follow the event before it: one is missing or was added")
                )
            if event.hash != link(event):
                breaks.append(Break(event.pk, "was changed after it was written"))
            if _values_differ(event):
                breaks.append(Break(event.pk, "its values were changed after they were written"))
            previous, count, last = event.hash, count + 1, event.pk
    if head is not None and (head.hash, head.length) != (previous, count):
        breaks.append(Break(last, f"the trail ends here, but {head.length} events were written, not {count}"))
    return breaks


def erase_values(event: AuditEvent) -> None:
    """Forget the personal values beside an event. The chain still holds without them."""
    AuditValues.objects.filter(event=event).delete()


def link(event: AuditEvent) -> str:
    """The hash that seals an event to the one before it."""
    content = {name: getattr(event, name) for name in LINKED}
    content["at"] = event.at.isoformat(timespec="microseconds")
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _values_differ(event: AuditEvent) -> bool:
    values = getattr(event, "values", None)  # erased values are gone on purpose
    return values is not None and hashlib.sha256(values.document.encode()).hexdigest() != event.values_digest


def _team_of(subject: models.Model | None) -> Team | None:
    if isinstance(subject, Team):
        return subject
    team = getattr(subject, "team", None)
    return team if isinstance(team, Team) else None
