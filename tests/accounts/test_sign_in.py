"""Coming in with a Microsoft account, over the sandbox."""

from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from social_django.models import UserSocialAuth

from accounts.models import AllowedTenant, Authorization, Membership, Role, Team, User
from sandbox.directory.cast import ANA, CONTOSO, FABRIKAM
from tests.people import arrive, authorise, depart, sign_in, step, travel, visitor

pytestmark = pytest.mark.django_db


def test_signing_in_makes_a_person_who_owns_the_default_team(world):
    client = visitor(world)
    answer = sign_in(client, "ana")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    ana = User.objects.get()
    assert (ana.name, ana.email, ana.has_usable_password()) == ("Ana Alvarez", "", False)
    assert Membership.objects.get(user=ana).role == Role.OWNER
    authorization = Authorization.objects.get(user=ana)
    assert (str(authorization.tenant_id), str(authorization.object_id)) == (CONTOSO, ANA)
    assert authorization.scopes == []
    assert UserSocialAuth.objects.get().uid == f"{CONTOSO}.{ANA}"
    page = client.get("/authorizations/")
    assert "Signed in only" in page.content.decode()


def test_it_asks_for_identity_only_with_pkce_and_a_state(world):
    client = visitor(world)
    asked = parse_qs(urlsplit(client.post("/login/entra/")["Location"]).query)
    assert set(asked["scope"][0].split()) == {"openid", "profile", "offline_access"}
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["state"][0]) >= 32
    assert asked["prompt"] == ["select_account"]


def test_newcomers_look_and_come_back_as_themselves(world):
    sign_in(visitor(world), "ana")
    sign_in(visitor(world), "cleo")
    sign_in(visitor(world), "cleo")
    assert User.objects.count() == 2
    cleo = User.objects.get(name="Cleo Martin")
    assert Membership.objects.get(user=cleo).role == Role.VIEWER
    assert Authorization.objects.filter(user=cleo).count() == 1


def test_a_username_that_is_taken_gives_nobody_anothers_account(world):
    User.objects.create_superuser("ana@contoso.example")
    sign_in(visitor(world), "ana")
    ana = User.objects.get(name="Ana Alvarez")
    assert ana.username.startswith("ana@contoso.example-")
    assert not ana.is_superuser


def test_the_session_of_before_is_not_carried_in(world):
    client = visitor(world)
    client.get("/sign-in/")
    departure = client.post("/login/entra/")
    before = client.session.session_key
    travel(client, departure, "ana")
    assert client.session.session_key != before
    assert "next" not in client.session


@pytest.mark.parametrize(
    ("asked", "lands"),
    [
        ("/teams/", "/teams/"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_it_returns_only_to_our_own_pages(world, asked, lands):
    assert sign_in(visitor(world), "ana", next=asked)["Location"] == lands


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(world):
    client = visitor(world)
    page = step(client, depart(client, client.post("/login/entra/")), "ana")
    page = step(client, page, "ana")
    other = visitor(world)
    stolen = arrive(other, page)
    assert stolen.status_code == 403
    assert "not begun in this browser" in stolen.content.decode()
    assert not User.objects.exists()
    assert arrive(client, page).status_code == 302
    again = arrive(client, page)
    assert again.status_code == 403


def test_a_text_that_somebody_made_up_is_not_shown(world):
    client = visitor(world)
    query = {"error": "access_denied", "error_description": "Call +1 555 0100 to unlock", "state": "x" * 32}
    answer = client.get("/complete/entra/", query)
    assert answer.status_code == 403
    assert "555" not in answer.content.decode()


def test_declining_is_a_page_with_a_way_back(world):
    client = visitor(world)
    answer = travel(client, client.post("/login/entra/"), "ana", accept=False)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "permissions were not accepted" in page
    assert "/sign-in/" in page
    assert not User.objects.exists()


def test_microsoft_being_down_is_a_page_with_a_way_back(world):
    client = visitor(world)
    departure = client.post("/login/entra/")
    world.faults.add({"kind": "status", "service": "login", "path": "oauth2/v2.0/token", "status": 503})
    answer = travel(client, departure, "ana")
    assert answer.status_code == 503
    assert "/sign-in/" in answer.content.decode()
    assert not User.objects.exists()


def test_the_first_tenant_closes_the_door_behind_it(world):
    assert sign_in(visitor(world), "ana").status_code == 302
    assert [str(one.tenant_id) for one in AllowedTenant.objects.all()] == [CONTOSO]
    refused = sign_in(visitor(world), "dara")
    assert refused.status_code == 403
    assert FABRIKAM in refused.content.decode()
    assert User.objects.count() == 1


def test_listed_tenants_come_in(world, settings):
    settings.ENTRA_ALLOWED_TENANTS = [CONTOSO, FABRIKAM.upper()]
    assert sign_in(visitor(world), "dara").status_code == 302
    assert not AllowedTenant.objects.exists()


def test_a_list_without_the_first_tenant_keeps_it_out(world, settings):
    settings.ENTRA_ALLOWED_TENANTS = [FABRIKAM]
    assert sign_in(visitor(world), "ana").status_code == 403


def test_production_does_not_leave_the_first_tenant_to_chance(world, settings):
    settings.PRODUCTION = True
    assert sign_in(visitor(world), "ana").status_code == 403
    AllowedTenant.objects.create(cloud=settings.CLOUD.name, tenant_id=CONTOSO)
    assert sign_in(visitor(world), "ana").status_code == 302


def test_somebody_switched_off_stays_out(world):
    sign_in(visitor(world), "ana")
    User.objects.update(is_active=False)
    client = visitor(world)
    assert "switched off" in sign_in(client, "ana").content.decode()
    assert client.get("/teams/").status_code == 302


def test_a_microsoft_account_never_belongs_to_two_people(world):
    sign_in(visitor(world), "ben")
    ana = visitor(world)
    sign_in(ana, "ana")
    answer = authorise(ana, "ben", another="1")
    assert answer.status_code == 403
    assert "already belongs to somebody else" in answer.content.decode()
    assert Authorization.objects.get(account_name="ben@contoso.example").user.name == "Ben Okafor"
    assert UserSocialAuth.objects.count() == 2


def test_a_further_account_is_added_only_while_signed_in(world, settings):
    settings.ENTRA_ALLOWED_TENANTS = [CONTOSO, FABRIKAM]
    ana = visitor(world)
    sign_in(ana, "ana")
    assert authorise(ana, "dara", another="1", next="/authorizations/")["Location"] == "/authorizations/"
    user = User.objects.get()
    assert {one.account_name for one in user.authorizations.all()} == {
        "ana@contoso.example",
        "dara@fabrikam.example",
    }
    assert Team.objects.get(is_default=True).memberships.count() == 1


@pytest.fixture
def guest(world):
    """Dara as Contoso invited her: the same account, another object in another tenant."""
    upn = "dara_fabrikam.example#EXT#@contoso.example"
    database = world.directory.people_table._database
    row = dict(database.read().execute("SELECT * FROM person WHERE upn = 'dara@fabrikam.example'").fetchone())
    row |= {"oid": str(uuid4()), "tenant_id": CONTOSO, "upn": upn, "position": 99}
    with database.write() as writing:
        writing.execute(
            f"INSERT INTO person ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())
        )
    yield row
    with database.write() as writing:
        writing.execute("DELETE FROM person WHERE oid = ?", (row["oid"],))


def test_a_guest_is_another_person_than_at_home(world, settings, guest):
    """Same name and address, other tenant and object: nothing that one authorised is the other's."""
    settings.ENTRA_ALLOWED_TENANTS = [CONTOSO, FABRIKAM]
    assert sign_in(visitor(world), "dara").status_code == 302
    assert sign_in(visitor(world), guest["upn"]).status_code == 302
    at_home, invited = Authorization.objects.order_by("pk")
    assert (str(at_home.tenant_id), str(invited.tenant_id)) == (FABRIKAM, CONTOSO)
    assert at_home.user != invited.user
    assert str(invited.object_id) == guest["oid"]
    assert invited.user.memberships.get().role == Role.VIEWER


def test_a_guest_of_a_tenant_that_is_not_listed_comes_in_by_the_one_that_is(world, settings, guest):
    settings.ENTRA_ALLOWED_TENANTS = [CONTOSO]
    assert sign_in(visitor(world), "dara").status_code == 403
    assert sign_in(visitor(world), guest["upn"]).status_code == 302


def test_an_administrator_with_a_password_who_comes_first_owns_the_team(world):
    root = User.objects.create_superuser("root")
    client = visitor(world)
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    authorise(client, "ana")
    assert User.objects.count() == 1
    assert Membership.objects.get(user=root).role == Role.OWNER


def test_there_is_no_other_way_in(world):
    client = visitor(world)
    assert client.get("/login/entra/").status_code == 405
    assert client.post("/login/azuread-oauth2/").status_code == 404
    assert client.get("/complete/azuread-oauth2/").status_code == 404
    sign_in(client, "ana")
    assert client.post("/disconnect/entra/").status_code == 404
    assert client.post(f"/disconnect/entra/{UserSocialAuth.objects.get().pk}/").status_code == 404
    assert UserSocialAuth.objects.exists()


def test_signing_out_ends_the_session_and_offers_microsofts(world):
    client = visitor(world)
    sign_in(client, "ana")
    assert client.post("/sign-out/")["Location"] == "/signed-out/"
    page = client.get("/signed-out/").content.decode()
    assert f"{world.places.pages}/common/oauth2/v2.0/logout" in page
    assert client.get("/teams/").status_code == 302
