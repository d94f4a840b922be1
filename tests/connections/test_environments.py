"""Which environments a person sees, and which addresses are never spoken to."""

import pytest
from django.urls import reverse

from accounts import vault
from accounts.actors import Actor
from accounts.models import Authorization, Role
from accounts.reach import Reach
from connections.models import Environment
from connections.services import environments
from core.problems import BadInput
from tests.connections import cast

FOREIGN = [
    "https://evil.example",
    "https://contoso.crm4.dynamics.com.evil.example",
    "http://localhost:1",
    "https://169.254.169.254/latest/meta-data",
    "https://user:password@contoso.crm4.dynamics.com",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "",
]


@pytest.fixture
def cleo(world, ana, team):
    """An ordinary member of the tenant, who is a user of one environment."""
    user = cast.member("cleo", team, Role.BUILDER)
    cast.authorise(world, user, Reach.IDENTITY)
    return Actor.person(user)


def test_an_administrator_sees_both_with_facts(ana):
    (reachable,) = environments.discover(ana)
    names = {one.friendly_name: one for one in reachable.environments}
    assert set(names) == {"Contoso Sales", "Contoso Sales (Development)"}
    one = names["Contoso Sales"]
    assert one.is_administrator
    assert one.is_enabled
    assert one.region
    assert one.tenant_id == cast.TENANTS["ana"]


def test_a_member_sees_what_they_are_a_user_of(cleo):
    (reachable,) = environments.discover(cleo)
    assert [(one.friendly_name, one.is_administrator) for one in reachable.environments] == [
        ("Contoso Sales", False)
    ]


def test_one_authorization_that_fails_does_not_hide_the_other(world, ana):
    cast_dara = Authorization.objects.create(
        user=ana.user,
        cloud="sandbox",
        tenant_id=cast.TENANTS["dara"],
        object_id=cast.OIDS["dara"],
        account_name="dara",
    )
    found = {one.authorization.pk: one for one in environments.discover(ana)}
    assert found[cast_dara.pk].problem is not None
    assert found[cast_dara.pk].problem.remedy is not None
    assert any(one.environments for one in found.values())


def test_a_revoked_authorization_is_left_out(ana):
    vault.revoke(ana, Authorization.objects.get(user=ana.user))
    assert environments.discover(ana) == []


def test_a_typed_address_is_found_by_its_plain_origin(ana, dev):
    assert environments.find(ana, f"  {dev}/main.aspx?appid=1 ").url == dev


@pytest.mark.parametrize("url", FOREIGN)
def test_a_foreign_address_is_refused_and_nothing_is_sent(world, ana, url):
    before = len(world.journal.entries({}))
    with pytest.raises(BadInput) as refused:
        environments.find(ana, url)
    assert "url" in refused.value.fields
    assert len(world.journal.entries({})) == before


def test_an_environment_that_does_not_let_one_in(world, cleo):
    with pytest.raises(BadInput, match="does not let you in"):
        environments.find(cleo, world.places.environments["fabrikam"])


def test_rows_are_kept_once_and_follow_what_discovery_says(ana, dev):
    found = environments.find(ana, dev)
    first = environments.keep(found)
    from dataclasses import replace

    again = environments.keep(replace(found, friendly_name="Renamed", is_enabled=False))
    assert first.pk == again.pk
    assert Environment.objects.get().friendly_name == "Renamed"
    assert not Environment.objects.get().enabled


def test_the_page_offers_them_and_creates(client, world, ana, team, dev):
    client.force_login(ana.user)
    page = client.get(reverse("connections:new")).content.decode()
    assert "Contoso Sales (Development)" in page
    assert "You are an administrator" in page
    answer = client.post(reverse("connections:new"), {"environment": dev, "team": team.pk, "name": ""})
    assert answer.status_code == 302, answer.content.decode()
    detail = client.get(answer["Location"]).content.decode()
    assert "Contoso Sales (Development)" in detail
    assert "Provisioning" in detail
    assert "every 1s" in detail


def test_without_graph_the_page_keeps_what_was_chosen_and_leads_to_microsoft(client, world, ana, team, dev):
    Authorization.objects.all().delete()
    cast.authorise(world, ana.user, Reach.IDENTITY)
    client.force_login(ana.user)
    assert "reach=graph" in client.get(reverse("connections:new")).content.decode()
    answer = client.post(reverse("connections:new"), {"environment": dev, "team": team.pk, "name": "Mine"})
    text = answer.content.decode()
    assert answer.status_code == 403
    assert "Authorise with Microsoft" in text
    assert "name%3DMine" in text


def test_without_any_authorization_the_page_says_so(client, ana):
    Authorization.objects.all().delete()
    client.force_login(ana.user)
    text = client.get(reverse("connections:new")).content.decode()
    assert "Authorise with Microsoft first" in text


def test_a_foreign_address_is_an_error_beside_its_field(client, ana, team):
    client.force_login(ana.user)
    answer = client.post(reverse("connections:new"), {"url": "https://evil.example", "team": team.pk})
    assert answer.status_code == 422
    assert "evil.example" in answer.content.decode()


def test_discovery_down_is_said_and_the_page_stands(client, world, ana):
    client.force_login(ana.user)
    world.faults.add({"kind": "status", "service": "discovery", "status": 503})
    try:
        answer = client.get(reverse("connections:new"))
    finally:
        world.faults.remove()
    assert answer.status_code == 200
    assert "could not be read" in answer.content.decode()
