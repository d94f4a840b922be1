"""The team that everybody starts in."""

from django.db import transaction

from accounts import audit
from accounts.actors import Actor
from accounts.models import Membership, Role, Team, User
from core import clock

NAME = "Default"


def locked_default_team() -> Team:
    """The default team, made if need be, its row locked until the transaction ends."""
    taken = Team.objects.filter(name=NAME, is_default=False).exists()
    name = f"{NAME} for newcomers" if taken else NAME
    team, _ = Team.objects.get_or_create(is_default=True, defaults={"name": name})
    return Team.objects.select_for_update().get(pk=team.pk)


@transaction.atomic
def welcome(user: User, *, newcomer: bool) -> None:
    """The very first person to come owns the default team; whoever comes later starts as a viewer.

    It is claimed once and for all: should its owners leave, nobody inherits it by chance, and a site administrator
    names the next one. Somebody who was taken out of the team is not brought back by signing in again.
    """
    team = locked_default_team()
    first = team.claimed_at is None
    if not first and not newcomer:
        return
    role = Role.OWNER if first else Role.VIEWER
    Membership.objects.update_or_create(team=team, user=user, defaults={"role": role})
    if first:
        team.claimed_at = clock.now()
        team.save(update_fields=["claimed_at"])
    audit.record(
        Actor.person(user),
        "joined",
        team,
        fields=["role"],
        values={"person": str(user), "role": role.label},
        message="The first person to sign in owns the team." if first else "",
    )
