"""The whole document."""

from typing import Any

from integrations.definition import Definition
from integrations.openapi.entities import ref, schemas
from integrations.openapi.paths import paths
from integrations.openapi.values import GUID, Schema

REFUSALS = {
    "400": "Something that was sent is wrong; `fields` says where. Nothing was written.",
    "401": "No key, or one that is unknown, revoked or expired.",
    "403": "The key, the integration or Dynamics does not allow it.",
    "404": "There is no such record, entity or address.",
    "409": "There is such a record already, or the change does not go with what is there.",
    "410": "The version was withdrawn.",
    "411": "The length of the body is missing.",
    "412": "The record has changed since the etag was read. Nothing was written.",
    "413": "The body is too large.",
    "415": "The body is not JSON.",
    "422": "The Idempotency-Key stands for a different record already.",
    "429": "The key has used up the calls of this minute.",
    "500": "A mistake of Isthmus; it has been logged.",
    "503": "Dynamics does not answer, or asks for a pause.",
}
_WAITING = {"429", "503"}


def document(definition: Definition, *, service: str, title: str, version: int, address: str) -> Schema:
    """OpenAPI 3.1 for one version.

    Args:
        definition: what is published.
        service: its name in addresses.
        title: how people call it.
        version: its number.
        address: of the portal, such as https://isthmus.example.

    """
    known = {
        name: schema for entity in definition.entities for name, schema in schemas(definition, entity).items()
    }
    found = {path: item for entity in definition.entities for path, item in paths(entity).items()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": str(version),
            "description": (
                "Records of Dynamics 365 under the names of this integration. Money and decimals are exact text; "
                "every error is problem details (RFC 9457)."
            ),
        },
        "servers": [{"url": f"{address}/api/{service}/v{version}"}],
        "security": [{"key": []}],
        "tags": [
            {"name": entity.name, "description": entity.description or entity.label or entity.name}
            for entity in definition.entities
        ],
        "paths": found,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "A key: isk_…"}},
            "responses": {status: _refusal(status, text) for status, text in REFUSALS.items()},
            "schemas": {**known, **common()},
        },
    }


def _refusal(status: str, text: str) -> Schema:
    answer: Schema = {
        "description": text,
        "content": {"application/problem+json": {"schema": ref("Problem")}},
    }
    if status in _WAITING:
        seconds = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        answer["headers"] = {"Retry-After": seconds}
    return answer


def common() -> dict[str, Any]:
    """The schemas that every document has."""
    text = {"type": "string"}
    choice = {"value": {"type": "integer"}, "label": text}
    return {
        "Choice": _strict(choice, ["value", "label"]) | {"examples": [{"value": 1, "label": "One"}]},
        "Choices": _strict(
            {"choices": {"type": "array", "items": _strict({**choice, "color": text}, ["value", "label"])}},
            ["choices"],
        ),
        "Lookup": _strict({"entity": text, "id": {**text, "format": "uuid"}, "name": text}, ["entity", "id"])
        | {"examples": [{"entity": "account", "id": GUID, "name": "Contoso"}]},
        "Problem": {
            "type": "object",
            "properties": {
                "type": text,
                "title": text,
                "status": {"type": "integer"},
                "detail": {**text, "description": "What happened."},
                "advice": {**text, "description": "What to do about it."},
                "code": {**text, "description": "The kind of problem, for programs."},
                "fields": {"type": "object", "additionalProperties": text},
                "request_id": text,
                "ids": {
                    "type": "object",
                    "additionalProperties": text,
                    "description": "What to quote to support: ours, and Microsoft's.",
                },
            },
            "required": ["type", "title", "status", "detail", "code", "request_id", "ids"],
        },
    }


def _strict(properties: Schema, required: list[str]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
