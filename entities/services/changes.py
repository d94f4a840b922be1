"""The history of records: every change made through Isthmus, by field, by whom, as whom."""

import logging
from collections.abc import Mapping
from typing import Any

from core import clock
from entities.models import ChangedValues, RecordChange
from entities.plain import plain
from integrations.definition import Entity
from integrations.operations import EntityOperations
from integrations.values import checked
from integrations.values.scalars import Unfit
from integrations.writes import About, Written

logger = logging.getLogger(__name__)


def change_of(
    records: EntityOperations, kind: str, record_id: str, after: Mapping[str, Any], about: About
) -> RecordChange:
    """The row for one change, not saved yet: many are saved together with `bulk_create`."""
    service = records.service
    before = about.before
    if kind == RecordChange.Kind.UPDATE:
        before = {name: before[name] for name in after if name in before}
    change = RecordChange(
        integration=service.integration,
        environment=service.binding.connection.environment,
        stage=service.binding.stage.slug,
        entity=records.entity.logical_name,
        record_id=record_id,
        kind=kind,
        fields=sorted(_logical(records.entity, name) for name in after),
        at=clock.now(),
        actor=service.actor.user,
        actor_label=service.actor.label[:200],
        acted_as=service.acts_as_label[:200],
        run_id=about.run,
        reverts_id=about.reverts,
    )
    change.values = ChangedValues(
        title=about.title,
        before=_plain(records.entity, before),
        after=_plain(records.entity, after),
    )
    return change


def keep(written: Written, **_signal: Any) -> None:
    """The receiver of `record_written`."""
    try:
        change_of(written.operations, written.kind, written.record_id, written.after, written.about).save()
    except Exception:
        # The audit trail has the change in any case; only undoing it from here is lost.
        logger.exception("a change of %s could not be kept", written.operations.entity.logical_name)
        raise


def _plain(entity: Entity, values: Mapping[str, Any]) -> dict[str, Any]:
    return {_logical(entity, name): plain(_python(entity, name, value)) for name, value in values.items()}


def _python(entity: Entity, name: str, value: Any) -> Any:
    """What was given as text or JSON is kept as what it meant; what does not fit today, as it was."""
    attribute = entity.attribute(name)
    try:
        return checked(attribute, value) if attribute else value
    except Unfit:
        return value


def _logical(entity: Entity, name: str) -> str:
    attribute = entity.attribute(name)
    return attribute.logical_name if attribute else name
