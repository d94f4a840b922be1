"""Get, search, count, choices, and what the service offers."""

from typing import Annotated, Any

import msgspec
from django.http import HttpResponse

from core.problems import BadInput, Missing
from integrations.api.answers import empty, json_answer
from integrations.api.bodies import json_of, listed, number, query_of, shaped
from integrations.api.calls import Call
from integrations.api.shapes import choices_json, records_json
from integrations.definition import Operation
from integrations.filters import Filter, filter_from

PAGE = 50
NAMES = 500
Text = Annotated[str, msgspec.Meta(max_length=100_000)]
Names = Annotated[list[str], msgspec.Meta(max_length=NAMES)]


class Term(msgspec.Struct, forbid_unknown_fields=True):
    attribute: str
    direction: str = "asc"


class Search(msgspec.Struct, forbid_unknown_fields=True):
    """What may be asked of a search; see docs/service.md."""

    where: Any = None
    filter: Text = ""
    order_by: Annotated[list[Term], msgspec.Meta(max_length=20)] = []
    top: int = PAGE
    skip: int = 0
    cursor: Text | None = None
    select: Names | None = None
    expand: Names = []


class Count(msgspec.Struct, forbid_unknown_fields=True):
    where: Any = None
    filter: Text = ""


LISTING = ("top", "skip", "cursor", "order_by", "select", "filter", "expand")


def index(call: Call) -> HttpResponse:
    """Which entities and operations there are for this key."""
    service = call.service
    query_of(call.request, ())
    scope = service.scope
    entities = [
        {
            "name": entity.name,
            "label": entity.label or entity.name,
            "operations": [
                each.value
                for each in Operation
                if each in entity.operations
                and (scope is None or each.value in scope.get(entity.logical_name, ()))
            ],
        }
        for entity in service.entities
    ]
    return json_answer(
        {
            "service": call.service_name,
            "version": service.version.number,
            "stage": service.binding.stage.slug,
            "entities": entities,
        }
    )


def get(call: Call, entity: str, record_id: str) -> HttpResponse:
    operations = call.operations(entity)
    query = query_of(call.request, ("select", "expand"))
    expand = listed(query.get("expand")) or []
    record = operations.get(record_id, select=listed(query.get("select")), expand=expand)
    known = [each.strip() for each in call.request.headers.get("If-None-Match", "").split(",")]
    # Related records change without the etag of this one.
    unchanged = record.etag in known and not expand
    body = records_json(operations.service.definition, operations.entity, [record])[0]
    answer = empty(304) if unchanged else json_answer(body)
    answer.headers["ETag"] = record.etag
    return answer


def listing(call: Call, entity: str) -> HttpResponse:
    """A search whose question stands in the address."""
    query = query_of(call.request, LISTING)
    terms = [
        Term(name.removeprefix("-"), "desc" if name.startswith("-") else "asc")
        for name in listed(query.get("order_by")) or ()
    ]
    asked = Search(
        filter=query.get("filter", ""),
        order_by=terms,
        top=number(query, "top", PAGE),
        skip=number(query, "skip", 0),
        cursor=query.get("cursor"),
        select=listed(query.get("select")),
        expand=listed(query.get("expand")) or [],
    )
    return _found(call, entity, asked)


def search(call: Call, entity: str) -> HttpResponse:
    query_of(call.request, ())
    return _found(call, entity, shaped(json_of(call.request), Search))


def count(call: Call, entity: str) -> HttpResponse:
    operations = call.operations(entity)
    query_of(call.request, ())
    asked = shaped(json_of(call.request), Count)
    return json_answer({"count": operations.count(_where(asked.where), advanced=asked.filter)})


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
        _where(asked.where),
        order_by=[(term.attribute, term.direction) for term in asked.order_by],
        top=asked.top,
        cursor=asked.cursor or None,
        select=asked.select,
        skip=asked.skip,
        expand=asked.expand,
        advanced=asked.filter,
    )
    definition = operations.service.definition
    records = records_json(definition, operations.entity, found.records)
    return json_answer({"records": records, "next_cursor": found.next_cursor})


def _where(given: Any) -> Filter | None:
    return None if given is None else filter_from(given)
