"""Which version a key speaks, and what it hears when that version ends."""

import pytest

import integrations
from core import clock
from core.problems import BadInput, NotPermitted
from integrations.definition import ActsAs, Operation
from integrations.models import ServiceKey, Version
from integrations.published import definition_of
from tests.integrations.caller import Caller, key_for, problem


@pytest.fixture
def service(sample_integration):
    return sample_integration.service_name


def publish(integration, change):
    """The next version as a row: what its job does beside that has tests of its own."""
    latest = integration.versions.first()
    version = Version(integration=integration, number=latest.number + 1, published_at=clock.now())
    version.definition = change(definition_of(latest.pk))
    version.save()
    return version


def fewer(definition):
    account = definition.entities[0]
    return definition.with_entity(
        account.model_copy(update={"operations": account.operations - {Operation.DELETE}})
    )


def renamed(definition):
    account = definition.entities[0]
    return definition.with_entity(account.model_copy(update={"label": "Customer"}))


def version_heard(caller, path="account?top=1"):
    answer = caller.get(path)
    assert answer.status_code == 200, answer.content
    return answer.headers["Isthmus-Version"]


def test_a_key_follows_what_breaks_nothing(service, sample_integration, sample_owner):
    following = Caller(service, key_for(sample_owner, sample_integration))
    pinned = Caller(service, key_for(sample_owner, sample_integration, name="Pinned", version=1))
    publish(sample_integration, renamed)
    assert (version_heard(following), version_heard(pinned)) == ("2", "1")
    breaking = publish(sample_integration, fewer)
    assert (version_heard(following), version_heard(pinned)) == ("2", "1")
    third = Caller(service, following.key, version=3)
    assert version_heard(third) == "3"
    problem(third.call("DELETE", "account/00000000-0000-4000-8000-00000000dead"), 403, "not_offered")
    problem(Caller(service, pinned.key, version=2).get("account"), 403, "key_pinned")
    problem(Caller(service, following.key, version=9).get("account"), 404)
    assert version_heard(Caller(service, pinned.key, version=1)) == "1"
    # What was taken away comes back: compatible again.
    publish(
        sample_integration, lambda _definition: definition_of(sample_integration.versions.get(number=2).pk)
    )
    assert version_heard(following) == "4"
    assert breaking.number == 3


def test_deprecated_versions_say_so_and_withdrawn_ones_are_gone(service, sample_integration, sample_owner):
    pinned = Caller(service, key_for(sample_owner, sample_integration, version=1))
    following = Caller(service, key_for(sample_owner, sample_integration, name="Following"))
    publish(sample_integration, fewer)
    first = Version.objects.filter(number=1)
    first.update(state=Version.State.DEPRECATED)
    assert pinned.get("account?top=1").headers["Deprecation"] == "true"
    assert "Deprecation" not in Caller(service, following.key, version=2).get("account?top=1").headers
    first.update(state=Version.State.WITHDRAWN, state_note="Version 2 has all of it.")
    for caller in (pinned, following, Caller(service, following.key, version=1)):
        assert "Version 2 has all of it" in problem(caller.get("account"), 410, "withdrawn")["detail"]
    assert version_heard(Caller(service, following.key, version=2)) == "2"


def test_who_acts_as_a_person_has_no_keys(service, sample_integration, sample_owner):
    caller = Caller(service, key_for(sample_owner, sample_integration))
    publish(sample_integration, lambda definition: definition.model_copy(update={"acts_as": ActsAs.PERSON}))
    assert version_heard(caller) == "1"  # who acts is a breaking change, so the key stays
    ServiceKey.objects.update(version=2)
    assert "nobody is signed in" in problem(caller.get("account"), 403)["detail"]
    with pytest.raises(BadInput, match="signed-in person"):
        key_for(sample_owner, sample_integration, name="Another")


def test_code_of_this_installation_has_the_same_operations(service, sample_integration):
    accounts = integrations.service(service).entity("account")
    page = accounts.search(
        order_by=[("name", "asc")], top=5, skip=5, advanced="revenue ne null", select=["name"]
    )
    assert len(page.records) == 5
    again = accounts.search(order_by=[("name", "asc")], top=10, advanced="revenue ne null", select=["name"])
    assert [each.id for each in page.records] == [each.id for each in again.records][5:]
    with pytest.raises(BadInput):
        accounts.upsert({"name": "x"}, {})
    with pytest.raises(BadInput):
        accounts.get(page.records[0].id, expand=["nonesuch"])
    with pytest.raises(NotPermitted):
        integrations.operations.Service.on(sample_integration, scope={"account": ["get"]}).entity(
            "account"
        ).search()
