"""Saved views: lists under a name, for oneself or for the team."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict

from accounts import audit
from accounts.actors import Actor
from accounts.models import Role
from accounts.rules import require_role, role_in
from core.problems import BadInput, Missing, NotPermitted
from entities.models import SavedView
from entities.place import Place
from entities.query import GridQuery, read_query

LONGEST_NAME = 100


@dataclass(frozen=True)
class View:
    """A saved view as the menu shows it. `trouble` says why it cannot be opened any more."""

    row: SavedView
    address: str
    mine: bool
    may_change: bool
    trouble: str = ""


def views_of(place: Place, actor: Actor) -> list[View]:
    """The person's own and the team's, by name."""
    owner = actor.user is not None and role_in(actor.user, place.integration.team) == Role.OWNER
    found = []
    for row in _visible(place, actor).select_related("owner"):
        mine = row.owner == actor.user
        try:
            query, trouble = saved_query(place, row), ""
        except BadInput as problem:
            query, trouble = GridQuery(), problem.message
        found.append(View(row, query.address, mine, mine or (owner and row.shared), trouble))
    return found


def saved_query(place: Place, row: SavedView) -> GridQuery:
    """What a saved view asks for. Raises BadInput when the integration has changed meanwhile."""
    data = QueryDict(row.query, mutable=True)
    data["view"] = str(row.pk)
    return read_query(place.entity, data)


def save_view(actor: Actor, place: Place, name: str, query: GridQuery, *, shared: bool) -> SavedView:
    """Keep a list under a name. One of one's own of this name is replaced.

    Raises:
        BadInput: without a name. NotPermitted: sharing takes an editor.

    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise BadInput(
            "Give the view a name of at most 100 characters.", fields={"name": "A name is needed."}
        )
    if shared:
        require_role(actor, place.integration.team, Role.EDITOR)
    row = SavedView.objects.filter(
        integration=place.integration, entity=place.entity.logical_name, owner=actor.user, name=name
    ).first() or SavedView(
        integration=place.integration, entity=place.entity.logical_name, owner=actor.user, name=name
    )
    row.shared, row.query = shared, query.content
    row.save()
    if shared:
        audit.record(actor, "shared the view", row, team=place.integration.team, message=str(place.title))
    return row


def remove_view(actor: Actor, place: Place, pk: UUID) -> SavedView:
    """Forget a view: one's own, or as an owner of the team one that is shared. Raises Missing, NotPermitted."""
    row = find_view(place, actor, pk)
    if row.owner != actor.user:
        if actor.user is None or role_in(actor.user, place.integration.team) != Role.OWNER:
            raise NotPermitted(f"“{row}” belongs to {row.owner}.", advice="Ask them to remove it.")
        audit.record(actor, "removed the shared view", row, team=place.integration.team)
    row.delete()
    return row


def find_view(place: Place, actor: Actor, pk: UUID) -> SavedView:
    """A view that this person may see. Raises Missing."""
    row = _visible(place, actor).filter(pk=pk).first()
    if row is None:
        raise Missing("There is no such view, or it is somebody else's own.")
    return row


def _visible(place: Place, actor: Actor) -> "QuerySet[SavedView]":
    here = SavedView.objects.filter(integration=place.integration, entity=place.entity.logical_name)
    return here.filter(Q(shared=True) | Q(owner=actor.user))
