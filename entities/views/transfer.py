"""Import and export: the pages before the work begins."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.actors import actor_of
from core.problems import BadInput, Clash, Missing, Problem
from entities.bulk.exporting import exported
from entities.bulk.forms import OptionsForm, read_columns
from entities.bulk.lookups import unfindable
from entities.bulk.mapping import RECORD_ID, are_ids, suggested, writable
from entities.bulk.preparing import reading_of
from entities.models import Bulk, Column, Plan
from entities.place import Place, find_place
from entities.query import read_query
from entities.selection import Selection, read_selection
from entities.services import bulk as services
from entities.storage import KEPT_FOR, opened
from entities.tables.reading import LARGEST, MOST_ROWS, Reading, Table, open_table
from integrations.definition import Attribute, Operation
from integrations.kinds import Kind, kind_of

SAMPLES = 3


@require_http_methods(["GET", "HEAD", "POST"])
def begin_import(request: HttpRequest, integration_id: UUID, stage: str, entity: str) -> HttpResponse:
    """Choose a file. What is wrong with it is said here, before anything else is asked."""
    place = find_place(request, integration_id, stage, entity)
    if not place.may["create"]:
        place.records.require(Operation.UPDATE)
    trouble: Problem | None = None
    if request.method == "POST":
        try:
            bulk = _received(request, place)
            return redirect("entities:mapping", *place.address, bulk.pk)
        except BadInput as problem:
            trouble = problem
    context = {
        "place": place,
        "trouble": trouble,
        "largest": LARGEST // 1024**2,
        "most_rows": f"{MOST_ROWS:,}",
        "kept_days": KEPT_FOR.days,
    }
    return render(request, "entities/bulk/import.html", context, status=trouble.status if trouble else 200)


def _received(request: HttpRequest, place: Place) -> Bulk:
    upload = request.FILES.get("file")
    if upload is None or isinstance(upload, list):
        raise BadInput("Choose a file first.")
    return services.plan_import(
        actor_of(request), place.records, upload.name or "", upload.size or 0, upload.chunks()
    )


@require_http_methods(["GET", "HEAD", "POST"])
def mapping(
    request: HttpRequest, integration_id: UUID, stage: str, entity: str, bulk_id: UUID
) -> HttpResponse:
    """Which column goes where, and how; then the dry run."""
    place = find_place(request, integration_id, stage, entity)
    bulk = services.find_bulk(actor_of(request), place.records, bulk_id)
    if bulk.kind != Bulk.Kind.IMPORT:
        raise Missing("This is not an import.")
    if bulk.file is None:
        raise Missing("The file is no longer kept.", advice="Send it again.")
    if bulk.stage == Bulk.Stage.WORK or bulk.is_moving:
        raise Clash("This import is under way: its mapping can no longer be changed.")
    with opened(bulk.file) as stream:
        return _mapped(request, place, bulk, stream)


def _mapped(request: HttpRequest, place: Place, bulk: Bulk, stream: Any) -> HttpResponse:
    plan = bulk.plan
    posted = request.POST if request.method == "POST" else None
    wanted = _wanted(plan, posted) if posted else reading_of(plan)
    trouble: Problem | None = None
    try:
        table = open_table(stream, wanted)
        samples = _samples(table)
    except BadInput as problem:
        trouble, posted = problem, None
        table = open_table(stream, reading_of(plan))
        samples = _samples(table)
    form = OptionsForm(place, plan, table.sheets, posted)
    columns, wrong = (
        read_columns(place, table.headers, posted) if posted else (_columns(place, plan, table, samples), "")
    )
    reread = posted is not None and table.headers != [column.header for column in plan.columns]
    if posted and (reread or "reread" in posted):
        columns, wrong = _first_columns(place, table.headers, samples), ""
        form = OptionsForm(
            place, plan.model_copy(update={"mode": posted.get("mode", plan.mode)}), table.sheets, posted
        )
    elif posted and form.is_valid() and not wrong:
        try:
            changed = _plan(plan, form.cleaned_data, columns, table)
            bulk = services.replan_import(actor_of(request), place.records, bulk, changed)
            services.check(actor_of(request), bulk)
            return redirect(bulk)
        except (BadInput, Clash) as problem:
            trouble = problem
    if wrong:
        trouble = BadInput(wrong)
    context = {
        "place": place,
        "bulk": bulk,
        "form": form,
        "rows": _rows(place, columns, samples),
        "record_id": RECORD_ID,
        "trouble": trouble,
        "reread": reread,
    }
    return render(
        request, "entities/bulk/mapping.html", context, status=422 if trouble or form.errors else 200
    )


def _wanted(plan: Plan, data: Any) -> Reading:
    delimiter = data.get("delimiter", plan.delimiter)
    return Reading(
        data.get("sheet", plan.sheet),
        data.get("encoding", plan.encoding),
        delimiter,
        data.get("decimal", "."),
    )


def _columns(place: Place, plan: Plan, table: Table, samples: list[list[str]]) -> list[Column]:
    if [column.header for column in plan.columns] == table.headers:
        return list(plan.columns)
    return _first_columns(place, table.headers, samples)


def _first_columns(place: Place, headers: list[str], samples: list[list[str]]) -> list[Column]:
    return suggested(headers, place.entity, unfindable(place.service, place.entity), samples)


def _plan(plan: Plan, options: dict[str, Any], columns: list[Column], table: Table) -> Plan:
    found = table.found
    changed = {name: options[name] for name in ("mode", "match", "blanks", "decimal", "dates")}
    return plan.model_copy(
        update={
            **changed,
            "columns": tuple(columns),
            "sheet": found.sheet,
            "encoding": found.encoding,
            "delimiter": found.delimiter,
        }
    )


def _samples(table: Table) -> list[list[str]]:
    """The first values of each column."""
    rows = [line.cells for line, _ in zip(table.rows(), range(SAMPLES), strict=False)]
    return [[row[number][:60] for row in rows if row[number].strip()] for number in range(len(table.headers))]


def _rows(place: Place, columns: list[Column], samples: list[list[str]]) -> list[dict[str, Any]]:
    lost = unfindable(place.service, place.entity)
    every = writable(place.entity)
    meant = suggested([column.header for column in columns], place.entity)
    rows = []
    for number, (column, found) in enumerate(zip(columns, samples, strict=True)):
        ids = are_ids(found)
        offered = [item for item in every if ids or item.name not in lost or item.name == column.attribute]
        rows.append(
            {
                "number": number,
                "column": column,
                "samples": found,
                "attributes": offered,
                "ways": _ways(place, column),
                "lost": "" if column.attribute else lost.get(meant[number].attribute, ""),
            }
        )
    return rows


def _ways(place: Place, column: Column) -> list[tuple[str, str]]:
    """By what the target of a lookup can be found; nothing for other attributes."""
    attribute = place.entity.attribute(column.attribute) if column.attribute else None
    if attribute is None or kind_of(attribute) is not Kind.LOOKUP:
        return []
    return lookup_ways(place, attribute)


def lookup_ways(place: Place, attribute: Attribute) -> list[tuple[str, str]]:
    ways = {"name": "its name or id"} if place.lookup_targets(attribute) else {"name": "its id"}
    for target in place.lookup_targets(attribute):
        for item in target.readable:
            if kind_of(item) is Kind.TEXT and not item.primary_name:
                ways.setdefault(item.name, (item.label or item.name).lower())
    return list(ways.items())


@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, integration_id: UUID, stage: str, entity: str) -> HttpResponse:
    """How to export: the list of the address, or the selection that the grid sent."""
    place = find_place(request, integration_id, stage, entity)
    place.records.require(Operation.SEARCH)
    if request.method == "POST":
        selection = read_selection(place, request.POST)
        if "export" in request.POST:
            plan = _export_plan(place, selection, request.POST)
            bulk = services.plan_export(actor_of(request), place.records, plan)
            return redirect(bulk)
    else:
        selection = Selection(read_query(place.entity, request.GET), everything=True)
    shown = [name for name in selection.query.columns if place.entity.attribute(name)]
    context = {"place": place, "selection": selection, "shown": shown, "all": exported(place.records, ())}
    return render(request, "entities/bulk/export.html", context)


def _export_plan(place: Place, selection: Selection, data: Any) -> Plan:
    form = data.get("format", "csv")
    if form not in {"csv", "xlsx", "json"}:
        raise BadInput("Choose CSV, Excel or JSON.")
    names = [name for name in selection.query.columns if place.entity.attribute(name)]
    return Plan(
        ids=selection.ids,
        left_out=tuple(sorted(selection.left_out)),
        query=selection.fields["query"],
        format=form,
        labels=data.get("labels", "yes") == "yes",
        attributes=tuple(names) if data.get("columns") == "shown" else (),
    )
