"""Lines for a shell that call a service, with the entities and attributes of the very integration."""

import json
from collections.abc import Callable
from typing import Any

from integrations.definition import Attribute, Definition, Entity, Operation
from integrations.explaining.examples import Example, first_of, written
from integrations.kinds import TEXTS, Kind, kind_of


def curl_examples(service_name: str, version: int, address: str, definition: Definition) -> list[Example]:
    """The settings, then one call for each operation of the first entity."""
    entity, prefix = definition.entities[0], service_name.upper()
    settings = f"export {prefix}_URL={address}\nexport {prefix}_KEY=…"
    root = f"${prefix}_URL/v{version}/{entity.name}"
    shown = [
        Example(title, write(_Curl(root, prefix), entity))
        for operation, (title, write) in _WRITERS.items()
        if operation in entity.operations
    ]
    return [Example("Settings", settings), *shown]


class _Curl:
    def __init__(self, root: str, prefix: str) -> None:
        self._root = root
        self._prefix = prefix

    def call(self, path: str, method: str = "", body: Any = None, *headers: str) -> str:
        """One call, an option a line."""
        sent = [f"Authorization: Bearer ${self._prefix}_KEY", *headers]
        sent += ["Content-Type: application/json"] if body is not None else []
        options = [f"-X {method}"] if method else []
        options += [f'-H "{each}"' for each in sent]
        options += [f"-d {_quoted(json.dumps(body, ensure_ascii=False))}"] if body is not None else []
        return " \\\n  ".join([f'curl -sS "{self._root}{path}"', *options])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _search(curl: _Curl, entity: Entity) -> str:
    text = first_of(entity, lambda each: each.can_read and kind_of(each) in TEXTS)
    if text is None:
        return curl.call("/search", "", {"top": 10})
    where = {"attribute": text.name, "operator": "contains", "value": "a"}
    order = [{"attribute": text.name, "direction": "asc"}]
    return curl.call("/search", "", {"where": where, "order_by": order, "top": 10})


def _count(curl: _Curl, _entity: Entity) -> str:
    return curl.call("/count", "", {})


def _create(curl: _Curl, entity: Entity) -> str:
    values = {each.name: _value(each) for each in written(entity)}
    return curl.call("", "", values, "Idempotency-Key: $(uuidgen)")


def _get(curl: _Curl, _entity: Entity) -> str:
    return curl.call("/RECORD_ID")


def _update(curl: _Curl, entity: Entity) -> str:
    changed = first_of(entity, lambda each: each.can_update and kind_of(each) in TEXTS)
    changed = changed or first_of(entity, lambda each: each.can_update)
    values = {changed.name: _value(changed)} if changed else {}
    return curl.call("/RECORD_ID", "PATCH", values)


def _delete(curl: _Curl, _entity: Entity) -> str:
    return curl.call("/RECORD_ID", "DELETE")


_WRITERS: dict[Operation, tuple[str, Callable[[_Curl, Entity], str]]] = {
    Operation.SEARCH: ("Search", _search),
    Operation.COUNT: ("Count", _count),
    Operation.CREATE: ("Create", _create),
    Operation.GET: ("Get", _get),
    Operation.UPDATE: ("Update", _update),
    Operation.DELETE: ("Delete", _delete),
}


def _value(attribute: Attribute) -> Any:
    kind = kind_of(attribute)
    if kind is Kind.LOOKUP:
        return {"entity": next(iter(attribute.targets), ""), "id": "RECORD_ID"}
    if kind is Kind.CHOICE:
        return attribute.options[0].value if attribute.options else 1
    plain: dict[Kind, Any] = {
        Kind.INTEGER: 1,
        Kind.DECIMAL: "1.5",
        Kind.MONEY: "100.00",
        Kind.FLOAT: 1.5,
        Kind.BOOLEAN: True,
        Kind.CHOICES: [],
        Kind.DATE: "2025-12-31",
        Kind.INSTANT: "2025-12-31T18:30:00Z",
        Kind.CLOCK: "2025-12-31T18:30:00",
    }
    return plain.get(kind, "Text")


def curl_opening(address: str, key: str) -> str:
    """The first call with a new key: what it opens."""
    return f"curl -sS {_quoted(f'{address}/')} -H {_quoted(f'Authorization: Bearer {key}')}"
