"""The team that everybody starts in."""

from django.db import transaction

from accounts import audit
from accounts.actors import Actor
from accounts.models import Membership, Role, Team, User

NAME = "Default"


def locked_default_team() -> Team:
    """The default team, made if need be, its row locked until the transaction ends."""
    team, _ = Team.objects.get_or_create(name=NAME)
    return Team.objects.select_for_update().get(pk=team.pk)


@transaction.atomic
def welcome(user: User, *, newcomer: bool) -> None:
    """The first person to authorise owns the default team; whoever comes later starts as a viewer.

    Somebody who was here before and was taken out of the team is not brought back by signing in again.
    """
    team = locked_default_team()
    owned = team.memberships.filter(role=Role.OWNER, user__is_active=True).exists()
    if owned and not newcomer:
        return
    role = Role.VIEWER if owned else Role.OWNER
    membership, made = Membership.objects.get_or_create(team=team, user=user, defaults={"role": role})
    if not made and (owned or membership.role == Role.OWNER):
        return
    membership.role = role
    membership.save()
    audit.record(
        Actor.person(user),
        "joined",
        team,
        fields=["role"],
        values={"person": str(user), "role": role.label},
        message="The first person to sign in owns the team." if not owned else "",
    )
