"""Teams and who is in them. Every change is in the audit trail."""

from django.db import IntegrityError, transaction

from accounts import audit
from accounts.actors import Actor
from accounts.models import Membership, Role, Team, User
from accounts.rules import require_management, visible_teams
from core.problems import BadInput, Clash, Missing


def find(actor: Actor, pk: int) -> Team:
    """A team this actor may look at.

    Raises:
        Missing: when there is none, or it is not theirs to see.

    """
    team = visible_teams(actor.user).filter(pk=pk).first()
    if team is None:
        raise Missing("There is no such team, or you are not in it.")
    return team


def create(actor: Actor, name: str) -> Team:
    """A new team, owned by whoever creates it.

    Raises:
        BadInput: when the name is empty or taken.

    """
    name = _checked(name)
    try:
        with transaction.atomic():
            team = Team.objects.create(name=name)
            if actor.user is not None:
                Membership.objects.create(team=team, user=actor.user, role=Role.OWNER)
            audit.record(actor, "created", team)
    except IntegrityError:
        raise _taken(name) from None
    return team


def rename(actor: Actor, team: Team, name: str) -> None:
    """Give the team another name; owners do. Raises as `create`."""
    require_management(actor, team)
    before, team.name = team.name, _checked(name)
    try:
        with transaction.atomic():
            team.save(update_fields=["name"])
            audit.record(
                actor, "renamed", team, fields=["name"], values={"before": before, "after": team.name}
            )
    except IntegrityError:
        raise _taken(team.name) from None


@transaction.atomic
def add(actor: Actor, team: Team, person: User, role: Role) -> Membership:
    """Take a person who has signed in before into the team.

    Raises:
        Clash: when they are in it already.

    """
    require_management(actor, team)
    if not person.is_active:
        raise BadInput(f"{person}'s account is switched off.", fields={"person": "Choose somebody else."})
    membership, made = Membership.objects.get_or_create(team=team, user=person, defaults={"role": role})
    if not made:
        raise Clash(f"{person} is in {team.name} already.", title="Already a member")
    _note(actor, "added a member to", membership, {"after": role.label})
    return membership


@transaction.atomic
def change_role(actor: Actor, membership: Membership, role: Role) -> None:
    """Give a member another role. The last owner keeps theirs.

    Raises:
        Clash: when the team would be left without an owner.

    """
    membership = _locked(actor, membership)
    before = Role(membership.role)
    if before == role:
        return
    if before == Role.OWNER:
        _keep_an_owner(membership)
    membership.role = role
    membership.save(update_fields=["role"])
    _note(actor, "changed a role in", membership, {"before": before.label, "after": role.label})


@transaction.atomic
def remove(actor: Actor, membership: Membership) -> None:
    """Take somebody out of the team; what they built there stays. Members may leave by themselves.

    Raises:
        Clash: when the team would be left without an owner.

    """
    membership = _locked(actor, membership, may_leave=True)
    if membership.role == Role.OWNER:
        _keep_an_owner(membership)
    _note(actor, "removed a member from", membership, {"before": membership.get_role_display()})
    membership.delete()


def _locked(actor: Actor, membership: Membership, *, may_leave: bool = False) -> Membership:
    """The membership as it is now, with the whole team locked: two owners must not remove each other."""
    team = Team.objects.select_for_update().get(pk=membership.team_id)
    own = actor.user is not None and membership.user_id == actor.user.pk
    if not (own and may_leave):
        require_management(actor, team)
    current = Membership.objects.filter(pk=membership.pk).select_related("team", "user").first()
    if current is None:
        raise Missing("This person is not in the team any more.")
    return current


def _keep_an_owner(membership: Membership) -> None:
    others = membership.team.memberships.filter(role=Role.OWNER, user__is_active=True).exclude(
        pk=membership.pk
    )
    if not others.exists():
        raise Clash(
            f"{membership.user} is the last owner of {membership.team.name}.",
            title="A team needs an owner",
            advice="Make somebody else an owner first.",
        )


def _note(actor: Actor, verb: str, membership: Membership, values: dict[str, str]) -> None:
    person = {"person": str(membership.user), "username": membership.user.username}
    audit.record(actor, verb, membership.team, fields=["role"], values={**person, **values})


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 100:
        raise BadInput(
            "A team needs a name of at most 100 characters.", fields={"name": "1 to 100 characters"}
        )
    return name


def _taken(name: str) -> BadInput:
    return BadInput(f"There is a team named {name} already.", fields={"name": "This name is taken."})
