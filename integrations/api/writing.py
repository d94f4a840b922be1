"""Create, change, delete."""

from django.http import HttpResponse

from integrations.api.answers import empty, json_answer
from integrations.api.bodies import object_of, query_of
from integrations.api.calls import Call


def create(call: Call, entity: str) -> HttpResponse:
    operations = call.operations(entity)
    query_of(call.request, ())
    record_id = operations.create(object_of(call.request))
    answer = json_answer({"id": record_id}, 201)
    answer.headers["Location"] = f"{call.root}/{entity}/{record_id}"
    return answer


def update(call: Call, entity: str, record_id: str) -> HttpResponse:
    operations = call.operations(entity)
    query_of(call.request, ())
    operations.update(record_id, object_of(call.request), etag=_etag(call))
    return empty()


def delete(call: Call, entity: str, record_id: str) -> HttpResponse:
    operations = call.operations(entity)
    query_of(call.request, ())
    operations.delete(record_id, etag=_etag(call))
    return empty()


def _etag(call: Call) -> str | None:
    given = call.request.headers.get("If-Match", "").strip()
    return None if given in {"", "*"} else given
