"""A worker that reads parts of a load which another one leads. It may end at any moment: the leader needs no help."""

from typing import Any

from connections.clients import dataverse_for
from core.problems import Problem, Unavailable
from jobs.running import Released, Running
from microsoft.errors import MicrosoftError, Throttled, Transient
from sync import crew, drift, work
from sync.destinations import Fenced, is_here
from sync.engine.load import lend_a_hand
from sync.engine.memory import give_large_blocks_back
from sync.facts import Facts
from sync.models import SyncEntity


class _Over(Exception):  # noqa: N818
    """Nobody leads the load any more, or none that this machine could see."""


def carry_out(run: Running, row: SyncEntity) -> dict[str, Any]:
    """Read parts until none is left. What stands in the way of a helper for good is left to the leader.

    Raises:
        Released: more urgent work waits for a worker.
        Throttled, Transient, Unavailable: help again later, if there is still something to do.

    """
    why = ""
    try:
        _help(run, row)
    except _Over:
        why = "The run that it helped has ended."
    except Fenced:
        why = "Another worker went on with what this one had read."
    except (Throttled, Transient, Unavailable):
        raise
    except (Problem, MicrosoftError) as error:
        why = f"Left to the run that it helped: {error}"
    return {"read": run.done, "why": why} if why else {"read": run.done}


def _help(run: Running, row: SyncEntity) -> None:
    if not (crew.is_led(run.payload["lead"]) and row.facts and is_here(row.sync)):
        raise _Over
    service = work.service_of(row.sync)
    entity, facts = work.entity_of(service, row), Facts.model_validate(row.facts)
    attributes, _labels = work.chosen_of(row, entity, facts)
    client = dataverse_for(service.binding.connection, priority="background")
    give_large_blocks_back()
    store = work.store_of(row, entity, attributes, facts)
    try:
        lend_a_hand(
            work.source_of(service, client, entity, facts),
            store,
            crew.owner_of(run),
            load=run.payload["load"],
            version=drift.version_of(attributes),
            report=lambda rows: _told(run, rows),
            living=crew.living,
        )
    finally:
        store.close()


def _told(run: Running, rows: int) -> None:
    run.progress(done=run.done + rows, step="Reading records", message=f"{run.done + rows:,} records")
    if not crew.is_led(run.payload["lead"]):
        raise _Over
    if crew.is_in_the_way(run):
        run.check()
        raise Released("More urgent work goes first; it goes on by itself.")
