"""Changes as a page tells them: by field, what it was and what it became."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from entities.models import RecordChange
from entities.widgets import yes_no
from integrations.definition import Attribute, Definition, Entity
from integrations.kinds import Kind, kind_of

UNKNOWN = "not known"


@dataclass(frozen=True)
class Field:
    label: str
    before: str
    after: str
    known: bool = True


@dataclass(frozen=True)
class Told:
    """One change. Attributes outside today's published definition are counted, not shown."""

    change: RecordChange
    entity: str
    title: str
    fields: list[Field]
    hidden: int
    url: str
    can_revert: bool


def tell(change: RecordChange, definition: Definition, *, may_write: bool = False) -> Told:
    entity = definition.entity(change.entity)
    values = change.values
    names = change.fields or sorted(values.before)
    fields = []
    for name in names:
        attribute = entity.attribute_of(name) if entity else None
        relation = _relation(entity, name)
        if attribute is not None and attribute.can_read:
            known = name in values.before or change.kind == RecordChange.Kind.CREATE
            before = said(attribute, values.before.get(name)) if known else UNKNOWN
            fields.append(
                Field(
                    attribute.label or attribute.name, before, said(attribute, values.after.get(name)), known
                )
            )
        elif relation:
            fields.append(Field(relation, "", str((values.after.get(name) or {}).get("id", ""))))
    url = ""
    if entity:
        url = reverse(
            "entities:record", args=[change.integration_id, change.stage, entity.name, change.record_id]
        )
    return Told(
        change=change,
        entity=entity.label if entity else change.entity,
        title=values.title or str(change.record_id)[:8],
        fields=[each for each in fields if each.before or each.after],
        hidden=len(names) - len(fields),
        url=url,
        can_revert=may_write and change.kind in (RecordChange.Kind.UPDATE, RecordChange.Kind.DELETE),
    )


def said(attribute: Attribute, value: Any) -> str:
    """A stored value in words."""
    if value in (None, "", []):
        return ""
    kind = kind_of(attribute)
    if kind is Kind.LOOKUP and isinstance(value, dict):
        return str(value.get("label") or f"{value.get('entity', '')} {str(value.get('id', ''))[:8]}")
    if kind is Kind.BOOLEAN:
        return dict(yes_no(attribute)).get(str(value).lower(), str(value))
    if kind in (Kind.CHOICE, Kind.CHOICES):
        words = {str(option.value): option.label for option in attribute.options}
        return ", ".join(
            words.get(str(each), str(each)) for each in (value if isinstance(value, list) else [value])
        )
    if kind in (Kind.INSTANT, Kind.CLOCK):
        return _moment(str(value))
    return str(value)


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    local = timezone.localtime(moment) if moment.tzinfo else moment
    return local.strftime("%Y-%m-%d %H:%M")


def _relation(entity: Entity | None, name: str) -> str:
    found = next((each for each in (entity.relationships if entity else ()) if each.name == name), None)
    return (found.label or found.name) if found else ""
