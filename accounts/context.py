"""What every page needs to know about the person in front of it. Nothing is asked before a template wants it."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.actors import person_of
from accounts.models import Authorization, Team, User


def person(request: HttpRequest) -> dict[str, Any]:
    """`my_teams`, `current_team` (None without one) and the ids of `authorizations_needing_me`, all lazy."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"my_teams": [], "current_team": None, "authorizations_needing_me": []}
    return {
        "my_teams": SimpleLazyObject(lambda: [each.team for each in user.standing()]),
        "current_team": SimpleLazyObject(lambda: current_team(request)),
        "authorizations_needing_me": SimpleLazyObject(
            lambda: list(
                Authorization.objects.needing_the_person().filter(user=user).values_list("pk", flat=True)
            )
        ),
    }


def current_team(request: HttpRequest) -> Team | None:
    """The team chosen last in this session, else the one where the person may do most."""
    mine = person_of(request).standing()
    chosen = next((each for each in mine if each.team_id == request.session.get("team")), None)
    best = chosen or min(mine, key=lambda each: (-each.role, each.joined_at), default=None)
    return best.team if best else None
