import pytest

from accounts import rules
from accounts.actors import Actor
from accounts.models import Role, Team
from core.problems import Missing, NotPermitted


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("olga", Role.OWNER),
        ("bert", Role.BUILDER),
        ("edna", Role.EDITOR),
        ("vera", Role.VIEWER),
        ("sam", None),
        ("root", None),
    ],
)
def test_a_role_is_ones_own(sales, name, role):
    assert rules.role_in(getattr(sales, name), sales.team) == role


@pytest.mark.parametrize("needed", list(Role))
def test_each_role_may_do_all_that_the_one_below_it_may(sales, needed):
    for name, role in {
        "olga": Role.OWNER,
        "bert": Role.BUILDER,
        "edna": Role.EDITOR,
        "vera": Role.VIEWER,
    }.items():
        if role >= needed:
            rules.require_role(sales.actor(name), sales.team, needed)
        else:
            with pytest.raises(NotPermitted, match=f"You are {role.label.lower()}"):
                rules.require_role(sales.actor(name), sales.team, needed)


def test_a_stranger_does_not_learn_that_the_team_exists(sales):
    with pytest.raises(Missing):
        rules.require_role(sales.actor("sam"), sales.team, Role.VIEWER)
    assert not rules.visible_teams(sales.sam).exists()


def test_an_administrator_of_the_site_sees_and_manages_but_does_not_build(sales):
    root = sales.actor("root")
    rules.require_role(root, sales.team, Role.VIEWER)
    rules.require_management(root, sales.team)
    with pytest.raises(NotPermitted, match="have no role in this team"):
        rules.require_role(root, sales.team, Role.BUILDER)
    assert sales.root.has_perm("accounts.manage_team", sales.team)
    assert not sales.root.has_perm("connections.change_connection", sales.team)
    assert sales.bert.has_perm("connections.change_connection", sales.team)


def test_somebody_switched_off_may_do_nothing(sales):
    for name in ("olga", "root"):
        person = getattr(sales, name)
        person.is_active = False
        person.save()
        assert not rules.visible_teams(person).exists()
        assert not person.has_perm("accounts.view_team", sales.team)
        with pytest.raises(Missing):
            rules.require_role(Actor.person(person), sales.team, Role.VIEWER)
        with pytest.raises(Missing):
            rules.require_management(Actor.person(person), sales.team)


def test_rows_are_those_of_ones_teams(sales):
    other = Team.objects.create(name="Other")
    memberships = other.memberships.model.objects.all()
    other.memberships.create(user=sales.sam, role=Role.OWNER)
    assert set(rules.for_person(memberships, sales.sam)) == set(other.memberships.all())
    assert rules.for_person(memberships, sales.root).count() == 5
