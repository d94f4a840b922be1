"""A definition as a YAML file: to be read by people, kept in git, and carried to another installation.

One line holds one attribute, key or relation, so that a diff of two files reads like the change it is. What stands
in the file is only what was chosen and the facts of the environment about it: no secrets, and nothing of this
installation. The same definition always gives the same bytes.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from core.problems import BadInput
from integrations.definition import Definition, Operation

FORMAT = 1
MAX_BYTES = 5_000_000
_HEADER = "# An Isthmus integration. Import it with: manage.py integrations import\n"
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,255}")
_WIDE = 1_000_000  # never break a line: what belongs together stays on one


class Document(BaseModel):
    """What the file holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    name: str
    service: str
    definition: Definition


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, and leaves out what YAML would only repeat."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow=flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


class _Loader(yaml.SafeLoader):
    """Without aliases: a short file could otherwise stand for an endless one."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not allowed")
        return super().compose_node(parent, index)


def to_yaml(document: Document) -> str:
    """The text of the file."""
    dumped = document.model_dump(mode="json", exclude_defaults=True, exclude={"definition"})
    body = {"format": document.format, **dumped, **_definition(document.definition)}
    text: str = yaml.dump(
        body, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDE, default_flow_style=None
    )
    return _HEADER + text


def from_yaml(text: str) -> Document:
    """The document of a file.

    Raises:
        BadInput: it is too large, not YAML, of another format, or says something that a definition does not know.

    """
    if len(text.encode()) > MAX_BYTES:
        raise BadInput(f"The file is larger than {MAX_BYTES // 1_000_000} MB.")
    try:
        found = yaml.load(text, Loader=_Loader)  # noqa: S506  a safe loader of our own
    except (yaml.YAMLError, ValueError) as error:
        raise BadInput(f"This is not YAML that can be read: {' '.join(str(error).split())[:300]}") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BadInput(f"This is not the file of an integration in format {FORMAT}.")
    body = {key: found.pop(key) for key in ("acts_as", "entities") if key in found}
    try:
        document = Document.model_validate({**found, "definition": body})
    except ValidationError as error:
        raise BadInput(_said(error)) from None
    _require_known(document.definition, body, "")
    _require_identifiers(document.definition)
    return document


def _definition(definition: Definition) -> dict[str, Any]:
    dumped = definition.model_dump(mode="json", exclude_defaults=True)
    entities = dumped.pop("entities", [])
    for entity, chosen in zip(entities, definition.entities, strict=True):
        entity["operations"] = [each.value for each in Operation if each in chosen.operations]
    return {"acts_as": definition.acts_as.value, "entities": entities}


def _said(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"] if part != "definition")
    return f"The file is not complete or not right at {where or 'its beginning'}: {first['msg']}."


def _require_known(model: BaseModel, given: Any, where: str) -> None:
    """A key that no definition has is a typing error, and would otherwise be lost in silence."""
    fields = type(model).model_fields
    for key, value in given.items():
        if key not in fields:
            raise BadInput(f"The file says {where}{key}, which no definition knows.")
        inner = getattr(model, key)
        if isinstance(inner, tuple) and isinstance(value, list):
            for number, (part, raw) in enumerate(zip(inner, value, strict=True)):
                if isinstance(part, BaseModel):
                    _require_known(part, raw, f"{where}{key}.{number}.")


def _require_identifiers(definition: Definition) -> None:
    """These become parts of addresses and queries, so they must be what Dataverse calls a name."""
    for value in _identifiers(definition):
        if not _IDENTIFIER.fullmatch(value):
            raise BadInput(f"{value[:80]!r} is not a name that Dataverse could have given.")


def _identifiers(definition: Definition) -> Iterator[str]:
    for entity in definition.entities:
        yield from (entity.logical_name, entity.entity_set, entity.primary_id)
        for attribute in entity.attributes:
            yield from (attribute.logical_name, attribute.type)
            yield from (*attribute.targets, *attribute.targets.values(), *attribute.target_sets.values())
        for key in entity.keys:
            yield from (key.logical_name, *key.attributes)
        for each in entity.expand:
            yield from (each.navigation, each.target)
        for relationship in entity.relationships:
            yield from (relationship.navigation, relationship.target, relationship.schema_name)
