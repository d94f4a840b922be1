"""Who is told when a connection breaks, is whole again, or comes close to the end of its certificate."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from accounts.actors import Actor
from accounts.addresses import builders_of
from accounts.models import Webhook
from accounts.services import webhooks
from connections.models import Certificate, Connection
from core import notifications
from core.clock import now
from core.problems import Unavailable
from jobs import services as jobs

KIND = "connections.notify"
WEBHOOK = "connections.webhook"
NOTICES = (KIND, WEBHOOK)  # they change nothing of the connection they are about
WARN_AT = (30, 14, 7, 1)  # days before the certificate in use ends


def ask(connection: Connection, event: str, **more: str | int) -> None:
    """Have it said, by e-mail and to each webhook of the team, by jobs of their own. In the transaction."""
    actor, payload = Actor.system("health"), {"event": event, **more}
    jobs.request(KIND, actor=actor, subject=connection, payload=payload, priority=-1)
    for webhook in connection.team.webhooks.filter(enabled=True):
        facts = {"webhook": str(webhook.pk), "at": now().isoformat(), "data": _facts(connection, **more)}
        jobs.request(WEBHOOK, actor=actor, subject=connection, payload=payload | facts, priority=-1)


def ask_about_expiry(row: Connection) -> None:
    """Once for each threshold of each certificate. Rotation begins long before; this speaks when it could not."""
    active = row.certificates.filter(state=Certificate.State.ACTIVE).first()
    if active is None:
        return
    left = (active.not_after - now()).total_seconds() / 86400
    passed = [days for days in WARN_AT if left <= days]
    if not passed or left <= 0:
        return
    nearest = min(passed)
    if row.warned == {"certificate": str(active.pk), "days": nearest}:
        return
    row.warned = {"certificate": str(active.pk), "days": nearest}
    row.save(update_fields=["warned"])
    ask(row, "expiring", days=nearest)


def send(connection: Connection, event: str, days: int = 0) -> int:
    """Write to the builders and owners of the team; how many were written to.

    Raises:
        Unavailable: the mail server did not take it; try again.

    """
    to = builders_of(connection.team)
    subject, text = _words(connection, event, days)
    if to and not notifications.send(to, subject, text):
        raise Unavailable("The mail server did not take a notice.")
    return len(to)


def post(payload: dict[str, Any], delivery: UUID) -> str:
    """Tell one webhook what happened, as it was then; the receiver, or "" where it is gone or switched off.

    Raises:
        BadInput: its address may no longer be used.
        Unavailable: it was not taken; try again, as the same delivery.

    """
    webhook = Webhook.objects.filter(pk=payload["webhook"], enabled=True).first()
    if webhook is None:
        return ""
    webhooks.deliver(
        webhook,
        delivery=str(delivery),
        kind=f"connection.{payload['event']}",
        at=datetime.fromisoformat(payload["at"]),
        data=payload["data"],
    )
    return webhook.host


def _facts(connection: Connection, **more: str | int) -> dict[str, Any]:
    since = connection.broken_since
    return {
        "team": connection.team.name,
        "connection": {"id": str(connection.pk), "name": connection.name, "state": connection.state},
        "environment": {
            "name": connection.environment.friendly_name,
            "url": connection.environment.url,
        },
        "page": _page(connection),
        "message": connection.reason,
        "broken_link": connection.broken_link,
        "broken_since": since.isoformat() if since else None,
        **more,
    }


def _page(connection: Connection) -> str:
    return f"{settings.SITE_URL}{reverse('connections:detail', args=[connection.pk])}"


def _words(connection: Connection, event: str, days: int) -> tuple[str, str]:
    page = _page(connection)
    name = f"{connection.name} ({connection.environment.friendly_name})"
    if event == "expiring":
        text = f"The certificate of {name} has not been replaced by itself.\n{connection.reason}\n\n"
        text += f"Open the connection and press Rotate now: {page}\n"
        return f"The certificate of {connection.name} expires within {days} days", text
    if event == "whole":
        return f"{connection.name} works again", f"Every link of {name} holds again.\n\n{page}\n"
    return (
        f"{connection.name} does not work",
        f"{name}\n{connection.reason}\n\nThe page of the connection says what mends it: {page}\n",
    )
