"""One run of one entity, from the claim of the job to its result."""

import time
from typing import Any

from django.db import transaction

from connections.clients import dataverse_for
from connections.governor import governor_of
from core import clock
from core.problems import Missing, Remedy
from integrations.definition import Attribute, Entity, Operation
from integrations.operations import Service
from jobs.running import LeaseLost, Running, WaitForPerson
from microsoft.dataverse import Dataverse
from microsoft.errors import Invalid
from sync import crew, drift
from sync.columns import columns_of
from sync.destinations import Fenced, Label, Store, open_store
from sync.engine.mirror import Mirror, Outcome, Wanted
from sync.engine.source import Source
from sync.engine.strategy import choose
from sync.facts import Facts, facts_from
from sync.models import Sync, SyncEntity
from sync.state import Mode, Phase, State

KIND = "sync.entity"
LOOK_AGAIN = 3600.0  # seconds after which metadata are compared again
MOST_READERS = 8
NOTE_EVERY = 2.0  # seconds between notes that a run moves
STEPS = {Phase.KEYS: "Reading ids", Phase.LOAD: "Reading records", Phase.CHANGES: "Reading changes"}


def carry_out(run: Running, row: SyncEntity) -> dict[str, Any]:
    """Bring the mirror of one entity up to date.

    Raises:
        WaitForPerson: columns have changed, and the sync is to ask.
        Problem, MicrosoftError: see the engine; what was reached is kept.

    """
    started = clock.now()
    service = service_of(row.sync)
    entity = entity_of(service, row)
    client = dataverse_for(service.binding.connection, priority="background")
    for last in (False, True):
        facts = _looked(row, entity, client, again=last)
        try:
            outcome = _mirror(run, row, service, client, facts)
            break
        except Invalid:
            # A column that has gone makes Dynamics refuse the whole question: look at what there is, once.
            if last:
                raise
    return _settled(row, outcome, (clock.now() - started).total_seconds())


def service_of(sync: Sync) -> Service:
    """The published integration that is mirrored, as the application."""
    return Service.on(sync.integration, sync.stage.slug)


def entity_of(service: Service, row: SyncEntity) -> Entity:
    """The chosen entity in its latest version.

    Raises:
        Missing: the integration no longer offers it.
        NotPermitted: or no longer offers to search it.

    """
    operations = service.entity_for(row.logical_name)
    if operations is None:
        raise Missing(
            f"{service.integration} no longer offers {row.logical_name}.",
            advice="Switch this entity off in the sync, or add it to the integration and publish again. Its rows stay.",
        )
    operations.require(Operation.SEARCH)
    return operations.entity


def _looked(row: SyncEntity, entity: Entity, client: Dataverse, *, again: bool) -> Facts:
    fresh = row.checked_at is not None and row.checked_at > clock.after(-LOOK_AGAIN)
    if row.facts and fresh and not again:
        return Facts.model_validate(row.facts)
    facts = facts_from(client.entity(entity.logical_name))
    row.facts, row.checked_at = facts.as_json(), clock.now()
    row.save(update_fields=["facts", "checked_at"])
    return facts


def _mirror(run: Running, row: SyncEntity, service: Service, client: Dataverse, facts: Facts) -> Outcome:
    entity = entity_of(service, row)
    attributes, labels = chosen_of(row, entity, facts)
    now = drift.accepted_from(attributes, labels)
    _ask(row, drift.Accepted.model_validate(row.accepted), now)
    choice = choose(row.strategy, tracked=facts.tracked, modified=facts.modified)
    row.chosen = {"strategy": choice.label, "reason": choice.reason}
    row.save(update_fields=["chosen"])
    store = store_of(row, entity, attributes, facts)
    source = source_of(service, client, entity, facts)
    try:
        mirror = Mirror(
            source,
            store,
            Wanted(
                choice.strategy,
                version=drift.version_of(attributes),
                full=row.full_wanted,
                soft=row.sync.soft_deletes,
                labels=labels,
            ),
            crew.owner_of(run),
            _Reporter(run, row),
            lambda state, parts: crew.recruit(run, row, state.load, min(source.parallel(), parts) - 1),
            crew.living,
        )
        outcome = mirror.run()
    except Fenced:
        raise LeaseLost(f"run {run.id}, attempt {run.attempt}") from None
    finally:
        store.close()
        crew.dismiss(run.id)
    row.accepted, row.drifted = now.model_dump(mode="json"), []
    return outcome


def chosen_of(row: SyncEntity, entity: Entity, facts: Facts) -> tuple[list[Attribute], list[Label]]:
    """What is mirrored of the entity, as the sync wants it when columns change."""
    before = drift.Accepted.model_validate(row.accepted)
    return drift.chosen(row.sync.drift, facts, facts.attributes_of(entity), before)


def store_of(row: SyncEntity, entity: Entity, attributes: list[Attribute], facts: Facts) -> Store:
    return open_store(row.sync, row.table, columns_of(entity, attributes, modified=facts.modified))


def source_of(service: Service, client: Dataverse, entity: Entity, facts: Facts) -> Source:
    return Source(
        client,
        entity.entity_set,
        entity.logical_name,
        entity.primary_id,
        created=facts.created,
        modified=facts.modified,
        parallel=lambda: _parallel(service),
    )


def _parallel(service: Service) -> int:
    """How many requests the environment bears at once besides what people do."""
    return max(1, min(MOST_READERS, governor_of(service.binding.connection).parallelism("background")))


def _ask(row: SyncEntity, before: drift.Accepted, now: drift.Accepted) -> None:
    found = drift.differences(before, now)
    if row.sync.drift != Sync.Drift.ASK or not found:
        return
    row.drifted = [{"change": each.change, "text": each.text} for each in found]
    row.proposed = now.model_dump(mode="json")
    row.save(update_fields=["drifted", "proposed"])
    raise WaitForPerson(
        f"The columns of {row.logical_name} have changed: {found[0].text}"
        + (f" And {len(found) - 1} more." if len(found) > 1 else ""),
        Remedy("Look at the changes", row.get_absolute_url()),
    )


class _Reporter:
    """Tells the job how far it is, after each page that is safe."""

    def __init__(self, run: Running, row: SyncEntity) -> None:
        self._run = run
        self._known = row.rows or 0
        self._began = self._noted = time.monotonic()
        self._first: int | None = None
        self._helping = 0

    def __call__(self, state: State) -> None:
        if self._first is None:
            self._first = state.read
        passed = time.monotonic() - self._began
        rate = (state.read - self._first) / passed if passed > 1 else 0
        total = (state.total or self._known) if state.phase is not Phase.CHANGES else 0
        done = state.total if state.phase is Phase.KEYS else state.read
        said = f"{done:,} records" + (f", {rate:,.0f} a second" if rate else "")
        if rate and total > state.read and state.phase is Phase.LOAD:
            said += f", about {_spoken((total - state.read) / rate)} left"
        if self._helping:
            said += f"; {self._helping + 1} workers"
        if time.monotonic() - self._noted > NOTE_EVERY:
            self._noted = time.monotonic()
            self._helping = crew.helping(self._run.id) if state.phase is Phase.LOAD else 0
            with self._run.fenced():  # pages that were kept are no failure, whatever comes next
                self._run.move(done)
        step = STEPS.get(state.phase, "")
        if state.phase is Phase.CHANGES and state.mode is Mode.FULL:
            step = "Catching up"  # everything is read already; this is what changed meanwhile
        self._run.progress(done=done, total=max(total, done) if total else 0, step=step, message=said)


def _spoken(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _settled(row: SyncEntity, outcome: Outcome, seconds: float) -> dict[str, Any]:
    with transaction.atomic():
        held = SyncEntity.objects.select_for_update().get(pk=row.pk)
        held.rows, held.as_of = outcome.rows, outcome.as_of
        held.accepted, held.drifted, held.proposed = row.accepted, [], {}
        held.full_wanted = held.full_wanted and not row.full_wanted  # asked for meanwhile: the next run's
        held.save()
    return {
        "read": outcome.read,
        "rows": outcome.rows,
        "added": outcome.counts.added,
        "changed": outcome.counts.changed,
        "deleted": outcome.counts.deleted,
        "mode": outcome.mode.value,
        "why": outcome.why,
        "as_of": outcome.as_of.isoformat(),
        "seconds": round(seconds, 2),
    }
