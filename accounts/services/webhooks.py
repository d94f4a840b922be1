"""Where a team is told what happens to its things, besides by e-mail. Owners decide; the secret is shown once."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.actors import Actor
from accounts.models import Team, Webhook
from accounts.models.webhook import Delivery
from accounts.rules import require_management
from core import outgoing, webhooks
from core.clock import now
from core.problems import BadInput, Clash, Missing, Problem, Unavailable

MOST = 10  # for one team
GONE = 410  # what a receiver answers who wants no more


def find(team: Team, pk: uuid.UUID) -> Webhook:
    """Raises Missing."""
    webhook = team.webhooks.filter(pk=pk).first()
    if webhook is None:
        raise Missing("This webhook is not there any more.")
    return webhook


def create(actor: Actor, team: Team, url: str) -> tuple[Webhook, str]:
    """A new webhook, and its secret, which nobody is ever shown again.

    Raises:
        NotPermitted, Missing: only owners do.
        BadInput, Unavailable: the address is not one that may be used, or has none.
        Clash: the team has as many as it may.

    """
    require_management(actor, team)
    target = outgoing.check(url)
    webhook, secret = Webhook(team=team, host=target.label, created_by=actor.user), webhooks.new_secret()
    webhook.delivery = Delivery(url=url.strip(), secret=secret)
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)
        if team.webhooks.count() >= MOST:
            raise Clash(
                f"{team.name} has {MOST} webhooks already.",
                title="Too many webhooks",
                advice="Remove one first.",
            )
        webhook.save()
        audit.record(actor, "added a webhook to", team, message=target.label)
    return webhook, secret


@transaction.atomic
def renew_secret(actor: Actor, webhook: Webhook) -> str:
    """Another secret, used from now on. Also puts a webhook back to work that was switched off. Raises as `create`."""
    require_management(actor, webhook.team)
    row = Webhook.objects.select_for_update().get(pk=webhook.pk)
    secret = webhooks.new_secret()
    row.delivery = Delivery(url=row.delivery.url, secret=secret)
    row.enabled, row.error, row.failing_since = True, "", None
    row.save()
    audit.record(actor, "renewed the secret of a webhook of", row.team, message=row.host)
    return secret


@transaction.atomic
def remove(actor: Actor, webhook: Webhook) -> None:
    """Send nothing more there, and forget address and secret."""
    require_management(actor, webhook.team)
    audit.record(actor, "removed a webhook from", webhook.team, message=webhook.host)
    webhook.delete()


def test(actor: Actor, webhook: Webhook) -> None:
    """Send a message of the type `webhook.test` now. Raises as `deliver`, and what `require_management` raises."""
    require_management(actor, webhook.team)
    with audit.intent(actor, "sent a test to a webhook of", webhook.team, message=webhook.host):
        deliver(
            webhook,
            delivery=str(uuid.uuid4()),
            kind="webhook.test",
            at=now(),
            data={"team": webhook.team.name, "message": f"Sent by {actor.label} to try this webhook out."},
        )


def deliver(webhook: Webhook, *, delivery: str, kind: str, at: datetime, data: Mapping[str, Any]) -> None:
    """Send one message and note how it went. `delivery` names it, however often it is sent.

    Raises:
        BadInput: the address may no longer be used.
        Unavailable: it was not taken; try again.

    """
    place = webhook.delivery
    try:
        status = webhooks.send(place.url, place.secret, delivery=delivery, kind=kind, at=at, data=data)
        if not 200 <= status < 300:
            raise _not_taken(webhook, status)
    except Problem as problem:
        _note(webhook, problem.message, off=problem.code == str(GONE))
        raise
    _note(webhook, "")


def _not_taken(webhook: Webhook, status: int) -> Problem:
    if status == GONE:
        why = f"{webhook} wants no more messages (410). It is switched off."
        return BadInput(why, advice="Give it a new secret to switch it on again.", code=str(GONE))
    more = ", a redirect, which is not followed" if 300 <= status < 400 else ""
    return Unavailable(f"{webhook} answered {status}{more}.", advice="Look into the receiver's log.")


def _note(webhook: Webhook, error: str, *, off: bool = False) -> None:
    mine, moment = Webhook.objects.filter(pk=webhook.pk), now()
    if not error:
        mine.update(tried_at=moment, error="", failing_since=None)
        return
    mine.update(tried_at=moment, error=error[:300])
    mine.filter(failing_since=None).update(failing_since=moment)
    if off:
        mine.update(enabled=False)
