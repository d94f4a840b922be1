"""To whom notices about the things of a team go."""

from accounts.models import Membership, Role, Team


def builders_of(team: Team) -> list[str]:
    """The mail addresses of the team's builders and owners who may sign in."""
    members = Membership.objects.filter(
        team=team, role__gte=Role.BUILDER, user__is_active=True
    ).select_related("user")
    return sorted({member.user.address for member in members if member.user.address})
