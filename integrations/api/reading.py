"""Get, search, count, choices."""

from typing import Any

import msgspec
from django.http import HttpResponse

from core.problems import BadInput, Missing
from integrations.api.answers import empty, json_answer
from integrations.api.bodies import json_of, listed, number, query_of, shaped
from integrations.api.calls import Call
from integrations.api.shapes import choices_json, record_json
from integrations.filters import filter_from

PAGE = 50


class Term(msgspec.Struct, forbid_unknown_fields=True):
    attribute: str
    direction: str = "asc"


class Search(msgspec.Struct, forbid_unknown_fields=True):
    """What may be asked of a search; see docs/service.md."""

    where: Any = None
    order_by: list[Term] = []
    top: int = PAGE
    cursor: str | None = None
    select: list[str] | None = None


class Count(msgspec.Struct, forbid_unknown_fields=True):
    where: Any = None


def get(call: Call, entity: str, record_id: str) -> HttpResponse:
    operations = call.operations(entity)
    query = query_of(call.request, ("select",))
    record = operations.get(record_id, select=listed(query.get("select")))
    known = [each.strip() for each in call.request.headers.get("If-None-Match", "").split(",")]
    answer = empty(304) if record.etag in known else json_answer(record_json(operations.entity, record))
    answer.headers["ETag"] = record.etag
    return answer


def listing(call: Call, entity: str) -> HttpResponse:
    """A search whose question stands in the address."""
    query = query_of(call.request, ("top", "cursor", "order_by", "select"))
    terms = [
        Term(name.lstrip("-"), "desc" if name.startswith("-") else "asc")
        for name in listed(query.get("order_by")) or ()
    ]
    asked = Search(
        order_by=terms,
        top=number(query, "top", PAGE),
        cursor=query.get("cursor"),
        select=listed(query.get("select")),
    )
    return _found(call, entity, asked)


def search(call: Call, entity: str) -> HttpResponse:
    query_of(call.request, ())
    return _found(call, entity, shaped(json_of(call.request), Search))


def count(call: Call, entity: str) -> HttpResponse:
    operations = call.operations(entity)
    query_of(call.request, ())
    asked = shaped(json_of(call.request), Count)
    return json_answer({"count": operations.count(filter_from(asked.where) if asked.where else None)})


def choices(call: Call, entity: str, attribute: str) -> HttpResponse:
    operations = call.operations(entity)
    query_of(call.request, ())
    found = operations.entity.attribute(attribute)
    if found is None:
        raise Missing(f"{entity} has no attribute {attribute[:80]!r}.")
    if not found.options:
        raise BadInput(f"{attribute} is not a choice.", fields={attribute: "This has no choices."})
    return json_answer({"choices": choices_json(found)})


def _found(call: Call, entity: str, asked: Search) -> HttpResponse:
    operations = call.operations(entity)
    found = operations.search(
        filter_from(asked.where) if asked.where else None,
        order_by=[(term.attribute, term.direction) for term in asked.order_by],
        top=asked.top,
        cursor=asked.cursor or None,
        select=asked.select,
    )
    records = [record_json(operations.entity, record) for record in found.records]
    return json_answer({"records": records, "next_cursor": found.next_cursor})
