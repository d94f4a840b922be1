"""The rows that a query brought, as a table."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts import audit
from accounts.actors import Actor
from accounts.models import Role
from accounts.rules import require_role
from entities.console.reading import SHOWN, Query, read_query_text
from entities.tables.writers import Value
from integrations.access import person_client, reaching
from integrations.metadata import catalogue
from integrations.models import Binding
from microsoft.dataverse import Dataverse

_FORMATTED = "@OData.Community.Display.V1.FormattedValue"
_PREFER = {"Prefer": f'odata.maxpagesize={SHOWN},odata.include-annotations="*"'}
_PREFER_TOP = {"Prefer": 'odata.include-annotations="*"'}


@dataclass(frozen=True)
class Shown:
    """A value as Dynamics shows it, and as it is."""

    text: str
    raw: str


@dataclass(frozen=True)
class Answer:
    headers: list[str]
    records: list[dict[str, Any]]
    more: bool

    @property
    def rows(self) -> list[list[Shown]]:
        return [[_shown(record, name) for name in self.headers] for record in self.records]

    def cells(self) -> Iterable[list[Value]]:
        for record in self.records:
            yield [_cell(record.get(name)) for name in self.headers]


def ask(actor: Actor, binding: Binding, text: str) -> Answer:
    """Run a query as this person.

    Raises:
        NotPermitted: they do not build in the team.
        GateClosed: they have not authorised Isthmus for the tenant.
        BadInput: the query, in our words or in Dynamics'.

    """
    require_role(actor, binding.integration.team, Role.BUILDER)
    environment = binding.connection.environment
    entities = catalogue.for_actor(actor, environment).names()
    query = read_query_text(text, entities)
    with reaching(environment):
        records, more = _read(person_client(actor, environment), query)
    audit.record(actor, "queried", binding.integration, message=f"{len(records)} rows of {query.set_name}")
    return Answer(_headers(records), records, more)


def _read(client: Dataverse, query: Query) -> tuple[list[dict[str, Any]], bool]:
    if query.fetch_xml:
        found = client.fetch(query.set_name, query.fetch_xml)
        return found, len(found) == SHOWN
    headers = _PREFER_TOP if "$top" in query.params else _PREFER
    body = client.call("GET", query.relative, query.params, headers=headers).json()
    if "value" not in body:
        return [body], False
    return list(body["value"]), "@odata.nextLink" in body


def _headers(records: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for record in records for name in record if "@" not in name))


def _shown(record: dict[str, Any], name: str) -> Shown:
    raw = str(_cell(record.get(name)) if record.get(name) is not None else "")
    return Shown(str(record.get(name + _FORMATTED, raw)), raw)


def _cell(value: Any) -> Any:
    return json.dumps(value, default=str, ensure_ascii=False) if isinstance(value, dict | list) else value
