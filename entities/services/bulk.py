"""Asking for work on many records. Each of these belongs to the person who asked, and to nobody else."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from django.db import transaction

from accounts.actors import Actor
from accounts.models import User
from core import clock
from core.problems import BadInput, Clash, Missing, NotPermitted
from entities.bulk.lookups import unfindable
from entities.bulk.mapping import RECORD_ID, TOGETHER, customs_of, matched_by, suggested
from entities.models import Bulk, BulkRow, Column, Plan, StoredFile
from entities.plain import plain
from entities.selection import Selection
from entities.storage import keep_file, opened
from entities.tables.reading import LARGEST, open_table
from integrations.definition import Operation
from integrations.files import safe_name
from integrations.operations import EntityOperations
from jobs import services as jobs
from jobs.models import JobRun

CARRY_OUT = "entities.bulk"
EXPORT = "entities.export"
LOOKED_AT = 200  # lines, to see how the file writes numbers and dates
KEPT_FOR = timedelta(days=30)
State = BulkRow.State
_NEEDS = {
    Bulk.Kind.EDIT: {Operation.UPDATE, Operation.GET},
    Bulk.Kind.DELETE: {Operation.DELETE, Operation.GET},
    Bulk.Kind.EXPORT: {Operation.SEARCH},
    Bulk.Kind.IMPORT: {Operation.CREATE},
    Bulk.Kind.UNDO: {Operation.GET},
}
_MODES = {
    "create": {Operation.CREATE},
    "update": {Operation.UPDATE, Operation.GET},
    "upsert": {Operation.CREATE, Operation.UPDATE, Operation.GET},
}


def plan_edit(
    actor: Actor, records: EntityOperations, selection: Selection, values: Mapping[str, Any]
) -> Bulk:
    """The same values into all selected records; a draft, until it is begun.

    Raises:
        BadInput: no values. Whether they fit, the form has checked and the run checks again.

    """
    if not values:
        raise BadInput(
            "Nothing is to be changed.", advice="Tick at least one attribute and give its new value."
        )
    plan = _selected(selection, values={name: plain(value) for name, value in values.items()})
    return _draft(actor, records, Bulk.Kind.EDIT, f"Change {_label(records)}", plan)


def plan_delete(actor: Actor, records: EntityOperations, selection: Selection) -> Bulk:
    return _draft(actor, records, Bulk.Kind.DELETE, f"Delete {_label(records)}", _selected(selection))


def plan_import(
    actor: Actor, records: EntityOperations, name: str, size: int, chunks: Iterable[bytes]
) -> Bulk:
    """Keep the file, read its headers and suggest what goes where.

    Raises:
        BadInput: the file is too large, or none that can be read; nothing of it is kept then.

    """
    _require(actor, records, {Operation.CREATE, Operation.UPDATE})
    if size > LARGEST:
        raise BadInput(f"The file has {size:,} bytes; at most {LARGEST:,} are taken.", advice="Split it.")
    name = safe_name(name)
    file = keep_file(_person(actor), records.service.integration, name, "application/octet-stream", chunks)
    try:
        with opened(file) as stream:
            table = open_table(stream)
            looked_at = [line.cells for line, _ in zip(table.rows(), range(LOOKED_AT), strict=False)]
            samples = list(zip(*looked_at, strict=True))
            lost = unfindable(records.service, records.entity)
            columns = suggested(table.headers, records.entity, lost, samples)
            decimal, dates = customs_of(columns, records.entity, looked_at)
        by_id = any(column.attribute == RECORD_ID for column in columns)
        plan = Plan(
            columns=tuple(columns),
            decimal=decimal,
            dates=dates,
            mode=_first_mode(records, by_id),
            match=RECORD_ID if by_id else _first_key(records, columns),
            sheet=table.found.sheet,
            encoding=table.found.encoding,
            delimiter=table.found.delimiter,
        )
        return _draft(actor, records, Bulk.Kind.IMPORT, f"Import {name[:150]}", plan, file=file)
    except BaseException:
        file.delete()
        raise


def _first_mode(records: EntityOperations, by_id: bool) -> Literal["create", "update"]:
    """What an import most likely wants: a file that brings ids came from an export, and changes records."""
    changes = records.may(Operation.UPDATE) and records.may(Operation.GET)
    return "update" if (by_id and changes) or not records.may(Operation.CREATE) else "create"


def _first_key(records: EntityOperations, columns: Sequence[Column]) -> str:
    """The first alternate key that the file has columns for: offered, should records be changed."""
    entity, mapped = records.entity, {column.attribute for column in columns}
    for key in entity.keys:
        names = [item.name if (item := entity.attribute_of(each)) else "" for each in key.attributes]
        if mapped.issuperset(names):
            return TOGETHER.join(names)
    return ""


def replan_import(actor: Actor, records: EntityOperations, bulk: Bulk, plan: Plan) -> Bulk:
    """Another mapping or other options; what was checked before no longer counts.

    Raises:
        Clash: it has been started, or is being checked.

    """
    _own(actor, bulk)
    if bulk.stage == Bulk.Stage.WORK or bulk.is_moving:
        raise Clash("This import is under way: its mapping can no longer be changed.")
    _require(actor, records, *({operation} for operation in _MODES[plan.mode]))
    mapped = {column.attribute for column in plan.columns}
    if plan.mode != "create" and not (plan.match and mapped.issuperset(matched_by(plan))):
        raise BadInput("Choose by what records are found, and map a column to each part of it.")
    bulk.plan = plan
    bulk.stage = Bulk.Stage.DRAFT
    bulk.save(update_fields=["sealed_plan", "stage"])
    return bulk


def plan_export(actor: Actor, records: EntityOperations, plan: Plan) -> Bulk:
    """Draft and run at once: an export changes nothing."""
    bulk = _draft(actor, records, Bulk.Kind.EXPORT, f"Export {_label(records)}", plan)
    return begin(actor, bulk)


def check(actor: Actor, bulk: Bulk) -> Bulk:
    """Ask for the dry run of an import."""
    _own(actor, bulk)
    with transaction.atomic():
        locked = Bulk.objects.select_for_update().get(pk=bulk.pk)
        if locked.stage == Bulk.Stage.WORK:
            raise Clash("This has been started already.")
        if locked.is_moving:
            raise Clash("It is being checked just now.")
        return _run(actor, locked, Bulk.Stage.CHECK)


def begin(actor: Actor, bulk: Bulk) -> Bulk:
    """Start it. A second press finds it started.

    Raises:
        Clash: it was started before, or a dry run is under way.

    """
    _own(actor, bulk)
    with transaction.atomic():
        locked = Bulk.objects.select_for_update().get(pk=bulk.pk)
        if locked.stage == Bulk.Stage.WORK:
            raise Clash("This has been started already.")
        if locked.is_moving:
            raise Clash("It is still being checked.", advice="Wait for that, or cancel it.")
        checked = locked.stage == Bulk.Stage.CHECK and locked.run is not None
        prepared = bool(checked and locked.run and locked.run.state == JobRun.State.SUCCEEDED)
        if prepared:
            # What the dry run refused stays out; what looked good is judged anew, for it may have changed.
            locked.rows.filter(state__in=[State.PLANNED, State.UNCHANGED]).update(state=State.WAITING)
        return _run(actor, locked, Bulk.Stage.WORK, prepared=prepared)


def retry_failures(actor: Actor, bulk: Bulk) -> Bulk:
    """Try the failed rows once more, by another run.

    Raises:
        Clash: it is still under way, or nothing failed.

    """
    _own(actor, bulk)
    with transaction.atomic():
        locked = Bulk.objects.select_for_update().get(pk=bulk.pk)
        if locked.stage != Bulk.Stage.WORK or locked.is_moving:
            raise Clash("It is still under way.")
        if not locked.rows.filter(state=State.FAILED).update(state=State.WAITING):
            raise Clash("No row has failed.")
        return _run(actor, locked, Bulk.Stage.WORK, prepared=True)


def undo(actor: Actor, records: EntityOperations, bulk: Bulk) -> Bulk:
    """Plan the opposite of what was done; a draft, until it is begun.

    Raises:
        Clash: it is still under way, nothing was done, or it was undone before.
        NotPermitted: the integration does not offer what undoing takes.

    """
    _own(actor, bulk)
    with transaction.atomic():
        locked = Bulk.objects.select_for_update().get(pk=bulk.pk)
        if locked.stage != Bulk.Stage.WORK or locked.is_moving or locked.kind == Bulk.Kind.EXPORT:
            raise Clash("There is nothing to undo yet.")
        verbs = set(locked.rows.filter(state=State.DONE).values_list("verb", flat=True).distinct())
        if not verbs:
            raise Clash("Nothing was changed, so there is nothing to undo.")
        if locked.undone_by.exists():
            raise Clash(
                "This is being undone, or has been.", advice="Discard that first if it was not started."
            )
        opposite = {"create": Operation.DELETE, "update": Operation.UPDATE, "delete": Operation.CREATE}
        _require(actor, records, *({opposite[verb]} for verb in verbs))
        title = f"Undo: {locked.title}"[:200]
        return _draft(actor, records, Bulk.Kind.UNDO, title, Plan(), undoes=locked)


def discard(actor: Actor, bulk: Bulk) -> None:
    """Forget it and its file, unless it is under way. What it has changed stays changed."""
    _own(actor, bulk)
    if bulk.is_moving:
        raise Clash("It is under way. Cancel it first.")
    if bulk.run is not None and not bulk.run.is_finished:
        jobs.cancel(actor, bulk.run)
    if bulk.file is not None:
        bulk.file.delete()
    if bulk.plan.reached is not None:
        StoredFile.objects.filter(pk=bulk.plan.reached.file).delete()
    bulk.delete()


def find_bulk(actor: Actor, records: EntityOperations, bulk_id: UUID) -> Bulk:
    """A bulk of this person, at this place. Raises Missing, also when it is somebody else's."""
    service = records.service
    found = (
        Bulk.objects.select_related("integration__team", "run", "owner", "file", "undoes")
        .filter(
            pk=bulk_id,
            owner=_person(actor),
            integration=service.integration,
            stage_slug=service.binding.stage.slug,
            entity=records.entity.name,
        )
        .first()
    )
    if found is None:
        raise Missing("There is no such work, or it is somebody else's.", advice="It is kept for 30 days.")
    return found


def _draft(
    actor: Actor,
    records: EntityOperations,
    kind: Bulk.Kind,
    title: str,
    plan: Plan,
    *,
    file: StoredFile | None = None,
    undoes: Bulk | None = None,
) -> Bulk:
    if kind != Bulk.Kind.IMPORT:
        _require(actor, records, *({operation} for operation in _NEEDS[kind]))
    now = clock.now()
    bulk = Bulk(
        integration=records.service.integration,
        stage_slug=records.service.binding.stage.slug,
        entity=records.entity.name,
        kind=kind,
        title=title,
        file=file,
        undoes=undoes,
        owner=_person(actor),
        created_at=now,
        expires_at=now + KEPT_FOR,
    )
    bulk.plan = plan
    bulk.save(force_insert=True)
    return bulk


def _run(actor: Actor, bulk: Bulk, stage: Bulk.Stage, *, prepared: bool = False) -> Bulk:
    kind = EXPORT if bulk.kind == Bulk.Kind.EXPORT else CARRY_OUT
    bulk.stage = stage
    bulk.run = jobs.request(
        kind, actor=actor, subject=bulk, team=bulk.team, payload={"prepared": True} if prepared else {}
    )
    bulk.save(update_fields=["stage", "run"])
    return bulk


def _selected(selection: Selection, **more: Any) -> Plan:
    fields = selection.fields
    return Plan(ids=selection.ids, left_out=tuple(sorted(selection.left_out)), query=fields["query"], **more)


def _require(actor: Actor, records: EntityOperations, *any_of: set[Operation]) -> None:
    """Each set needs one operation that this person may use here."""
    _person(actor)
    for operations in any_of:
        if not any(records.may(operation) for operation in operations):
            records.require(min(operations))


def _own(actor: Actor, bulk: Bulk) -> None:
    if bulk.owner_id != _person(actor).pk:
        raise Missing("There is no such work, or it is somebody else's.")


def _person(actor: Actor) -> User:
    if actor.user is None:
        raise NotPermitted("Work on many records is asked for by a person.")
    return actor.user


def _label(records: EntityOperations) -> str:
    return records.entity.plural or f"{records.entity.label or records.entity.name} records"
