"""Choosing many entities at once: their details are read one after the other by a job that says how far it is."""

from collections.abc import Sequence

from django.db import transaction

from accounts.actors import Actor
from integrations.definition import Operation
from integrations.metadata import catalogue
from integrations.models import Integration
from integrations.services import access, drafts
from jobs import services as jobs
from jobs.models import JobRun
from jobs.running import Running

KIND = "integrations.choose_entities"
AT_ONCE = 4  # so many are read while the person waits for the page


def unread(actor: Actor, integration: Integration, chosen: Sequence[str]) -> list[str]:
    """Those of the chosen entities whose details were not read from the environment yet."""
    known = catalogue.for_actor(actor, integration.environment)
    draft = integration.draft
    return [name for name in chosen if draft.entity(name) is None and not known.has(name)]


def ask(
    actor: Actor,
    integration: Integration,
    revision: int,
    chosen: Sequence[str],
    operations: frozenset[Operation],
) -> JobRun:
    """Have `drafts.choose_entities` done by a job. Raises Clash, NotPermitted, GateClosed: see `access.require`."""
    access.require(actor, integration, revision)
    payload = {
        "revision": revision,
        "chosen": list(dict.fromkeys(chosen)),
        "operations": sorted(operations),
    }
    with transaction.atomic():
        return jobs.request(KIND, actor=actor, subject=integration, payload=payload, priority=5)


def carry_out(run: Running, integration: Integration) -> dict[str, object]:
    """Read what is not known yet, then choose. A worker that takes over goes on with what is left."""
    chosen = run.payload["chosen"]
    if integration.revision != run.payload["revision"] and _is_done(integration, chosen):
        return {"chosen": len(chosen)}
    access.require(run.actor, integration, run.payload["revision"])
    known = catalogue.for_actor(run.actor, integration.environment)
    lacking = unread(run.actor, integration, chosen)
    for number, name in enumerate(lacking):
        run.progress(done=number, total=len(lacking), step=f"Reading {name}")
        known.entity(name)
    run.progress(done=len(lacking), total=len(lacking), step="Writing the draft")
    operations = frozenset(map(Operation, run.payload["operations"]))
    drafts.choose_entities(run.actor, integration, run.payload["revision"], chosen, operations=operations)
    return {"chosen": len(chosen)}


def _is_done(integration: Integration, chosen: Sequence[str]) -> bool:
    return [entity.logical_name for entity in integration.draft.entities] == list(chosen)
