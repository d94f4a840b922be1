"""Create, change, delete."""

from typing import Any

import msgspec
from django.http import HttpResponse

from core.problems import BadInput
from integrations.api.answers import empty, json_answer
from integrations.api.bodies import json_of, object_of, query_of, shaped
from integrations.api.calls import Call
from integrations.api.repeating import create_once


class Upsert(msgspec.Struct, forbid_unknown_fields=True):
    """The alternate key of a record, and its other attributes."""

    key: dict[str, Any]
    values: dict[str, Any]


def create(call: Call, entity: str) -> HttpResponse:
    operations = call.operations(entity)
    query_of(call.request, ())
    values = object_of(call.request)
    token = call.request.headers.get("Idempotency-Key")
    if token is None or call.key is None:
        record_id = operations.create(values)
    else:
        record_id = create_once(call.key, token, operations, values)
    return _located(call, entity, record_id, json_answer({"id": record_id}, 201))


def update(call: Call, entity: str, record_id: str) -> HttpResponse:
    operations = call.operations(entity)
    query_of(call.request, ())
    values = object_of(call.request)
    if not values:
        raise BadInput("There is nothing to change.", advice='Send {"attribute": value, …}.')
    operations.update(record_id, values, etag=_etag(call))
    return empty()


def upsert(call: Call, entity: str) -> HttpResponse:
    operations = call.operations(entity)
    query_of(call.request, ())
    asked = shaped(json_of(call.request), Upsert)
    written = operations.upsert(asked.key, asked.values)
    body = {"id": written.id, "created": written.created}
    return _located(call, entity, written.id, json_answer(body, 201 if written.created else 200))


def delete(call: Call, entity: str, record_id: str) -> HttpResponse:
    operations = call.operations(entity)
    query_of(call.request, ())
    operations.delete(record_id, etag=_etag(call))
    return empty()


def _located(call: Call, entity: str, record_id: str, answer: HttpResponse) -> HttpResponse:
    answer.headers["Location"] = f"{call.root}/{entity}/{record_id}"
    return answer


def _etag(call: Call) -> str | None:
    given = call.request.headers.get("If-Match", "").strip()
    return None if given in {"", "*"} else given
