"""Django's admin: the same services, nothing secret, nothing that only a service may change."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from accounts import audit
from accounts.models import AllowedTenant, AuditEvent, Authorization, Membership, Role, Team, User
from sandbox.directory.cast import CONTOSO
from tests.people import authorise, sign_in, visitor


@pytest.fixture
def root(sales):
    return sales.client("root")


@pytest.fixture
def authorization(sales):
    return Authorization.objects.create(
        user=sales.vera, cloud="x", tenant_id=CONTOSO, object_id=CONTOSO, account_name="vera@contoso.example"
    )


@pytest.mark.parametrize("model", ["authorization", "auditevent"])
def test_what_only_services_change_cannot_be_changed(sales, root, authorization, model):
    audit.record(sales.actor("olga"), "did", sales.team)
    row = {"authorization": authorization, "auditevent": AuditEvent.objects.first()}[model]
    base = f"/admin/accounts/{model}/"
    assert root.get(base).status_code == 200
    page = root.get(f"{base}{row.pk}/change/")
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert "token_cache" not in page.content.decode()
    assert root.post(f"{base}{row.pk}/change/", {"state": "live"}).status_code == 403
    assert root.get(f"{base}add/").status_code == 403
    assert root.post(f"{base}{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_memberships_go_through_the_service(sales, root):
    olga = Membership.objects.get(user=sales.olga)
    refused = root.post(f"/admin/accounts/membership/{olga.pk}/change/", {"role": Role.VIEWER})
    assert refused.status_code == 409
    assert "last owner" in refused.content.decode()
    assert root.post(f"/admin/accounts/membership/{olga.pk}/delete/", {"post": "yes"}).status_code == 409
    bulk = {"action": "delete_selected", "_selected_action": [olga.pk], "post": "yes"}
    assert root.post("/admin/accounts/membership/", bulk).status_code == 409
    assert Membership.objects.get(user=sales.olga).role == Role.OWNER
    added = {"team": sales.team.pk, "user": sales.sam.pk, "role": Role.EDITOR}
    assert root.post("/admin/accounts/membership/add/", added).status_code == 302
    assert Membership.objects.get(user=sales.sam).role == Role.EDITOR
    assert AuditEvent.objects.filter(verb="added a member to", actor=sales.root).exists()


def test_teams_go_through_the_service(sales, root):
    assert root.post("/admin/accounts/team/add/", _team("Service")).status_code == 302
    made = Team.objects.get(name="Service")
    assert root.post(f"/admin/accounts/team/{made.pk}/change/", _team("Support", made)).status_code == 302
    assert root.post(f"/admin/accounts/team/{made.pk}/delete/", {"post": "yes"}).status_code == 302
    verbs = list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["created", "renamed", "deleted"]
    assert audit.verify_chain() == []


def test_the_default_team_stays(sales, root):
    Team.objects.update(is_default=True)
    assert root.post(f"/admin/accounts/team/{sales.team.pk}/delete/", {"post": "yes"}).status_code == 403


def test_tenants_are_admitted_there(sales, root):
    form = {"cloud": "public", "tenant_id": CONTOSO, "note": ""}
    assert root.post("/admin/accounts/allowedtenant/add/", form).status_code == 302
    assert AllowedTenant.objects.get().added_by == sales.root
    assert AuditEvent.objects.get().verb == "admitted the tenant"


def test_people_are_edited_and_it_is_written_down(sales, root):
    page = root.get(f"/admin/accounts/user/{sales.vera.pk}/change/").content.decode()
    form = dict(re.findall(r'name="(time_zone|name|username)" value="([^"]*)"', page))
    form |= {"is_active": ""}
    assert root.post(f"/admin/accounts/user/{sales.vera.pk}/change/", form).status_code == 302
    sales.vera.refresh_from_db()
    assert not sales.vera.is_active
    assert AuditEvent.objects.get(verb="changed").fields == ["is_active"]


def test_social_auths_plumbing_is_out_of_sight(root):
    assert root.get("/admin/social_django/nonce/").status_code == 404
    assert root.get("/admin/social_django/usersocialauth/").status_code == 200
    assert root.get("/admin/social_django/usersocialauth/add/").status_code == 403


@pytest.mark.django_db
def test_an_administrator_revokes_for_somebody_who_left(world):
    client = visitor(world)
    sign_in(client, "ana")
    authorise(client, "ana", tenant=CONTOSO)
    root = Client()
    root.force_login(
        User.objects.create_superuser("root"), backend="django.contrib.auth.backends.ModelBackend"
    )
    chosen = {"action": "revoke", "_selected_action": [Authorization.objects.get().pk]}
    assert root.post("/admin/accounts/authorization/", chosen).status_code == 302
    ana = Authorization.objects.get()
    assert (ana.state, ana.token_cache) == (Authorization.State.REVOKED, "")
    assert AuditEvent.objects.get(verb="revoked").actor_label == "root"


def test_the_first_administrator_is_made_once(db):
    out = StringIO()
    call_command("create_admin", stdout=out)
    password = re.search(r"password: (\S+)", out.getvalue())[1]
    client = Client()
    assert client.post("/admin/login/", {"username": "admin", "password": password}).status_code == 302
    again = StringIO()
    call_command("create_admin", stdout=again)
    assert "password" not in again.getvalue()
    assert User.objects.count() == 1


@pytest.mark.parametrize("door", ["/sign-in/", "/admin/login/"])
def test_guessing_passwords_is_throttled(sales, settings, door):
    settings.AXES_FAILURE_LIMIT = 3
    sales.root.set_password("the right password 1")
    sales.root.save()
    client = Client()
    for _ in range(3):
        last = client.post(door, {"username": "root", "password": "wrong"})
    assert last.status_code == 429
    right = client.post(door, {"username": "root", "password": "the right password 1"})
    assert right.status_code == 429
    assert client.get("/teams/").status_code == 302


def _team(name, team=None):
    rows = team.memberships.all() if team else []
    prefix = "memberships-"
    form = {"name": name, f"{prefix}TOTAL_FORMS": len(rows), f"{prefix}INITIAL_FORMS": len(rows)}
    for number, row in enumerate(rows):
        form |= {f"{prefix}{number}-id": row.pk, f"{prefix}{number}-team": team.pk}
    return form
