"""What pages ask about files of a record and about the query console."""

from typing import Any

from django import template
from django.template import Context

from accounts.models import Role
from accounts.rules import role_in
from entities.bulk.forms import changeable
from entities.place import Place
from integrations.kinds import Kind, kind_of
from integrations.models import Integration
from integrations.records import Record

register = template.Library()


@register.simple_tag
def files_of(place: Place, record: Record) -> list[dict[str, Any]]:
    """The file attributes of a record and the name of the file in each, empty where there is none."""
    return [
        {
            "attribute": item,
            "name": (record.labels.get(item.name) or "A file") if record.values.get(item.name) else "",
        }
        for item in place.records.readable
        if kind_of(item) is Kind.FILE
    ]


@register.simple_tag
def may_set(place: Place, focus: str) -> bool:
    """Whether the owner or the state (`focus`) of selected records can be changed here."""
    return bool(changeable(place, focus))


@register.simple_tag(takes_context=True)
def may_query(context: Context, integration: Integration) -> bool:
    """Whether the person at the page may use the query console."""
    request: Any = context.get("request")
    own = role_in(request.user, integration.team) if request is not None else None
    return own is not None and own >= Role.BUILDER
