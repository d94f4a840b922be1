"""Binding to an environment other than the one an integration was built for."""

import uuid

import pytest

from accounts.actors import Actor
from accounts.models import Role, Team
from connections.models import Connection
from connections.services import creation, environments
from core.problems import BadInput, Clash
from integrations.definition import Definition
from integrations.models import Integration
from integrations.services import binding
from integrations.services.stages import stage_of
from jobs.testing import run_due
from tests.connections import factories as make
from tests.integrations.samples import entity

ELSEWHERE = uuid.UUID("bbbbbbbb-0000-4000-8000-000000000002")


@pytest.fixture
def built(db):
    """An integration for one tenant, and its builder, who is authorised in another one as well."""
    team = Team.objects.create(name="Sales")
    ana = make.person("ana", team, Role.BUILDER)
    make.authorization(ana)
    make.authorization(ana, tenant=ELSEWHERE)
    shop = Integration(name="Shop", service_name="shop_is", team=team, environment=make.environment())
    shop.draft = Definition(entities=(entity("name"),))
    shop.save()
    return Actor.person(ana), shop


def test_another_tenant_takes_a_second_word(built):
    ana, shop = built
    there = make.environment(
        tenant_id=ELSEWHERE, url="https://other.crm4.dynamics.com", friendly_name="Other"
    )
    connection = make.connection(shop.team, "Other", environment=there)

    assert "another tenant" in binding.candidates(shop)[0].warning
    with pytest.raises(BadInput) as caught:
        binding.bind(ana, shop, stage_of(shop.team, "test"), connection)
    assert caught.value.code == "meant"
    assert not shop.bindings.exists()


@pytest.mark.parametrize("state", ["draft", "disabled", "removed"])
def test_a_connection_that_does_not_work_is_not_offered(built, state):
    ana, shop = built
    connection = make.connection(shop.team, environment=shop.environment, state=state)
    assert binding.candidates(shop) == []
    with pytest.raises(Clash):
        binding.bind(ana, shop, stage_of(shop.team, "test"), connection)


def test_another_environment_of_the_same_tenant_must_have_the_entities(
    sample_owner, sample_team, sample_integration, world
):
    found = environments.find(sample_owner, world.places.environments["contoso"])
    creation.create(sample_owner, sample_team, found, "Sales (live)")
    run_due(early=True)
    live = Connection.objects.get(name="Sales (live)")
    warned = {each.connection.name: each.warning for each in binding.candidates(sample_integration)}
    assert warned["Sales (Development)"] == ""
    assert "another environment" in warned["Sales (live)"]

    stage = stage_of(sample_team, "production")
    binding.bind(sample_owner, sample_integration, stage, live)
    assert {each.stage.slug for each in sample_integration.bindings.all()} == {"development", "production"}

    sample_integration.draft = Definition(
        entities=(entity("name"), entity("name", logical_name="new_thing", name="thing", label="Thing"))
    )
    sample_integration.versions.all().delete()
    with pytest.raises(BadInput, match="lacks the entity Thing"):
        binding.bind(sample_owner, sample_integration, stage, live)
    assert binding.bind(sample_owner, sample_integration, stage, live, accept_warning=True).connection == live
