import pytest

from accounts.models import AuditEvent, Membership, Role, Team, User
from accounts.services import default_team, teams
from core.problems import BadInput, Clash, Missing, NotPermitted


def membership(sales, name):
    return Membership.objects.get(team=sales.team, user=getattr(sales, name))


def test_an_owner_takes_people_in_changes_roles_and_removes_them(sales):
    olga = sales.actor("olga")
    added = teams.add(olga, sales.team, sales.sam, Role.VIEWER)
    teams.change_role(olga, added, Role.BUILDER)
    assert membership(sales, "sam").role == Role.BUILDER
    teams.remove(olga, added)
    assert not Membership.objects.filter(team=sales.team, user=sales.sam).exists()
    verbs = list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["added a member to", "changed a role in", "removed a member from"]


@pytest.mark.parametrize("name", ["bert", "edna", "vera"])
def test_nobody_else_does(sales, name):
    with pytest.raises(NotPermitted):
        teams.add(sales.actor(name), sales.team, sales.sam, Role.OWNER)
    with pytest.raises(NotPermitted):
        teams.change_role(sales.actor(name), membership(sales, name), Role.OWNER)
    with pytest.raises(NotPermitted):
        teams.remove(sales.actor(name), membership(sales, "olga"))
    with pytest.raises(NotPermitted):
        teams.rename(sales.actor(name), sales.team, "Mine")


def test_a_stranger_finds_nothing(sales):
    with pytest.raises(Missing):
        teams.find(sales.actor("sam"), sales.team.pk)


def test_a_member_may_leave(sales):
    teams.remove(sales.actor("vera"), membership(sales, "vera"))
    assert not Membership.objects.filter(user=sales.vera).exists()


def test_the_last_owner_stays(sales):
    with pytest.raises(Clash, match="last owner"):
        teams.change_role(sales.actor("olga"), membership(sales, "olga"), Role.VIEWER)
    with pytest.raises(Clash, match="last owner"):
        teams.remove(sales.actor("root"), membership(sales, "olga"))
    teams.change_role(sales.actor("olga"), membership(sales, "bert"), Role.OWNER)
    teams.remove(sales.actor("olga"), membership(sales, "olga"))
    assert membership(sales, "bert").role == Role.OWNER


def test_an_owner_who_is_switched_off_does_not_count_as_one(sales):
    teams.change_role(sales.actor("olga"), membership(sales, "bert"), Role.OWNER)
    User.objects.filter(pk=sales.bert.pk).update(is_active=False)
    with pytest.raises(Clash):
        teams.remove(sales.actor("olga"), membership(sales, "olga"))


def test_a_name_is_taken_once(sales):
    with pytest.raises(BadInput) as caught:
        teams.create(sales.actor("sam"), "  Sales ")
    assert "name" in caught.value.fields
    with pytest.raises(BadInput):
        teams.create(sales.actor("sam"), "   ")


def test_the_first_to_come_owns_the_default_team_and_the_others_look(db):
    people = [User.objects.create_user(name) for name in ("first", "second", "third")]
    for person in people:
        default_team.welcome(person, newcomer=True)
    team = Team.objects.get(is_default=True)
    assert [one.role for one in team.memberships.order_by("id")] == [Role.OWNER, Role.VIEWER, Role.VIEWER]


def test_whoever_was_taken_out_is_not_brought_back_by_signing_in(db):
    first, second = (User.objects.create_user(name) for name in ("first", "second"))
    default_team.welcome(first, newcomer=True)
    default_team.welcome(second, newcomer=True)
    Membership.objects.filter(user=second).delete()
    default_team.welcome(second, newcomer=False)
    assert not Membership.objects.filter(user=second).exists()


def test_an_orphaned_default_team_falls_to_nobody_by_chance(db):
    first, second = (User.objects.create_user(name) for name in ("first", "second"))
    default_team.welcome(first, newcomer=True)
    Team.objects.filter(is_default=True).update(name="Renamed")
    first.delete()
    default_team.welcome(second, newcomer=True)
    assert [one.role for one in Membership.objects.filter(user=second)] == [Role.VIEWER]


def test_pages_of_a_team(sales):
    there = f"/teams/{sales.team.pk}/"
    page = sales.client("olga").get(there).content.decode()
    assert "Add a member" in page
    assert "last owner" not in page
    assert "Add a member" not in sales.client("vera").get(there).content.decode()
    assert sales.client("sam").get(there).status_code == 404
    assert "You administer the site" in sales.client("root").get(there).content.decode()


def test_forms_of_a_team(sales):
    olga, there = sales.client("olga"), f"/teams/{sales.team.pk}/"
    assert olga.post(there + "members/add/", {"person": sales.sam.pk, "role": 20}).status_code == 302
    assert membership(sales, "sam").role == Role.EDITOR
    assert olga.post(there + "members/add/", {"person": 9999, "role": 20}).status_code == 422
    own = membership(sales, "olga").pk
    refused = olga.post(f"{there}members/{own}/role/", {"role": 10})
    assert refused.status_code == 409
    assert "last owner" in refused.content.decode()
    assert olga.post(f"{there}members/{own}/role/", {"role": 99}).status_code == 400
    other = Team.objects.create(name="Other")
    theirs = Membership.objects.create(team=other, user=sales.sam, role=Role.OWNER).pk
    assert olga.post(f"{there}members/{theirs}/remove/").status_code == 404
    assert sales.client("vera").post(there + "rename/", {"name": "Mine"}).status_code == 403
    assert olga.post(there + "rename/", {"name": "Other"}).status_code == 422


def test_the_team_in_hand_is_chosen_and_returns_only_to_our_pages(sales):
    olga = sales.client("olga")
    answer = olga.post(f"/teams/{sales.team.pk}/choose/", {"next": "https://evil.example/"})
    assert answer["Location"] == "/"
    answer = olga.post(f"/teams/{sales.team.pk}/choose/", {"next": "/teams/"})
    assert answer["Location"] == "/teams/"
    assert sales.client("sam").post(f"/teams/{sales.team.pk}/choose/").status_code == 404
