"""The OpenAPI document of one entity, as people read it: a chapter for each operation."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from integrations.definition import Definition, Entity
from integrations.openapi.document import REFUSALS, common
from integrations.openapi.entities import schemas
from integrations.openapi.paths import paths
from integrations.openapi.values import Schema

_WORDS = {"integer": "whole number", "boolean": "true or false", "null": "null"}


@dataclass(frozen=True)
class Input:
    """A parameter. `place` is path, query or header; `choices` are all that it may be, if they are few."""

    name: str
    place: str
    description: str
    required: bool
    words: str
    sample: str


@dataclass(frozen=True)
class Row:
    """One attribute of a body."""

    name: str
    words: str
    description: str
    required: bool


@dataclass(frozen=True)
class Chapter:
    """One operation. `body` is an example to begin with, None where nothing is sent."""

    anchor: str
    method: str
    path: str
    summary: str
    inputs: list[Input]
    body: str | None
    binary: bool
    rows: list[Row]
    answers: list[tuple[str, str]]
    example: str


def chapters(definition: Definition, entity: Entity) -> list[Chapter]:
    """All operations of an entity, in the order of its addresses."""
    known = {**schemas(definition, entity), **common()}
    return [
        _chapter(known, path, method, operation, item.get("parameters", []))
        for path, item in paths(entity).items()
        for method, operation in item.items()
        if method != "parameters"
    ]


def _chapter(
    known: dict[str, Schema], path: str, method: str, operation: Schema, shared: list[Schema]
) -> Chapter:
    content = operation.get("requestBody", {}).get("content", {})
    schema = _resolved(known, content.get("application/json", {}).get("schema", {}))
    good = next(iter(operation["responses"].items()))
    return Chapter(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        inputs=[_input(each) for each in (*shared, *operation.get("parameters", []))],
        body=_pretty(_example(known, schema)) if schema else None,
        binary="application/octet-stream" in content,
        rows=list(_rows(known, schema)),
        answers=[
            (status, answer.get("description") or REFUSALS[status])
            for status, answer in operation["responses"].items()
        ],
        example=_answer(known, good[1]),
    )


def _input(parameter: Schema) -> Input:
    schema = parameter["schema"]
    return Input(
        parameter["name"],
        parameter["in"],
        parameter.get("description", ""),
        parameter.get("required", False),
        words(schema),
        str(parameter.get("example", "")),
    )


def words(schema: Schema) -> str:
    """The type in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        shown = ", ".join(str(each) for each in schema["enum"][:6])
        return f"one of {shown}{' and others' if len(schema['enum']) > 6 else ''}"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(words(each) for each in schema["anyOf"]))
    if "items" in schema:
        return "list of " + words(schema["items"]).removeprefix("one of ")
    kinds = schema.get("type", "anything")
    named = [_WORDS.get(str(each), str(each)) for each in (kinds if isinstance(kinds, list) else [kinds])]
    return " or ".join(named) + "".join(_bounds(schema))


def _bounds(schema: Schema) -> Iterator[str]:
    if "format" in schema:
        yield f", {schema['format']}"
    if "maxLength" in schema:
        yield f", at most {schema['maxLength']:,} long"
    if "minimum" in schema and "maximum" in schema:
        yield f", {schema['minimum']:,} to {schema['maximum']:,}"


def _rows(known: dict[str, Schema], schema: Schema) -> Iterator[Row]:
    for name, each in schema.get("properties", {}).items():
        resolved = _resolved(known, each)
        yield Row(
            name,
            words(each),
            " ".join(str(each.get(key, "")) for key in ("title", "description")).strip()
            or str(resolved.get("description", "")),
            name in schema.get("required", ()),
        )


def _resolved(known: dict[str, Schema], schema: Schema) -> Schema:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return known.get(name, {}) if name else schema


def _example(known: dict[str, Schema], schema: Schema) -> Any:
    """The schema's own example, or one made of those of its parts."""
    schema = _resolved(known, schema)
    if schema.get("examples"):
        return schema["examples"][0]
    if "anyOf" in schema:
        return _example(known, schema["anyOf"][0])
    if schema.get("type") == "array":
        return [_example(known, schema["items"])]
    if schema.get("type") == "object":
        wanted = schema.get("required", ())
        return {name: _example(known, each) for name, each in schema["properties"].items() if name in wanted}
    return schema.get("default", {"integer": 0, "boolean": True}.get(str(schema.get("type"))))


def _answer(known: dict[str, Schema], answer: Schema) -> str:
    schema = answer.get("content", {}).get("application/json", {}).get("schema")
    return _pretty(_example(known, schema)) if schema else ""


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
