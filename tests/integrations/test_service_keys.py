"""Keys of services: each way in which one does not fit has its own clear answer, and nothing leaks."""

from datetime import timedelta

import pytest

from accounts.actors import Actor
from accounts.models import AuditEvent, Role, Team
from connections.models import Connection
from core import clock
from core.problems import BadInput, Clash, Missing, NotPermitted
from integrations.definition import Operation
from integrations.metering import shared
from integrations.models import ServiceKey
from integrations.services import keys
from integrations.services.stages import stage_of
from tests.connections import cast
from tests.connections import factories as make
from tests.integrations.caller import Caller, key_for, problem


@pytest.fixture
def service(sample_integration):
    return sample_integration.service_name


def test_only_the_digest_is_kept(sample_integration, sample_owner):
    text = key_for(sample_owner, sample_integration)
    row = ServiceKey.objects.get()
    assert text.startswith("isk_")
    assert text not in str(vars(row))
    assert text.startswith(row.hint)
    event = AuditEvent.objects.latest("id")
    assert (event.verb, event.subject_id) == ("created a key of", str(sample_integration.pk))
    assert text not in event.message


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("", "key_missing"),
        ("Basic aXNrXzpw", "key_malformed"),
        ("Bearer", "key_malformed"),
        ("Bearer isk_short", "key_malformed"),
        ("Bearer isk_" + "ä" * 43, "key_malformed"),
        ("Bearer isk_" + "x" * 43, "key_unknown"),
        ("Bearer isk_" + "x" * 43 + "\u00a0", "key_unknown"),
    ],
)
def test_who_has_no_key_stays_outside(service, authorization, code):
    caller = Caller(service)
    answer = caller.get("account", Authorization=authorization) if authorization else caller.get("account")
    problem(answer, 401, code)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    elsewhere = Caller("no_such_service").get("account", Authorization=authorization or " ")
    problem(elsewhere, 401, code)


def test_revoked_and_expired_keys_say_so(service, sample_integration, sample_owner):
    caller = Caller(service, key_for(sample_owner, sample_integration))
    assert caller.get("account?top=1").status_code == 200
    row = ServiceKey.objects.get()
    keys.revoke_key(sample_owner, row)
    problem(caller.get("account?top=1"), 401, "key_revoked")
    keys.revoke_key(sample_owner, row)
    assert AuditEvent.objects.filter(verb="revoked a key of").count() == 1

    soon = clock.now() + timedelta(hours=1)
    caller = Caller(service, key_for(sample_owner, sample_integration, expires_at=soon))
    assert caller.get("account?top=1").status_code == 200
    ServiceKey.objects.filter(revoked_at=None).update(expires_at=clock.now())
    problem(caller.get("account?top=1"), 401, "key_expired")


def test_only_ended_keys_leave_the_list(sample_integration, sample_owner):
    key_for(sample_owner, sample_integration)
    row = ServiceKey.objects.get()
    with pytest.raises(Clash):
        keys.remove_key(sample_owner, row)
    keys.revoke_key(sample_owner, row)
    row.refresh_from_db()
    keys.remove_key(sample_owner, row)
    assert not ServiceKey.objects.exists()
    assert AuditEvent.objects.latest("id").verb == "removed a key of"


def test_a_key_opens_what_it_was_made_for(service, sample_integration, sample_owner):
    scope = {"account": [Operation.GET, Operation.SEARCH]}
    caller = Caller(service, key_for(sample_owner, sample_integration, scope=scope))
    account = caller.get("account?top=1").json()["records"][0]["id"]
    assert caller.get(f"account/{account}").status_code == 200
    problem(caller.post("account", {"name": "x"}), 403, "key_scope")
    problem(caller.call("DELETE", f"account/{account}"), 403, "key_scope")
    problem(caller.post("account/count", {}), 403, "key_scope")
    problem(caller.get("contact"), 403, "key_scope")
    for path in ("contact", "account"):
        problem(Caller("another_is", caller.key).get(path), 403, "key_elsewhere")


def test_a_key_of_another_team_learns_nothing(service, sample_integration, sample_owner):
    """Whether a service of a name exists, cannot be told from the answers."""
    caller = Caller(service, key_for(sample_owner, sample_integration))
    sample_integration.pk = None
    sample_integration.team = Team.objects.create(name="Others")
    sample_integration.service_name, sample_integration.name = "others_is", "Others"
    sample_integration.save()
    there = problem(Caller("others_is", caller.key).get("account"), 403, "key_elsewhere")
    nowhere = problem(Caller("nobody_is", caller.key).get("account"), 403, "key_elsewhere")
    for body in (there, nowhere):
        del body["ids"], body["request_id"]
        body["detail"] = body["detail"].replace("others_is", "…").replace("nobody_is", "…")
    assert there == nowhere


def test_a_stage_without_a_connection_is_said(service, sample_integration, sample_owner):
    caller = Caller(service, key_for(sample_owner, sample_integration, stage="production"))
    assert "not bound" in problem(caller.get("account"), 404)["detail"]


def test_what_changes_counts_at_the_next_call(
    service, sample_integration, sample_owner, django_assert_max_num_queries
):
    """Nothing of a call is remembered for the next one but what can never change."""
    caller = Caller(service, key_for(sample_owner, sample_integration))
    assert caller.get("account?top=1").status_code == 200
    with django_assert_max_num_queries(4):
        assert caller.get("account?top=1").status_code == 200

    bound, connections = sample_integration.bindings.get(), Connection.objects
    for state, status in (("disabled", 503), ("ready", 200)):
        connections.filter(pk=bound.connection_id).update(state=state)
        assert caller.get("account?top=1").status_code == status

    other = make.connection(sample_integration.team, "Other", environment=sample_integration.environment)
    for connection, status in ((other, 503), (bound.connection, 200)):
        sample_integration.bindings.update(connection=connection)
        assert caller.get("account?top=1").status_code == status

    sample_integration.bindings.all().delete()
    problem(caller.get("account?top=1"), 404)


def test_the_minute_has_its_calls(service, sample_integration, sample_owner, broker):
    caller = Caller(service, key_for(sample_owner, sample_integration, calls_per_minute=2))
    shared.see_again()
    answers = [caller.get("account?top=1") for _ in range(4)]
    refused = [each for each in answers if each.status_code != 200]
    assert 1 <= len(refused) <= 2
    problem(refused[-1], 429, "rate_limit")
    assert 1 <= int(refused[-1].headers["Retry-After"]) <= 60


def test_what_makes_no_sense_is_not_made(sample_integration, sample_owner):
    def refused(field, **options):
        with pytest.raises(BadInput) as caught:
            key_for(sample_owner, sample_integration, **options)
        assert field in caught.value.fields

    key_for(sample_owner, sample_integration)
    refused("name")
    refused("name", name=" ")
    refused("expires_at", name="a", expires_at=clock.now())
    refused("calls_per_minute", name="a", calls_per_minute=0)
    refused("scope", name="a", scope={})
    refused("scope", name="a", scope={"lead": [Operation.GET]})
    with pytest.raises(Missing):
        key_for(sample_owner, sample_integration, name="a", version=7)
    assert ServiceKey.objects.count() == 1


def test_keys_are_for_builders_with_their_own_authorization(world, sample_integration, sample_owner):
    team = sample_integration.team
    stage = stage_of(team, "development")
    row, _text = keys.create_key(sample_owner, sample_integration, stage, "Webshop")
    ben = Actor.person(cast.member("ben", team, Role.EDITOR))
    cleo = Actor.person(cast.member("cleo", team, Role.BUILDER))
    stranger = Actor.person(cast.member("dara", Team.objects.create(name="Others"), Role.OWNER))
    for actor, kind in ((ben, NotPermitted), (cleo, NotPermitted), (stranger, Missing)):
        with pytest.raises(kind):
            keys.create_key(actor, sample_integration, stage, "Other")
        with pytest.raises(kind):
            keys.revoke_key(actor, row)
    row.refresh_from_db()
    assert row.revoked_at is None
