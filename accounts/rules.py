"""Who may see and do what with the objects of a team. The only place where this is decided.

Every object that belongs to a team has a `team` attribute; a Team stands for itself. People who administer
the site see every team and may change its members, but they build and edit only where they are members.
"""

from typing import Any, TypeVar

from django.db import models
from rules import permissions, predicates

from accounts.actors import Actor
from accounts.models import Membership, Role, Team, User
from core.problems import Missing, NotPermitted

add_perm: Any = permissions.add_perm
predicate: Any = predicates.predicate
Row = TypeVar("Row", bound=models.Model)


def role_in(user: Any, team: Team) -> Role | None:
    """The person's own role in the team, or None for a stranger, whoever else they may be."""
    if not getattr(user, "is_active", False) or user.pk is None:
        return None
    if user.keeps_standing:
        return next((Role(each.role) for each in user.standing() if each.team_id == team.pk), None)
    own = Membership.objects.filter(team=team, user=user).order_by().values_list("role", flat=True)
    role = own.first()
    return None if role is None else Role(role)


def visible_teams(user: Any) -> models.QuerySet[Team]:
    """The teams whose objects this person may look at."""
    if not getattr(user, "is_active", False):
        return Team.objects.none()
    if user.is_superuser:
        return Team.objects.all()
    return Team.objects.filter(memberships__user=user)


def for_person(rows: models.QuerySet[Row], user: Any) -> models.QuerySet[Row]:
    """Those rows of a model with a `team` that this person may look at."""
    return rows.filter(team__in=visible_teams(user).values("pk"))


def teams_with(user: User, role: Role) -> models.QuerySet[Team]:
    """The teams in which this person has at least that role."""
    return Team.objects.filter(memberships__user=user, memberships__role__gte=role)


def require_role(actor: Actor, team: Team, role: Role) -> None:
    """Let only those pass who have at least that role in the team.

    Raises:
        Missing: to a stranger, who must not learn that the object exists.
        NotPermitted: to a member whose role is too small.

    """
    if actor.user is None:
        return
    own = role_in(actor.user, team)
    if own is not None and own >= role:
        return
    sees_it = own is not None or (actor.user.is_active and actor.user.is_superuser)
    if not sees_it:
        raise Missing("There is nothing here, or it belongs to a team you are not in.")
    if role > Role.VIEWER:
        raise NotPermitted(
            f"This takes the role {role.label.lower()} in {team.name}. {_standing(own)}",
            advice=f"Ask an owner of {team.name} for the role.",
            code="role",
        )


def require_management(actor: Actor, team: Team) -> None:
    """Let only owners of the team pass, and those who administer the site."""
    if actor.user is not None and actor.user.is_active and actor.user.is_superuser:
        return
    require_role(actor, team, Role.OWNER)


def _standing(own: Role | None) -> str:
    return (
        f"You are {own.label.lower()}." if own else "You administer the site, but have no role in this team."
    )


def _at_least(role: Role) -> Any:
    def holds(user: Any, row: Any = None) -> bool:
        if row is None:  # Django admin asks about the model as a whole before it asks about a row
            return bool(user.is_active) and teams_with(user, role).exists()
        own = role_in(user, row if isinstance(row, Team) else row.team)
        return own is not None and own >= role

    return predicate(holds, f"at least {role.label.lower()}")


def administers_the_site(user: Any) -> bool:
    return bool(user.is_active and user.is_superuser)


_PERMISSIONS = {
    Role.VIEWER: (
        "accounts.view_team",
        "jobs.view_jobrun",
        "connections.view_connection",
        "connections.view_environment",
        "integrations.view_integration",
        "entities.view_records",
    ),
    Role.EDITOR: ("entities.edit_records",),
    Role.BUILDER: (
        "connections.add_connection",
        "connections.change_connection",
        "connections.delete_connection",
        "integrations.add_integration",
        "integrations.change_integration",
        "integrations.delete_integration",
    ),
    Role.OWNER: ("accounts.manage_team",),
}
_ADMINISTRATORS_TOO = {"accounts.view_team", "accounts.manage_team"}

for _role, _names in _PERMISSIONS.items():
    for _name in _names:
        _rule = _at_least(_role)
        if _role is Role.VIEWER or _name in _ADMINISTRATORS_TOO:
            _rule |= predicate(administers_the_site)
        add_perm(_name, _rule)
