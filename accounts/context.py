"""What every page needs to know about the person in front of it. Nothing is asked before a template wants it."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.actors import person_of
from accounts.models import Authorization, Membership, Team, User


def person(request: HttpRequest) -> dict[str, Any]:
    """`my_teams`, `current_team` (None without one) and `authorizations_needing_me`, all lazy."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"my_teams": [], "current_team": None, "authorizations_needing_me": []}
    return {
        "my_teams": SimpleLazyObject(lambda: list(Team.objects.filter(memberships__user=user))),
        "current_team": SimpleLazyObject(lambda: current_team(request)),
        "authorizations_needing_me": SimpleLazyObject(
            lambda: list(Authorization.objects.needing_the_person().filter(user=user))
        ),
    }


def current_team(request: HttpRequest) -> Team | None:
    """The team chosen last in this session, else the one where the person may do most."""
    mine = Membership.objects.filter(user=person_of(request)).select_related("team")
    chosen = mine.filter(team_id=request.session["team"]).first() if "team" in request.session else None
    best = chosen or mine.order_by("-role", "joined_at").first()
    return best.team if best else None
