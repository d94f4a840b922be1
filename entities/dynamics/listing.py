"""The views that Dynamics offers for an entity, as far as they can be run within the published definition.

They are read with the person's own authorization: system views as they see them, and the views that are theirs.
A connection's application needs no right to them.
"""

from dataclasses import dataclass, field
from typing import Any

from core.problems import Problem, Remedy
from entities.dynamics.fetchxml import Unlike, parsed, query_from
from entities.place import Place
from integrations.access import own_authorization, person_client, reaching
from microsoft.dataverse import Dataverse
from microsoft.odata import and_, eq

PUBLIC = 0
MOST = 100


@dataclass(frozen=True)
class DynamicsView:
    """`address` is empty where `trouble` says why the view cannot be shown here."""

    name: str
    address: str = ""
    trouble: str = ""
    is_default: bool = False


@dataclass(frozen=True)
class Offer:
    """`remedy` leads to what is lacking when Dynamics could not be asked."""

    system: list[DynamicsView] = field(default_factory=list)
    personal: list[DynamicsView] = field(default_factory=list)
    trouble: str = ""
    remedy: Remedy | None = None


def views_in_dynamics(place: Place) -> Offer:
    """The system views of the entity and the person's own, by name. Never raises for what Dynamics says."""
    service = place.service
    environment = service.binding.connection.environment
    if own_authorization(service.actor, environment) is None:
        return Offer(
            trouble="Authorise Isthmus with your Microsoft account to see the views that Dynamics has."
        )
    try:
        with reaching(environment):
            client = person_client(service.actor, environment)
            system = _fetch(client, "savedqueries", place, querytype=PUBLIC, statecode=0)
            personal = _fetch(client, "userqueries", place, querytype=PUBLIC, statecode=0)
    except Problem as problem:
        return Offer(trouble=f"Dynamics does not show its views: {problem.message}", remedy=problem.remedy)
    return Offer([_view(place, row) for row in system], [_view(place, row) for row in personal])


def _fetch(client: Dataverse, set_name: str, place: Place, **facts: int) -> list[dict[str, Any]]:
    is_here = eq("returnedtypecode", place.entity.logical_name)
    select = ["name", "fetchxml", "layoutxml", *(["isdefault"] if set_name == "savedqueries" else [])]
    page = client.list(
        set_name,
        select=select,
        filter=and_(is_here, *(eq(name, value) for name, value in facts.items())),
        orderby=["name asc"],
        top=MOST,
        formatted=False,
    )
    return page.records


def _view(place: Place, row: dict[str, Any]) -> DynamicsView:
    name, is_default = str(row.get("name") or "Without a name"), bool(row.get("isdefault"))
    try:
        query = query_from(place.entity, str(row.get("fetchxml") or ""), _layout(row.get("layoutxml")))
    except Unlike as unlike:
        return DynamicsView(name, trouble=str(unlike), is_default=is_default)
    return DynamicsView(name, query.address, is_default=is_default)


def _layout(text: Any) -> list[str] | None:
    if not text:
        return None
    return [cell.get("name", "") for cell in parsed(str(text)).iter("cell")]
