"""The workspace in front of the sandbox: the sample of the integrations' tests, and people who open its pages."""

import pytest

from accounts.models import Role, User
from integrations.operations import Service
from integrations.services import drafts, publishing
from tests.connections import cast
from tests.integrations.conftest import (  # noqa: F401
    connect_to,
    sample_integration,
    sample_owner,
    sample_rows,
    sample_team,
    world,
)
from tests.people import PEOPLE, visitor
from tests.sandbox_fixtures import sandbox  # noqa: F401  a World of this folder's own


@pytest.fixture
def person(world, sample_team):  # noqa: F811
    """`person("ben", Role.EDITOR)`: a browser in which this member of the sample's team is signed in."""

    def enter(name, role=None):
        user = User.objects.filter(username=PEOPLE[name]).first() or cast.member(name, sample_team, role)
        client = visitor(world)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter


@pytest.fixture
def ana(person):
    return person("ana")


@pytest.fixture
def editor(person):
    return person("ben", Role.EDITOR)


@pytest.fixture
def service(sample_integration, sample_owner):  # noqa: F811
    return Service.on(sample_integration, "development", sample_owner)


@pytest.fixture
def accounts(service):
    return service.entity("account")


@pytest.fixture
def contacts(service):
    return service.entity("contact")


@pytest.fixture
def at(sample_integration):  # noqa: F811
    """`at("account", id, "edit")`: an address of the workspace."""

    def address(*parts):
        return "/".join(["/records", str(sample_integration.pk), "development", *map(str, parts), ""])

    return address


@pytest.fixture
def republish(sample_integration, sample_owner):  # noqa: F811
    """`republish("account", operations=…, chosen=…)`: another version of the sample."""

    def publish(entity, operations, chosen):
        integration = type(sample_integration).objects.get(pk=sample_integration.pk)
        shaped = drafts.shape_entity(
            sample_owner,
            integration,
            integration.revision,
            entity,
            operations=operations,
            chosen=chosen,
            called={},
        )
        return publishing.publish(sample_owner, shaped, shaped.revision)

    return publish
