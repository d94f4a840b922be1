"""Whom records can be assigned to. Users and teams need not be published: they are looked up as the person themselves."""

from accounts.gate import GateClosed
from core.problems import NotPermitted
from entities.asking import my_user_id
from entities.place import Place
from integrations.access import person_client, reaching
from integrations.definition import Attribute
from integrations.records import Link
from microsoft.odata import and_, contains, eq

_LISTS = {
    "systemuser": (
        "systemusers",
        "systemuserid",
        "fullname",
        and_(eq("isdisabled", False), eq("applicationid", None)),
    ),
    "team": ("teams", "teamid", "name", eq("teamtype", 0)),  # the kind of team that can own
}
_CALLED = {"systemuser": "Users", "team": "Teams"}


def suggestions(
    place: Place, attribute: Attribute, text: str, top: int
) -> list[tuple[dict[str, str], list[Link]]]:
    """The kinds of owner that are not published, each with those of that name. Raises GateClosed without an authorization."""
    return [
        ({"name": _CALLED[kind]}, _named(place, kind, text, top))
        for kind in sorted(place.owners_apart(attribute))
    ]


def myself(place: Place) -> Link:
    """The person as a user of the environment.

    Raises:
        GateClosed: Isthmus may not ask Microsoft who they are there.
        NotPermitted: they have no user there.

    """
    user, environment = place.service.actor.user, place.service.binding.connection.environment
    called = (user.name or user.username) if user else ""
    try:
        found = my_user_id(place.records)
    except GateClosed:
        raise
    except NotPermitted as problem:
        raise NotPermitted(
            f"You have no user in {environment.friendly_name}, so nothing there can be yours.",
            title="Not a user of this environment",
            advice="An administrator of the environment can add you, or assign the records to somebody else.",
            ids=problem.ids,
        ) from problem
    return Link(found, "systemuser", called)


def _named(place: Place, kind: str, text: str, top: int) -> list[Link]:
    environment = place.service.binding.connection.environment
    set_name, key, name, wanted = _LISTS[kind]
    with reaching(environment):
        page = person_client(place.service.actor, environment).list(
            set_name,
            select=(key, name),
            filter=and_(wanted, *([contains(name, text)] if text else [])),
            orderby=(f"{name} asc",),
            top=top,
            formatted=False,
        )
    return [Link(str(row[key]), kind, str(row.get(name) or row[key])) for row in page.records]
