"""Watching published definitions: noticing that an environment has moved away, saying so, and mending it."""

from collections.abc import Iterator

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.actors import Actor
from accounts.addresses import builders_of
from connections.models import Connection, Environment
from connections.standing import STANDING
from core import clock, notifications
from core.problems import Missing, Unavailable
from integrations.metadata import catalogue
from integrations.metadata.drift import drift, following
from integrations.models import Binding, Drift, Integration
from integrations.published import definition_of, usable
from integrations.services import access
from jobs import services as jobs
from jobs.models import JobRun

CHECK, NOTIFY = "integrations.check_drift", "integrations.notify_drift"
DUTY = "drift"


def ask(actor: Actor, integration: Integration) -> JobRun:
    """Have the environments of an integration's stages compared with its latest version now.

    Raises:
        NotPermitted, GateClosed: see `access.require`.
        Missing: it is not bound anywhere.

    """
    access.require(actor, integration)
    if not integration.bindings.exists():
        raise Missing(
            f"{integration.name} is not bound to a connection, so there is nothing to compare with."
        )
    with transaction.atomic():
        return jobs.request(CHECK, actor=Actor.system(DUTY), subject=integration)


def watched() -> Iterator[Integration]:
    """The integrations that are published and bound."""
    rows = Integration.objects.filter(bindings__isnull=False, versions__isnull=False).distinct()
    yield from rows.select_related("team").order_by("pk")


def check(integration: Integration) -> list[Drift]:
    """Compare the latest version with each environment it is bound to, as the bound connection sees it.

    What is found is kept, and the team is told about what is new; what is no longer so is forgotten. The version
    stamps of the catalogue make this one small request where nothing has changed.

    Raises:
        core.problems.Problem: an environment cannot be asked; the others were still looked at.

    """
    latest = usable(integration).first()
    connections = _connections(integration)
    bound = integration.bindings.values("connection__environment")
    integration.drifts.exclude(environment__in=bound).delete()
    found: list[Drift] = []
    trouble: Exception | None = None
    for connection in connections if latest else []:
        known = catalogue.for_connection(connection)
        try:
            known.refresh()
            changes = (
                [change.as_json() for change in drift(definition_of(latest.pk), known)] if latest else []
            )
        except Exception as problem:  # noqa: BLE001  one environment must not hide the others; raised below
            trouble = problem
            continue
        kept = _keep(integration, connection.environment, latest.number if latest else 0, changes)
        found += [kept] if kept else []
    if trouble is not None:
        raise trouble
    return found


def mend(actor: Actor, integration: Integration, revision: int, environment: Environment) -> Integration:
    """Let the draft follow the environment as it is now, read with the person's own authorization.

    Raises:
        Clash, NotPermitted, GateClosed: see `access.require`.
        Unavailable: the environment cannot be asked.

    """
    access.require(actor, integration, revision)
    known = catalogue.for_actor(actor, environment)
    known.refresh()
    definition = following(integration.draft, known)
    with transaction.atomic():
        row = access.hold(integration, revision)
        access.save_draft(actor, row, definition, "mended the draft of", f"as {environment} is now")
    return row


def tell(found: Drift) -> int:
    """Write to the builders and owners of the team; how many were written to.

    Raises:
        Unavailable: the mail server did not take it; try again.

    """
    to = builders_of(found.integration.team)
    subject, text = _words(found)
    if to and not notifications.send(to, subject, text):
        raise Unavailable("The mail server did not take a notice.")
    return len(to)


def affected(found: Drift) -> dict[str, list[str]]:
    """Who meets the drift: the stages bound to that environment, and the keys in use on them."""
    bindings = Binding.objects.filter(
        integration=found.integration, connection__environment=found.environment
    ).select_related("stage")
    stages = [binding.stage for binding in bindings]
    keys = found.integration.keys.filter(stage__in=stages, revoked_at=None).order_by("name")
    return {
        "stages": [stage.name for stage in stages],
        "keys": [key.name for key in keys if key.state == key.State.ACTIVE],
    }


def _connections(integration: Integration) -> list[Connection]:
    """One standing connection for each environment."""
    rows = Connection.objects.filter(bindings__integration=integration, state__in=STANDING)
    by_environment = {row.environment_id: row for row in rows.select_related("environment").order_by("-pk")}
    return list(by_environment.values())


@transaction.atomic
def _keep(
    integration: Integration, environment: Environment, version: int, changes: list[dict[str, object]]
) -> Drift | None:
    mine = Drift.objects.select_for_update().filter(integration=integration, environment=environment)
    before = mine.first()
    if not changes:
        mine.delete()
        return None
    now = clock.now()
    found = before or Drift(integration=integration, environment=environment, since=now)
    is_news = before is None or not before.same_as(changes)
    found.version, found.changes, found.seen_at = version, changes, now
    found.breaking = any(change["breaking"] for change in changes)
    found.save()
    if is_news:
        payload = {"drift": found.pk}
        jobs.request(NOTIFY, actor=Actor.system(DUTY), subject=integration, payload=payload, priority=-1)
    return found


def _words(found: Drift) -> tuple[str, str]:
    integration, environment = found.integration, found.environment
    page = f"{settings.SITE_URL}{reverse('integrations:detail', args=[integration.pk])}"
    kind = "breaking" if found.breaking else "compatible"
    lines = [
        f"- {each['subject']}: {each['what']} {each['detail']}. {each['reason']}" for each in found.changes
    ]
    who = affected(found)
    text = (
        f"{environment} is no longer as version {found.version} of {integration.name} describes it.\n\n"
        + "\n".join(lines[:50])
        + ("\n…" if len(lines) > 50 else "")
        + f"\n\nAffected: {', '.join(who['stages'])}"
        + (f"; the keys {', '.join(who['keys'])}" if who["keys"] else "")
        + f".\n\nThe page of the integration makes a draft that follows: {page}\n"
    )
    return f"{environment} has drifted from {integration.name} ({kind})", text
