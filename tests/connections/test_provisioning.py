"""From a click to a working connection, against the real sandbox."""

import random
import time

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.urls import reverse

from accounts import vault
from accounts.actors import Actor
from accounts.models import AuditEvent, Authorization, Role
from accounts.reach import Reach
from connections.clients import dataverse_as
from connections.models import Certificate, Connection, Step
from connections.provisioning.plan import PROVISION
from connections.services import creation, environments, provisioning
from core import clock
from core.problems import NotPermitted
from jobs import services as jobs
from jobs.models import JobRun
from jobs.testing import run_due
from tests.connections import cast, crashes
from tests.connections.remote import named_applications, one_of_each, remote

pytestmark = pytest.mark.services

State = Connection.State


def _steps(connection):
    return {step.name: step for step in connection.steps.all()}


def test_one_of_each_and_it_works(world, ana, connection):
    assert remote(ana, connection) == one_of_each()
    assert named_applications(world, connection) == 1
    who = connection.dataverse().who_am_i()
    assert who.user_id == connection.identifiers.application_user_id
    steps = _steps(connection)
    assert [steps[kind.name].state for kind in PROVISION] == ["done"] * len(PROVISION)
    assert all(step.finished_at >= step.started_at for step in steps.values())
    assert not steps["application"].found
    assert all(step.ids.get("correlation_id") for name, step in steps.items() if name != "key_pair")
    assert connection.proven_at is not None


def test_the_role_holds_the_base_and_nothing_else(ana, connection):
    authorization = Authorization.objects.get(user=ana.user)
    held = dataverse_as(authorization, connection.environment).role_privileges(connection.identifiers.role_id)
    assert held == connection.wanted_role == connection.applied_privileges


def test_every_change_at_microsoft_is_on_record(ana, connection):
    intents = AuditEvent.objects.filter(outcome="intended", subject_id=str(connection.pk))
    assert {event.verb for event in intents} >= {
        "registered the application of",
        "created the service principal of",
        "created the security role of",
        "created the application user of",
        "assigned the security role of",
    }
    assert all(event.result.outcome == "succeeded" for event in intents)
    assert all(event.actor == ana.user for event in intents)


def test_again_from_the_start_finds_everything_and_makes_nothing(world, ana, connection):
    before = connection.identifiers
    provisioning.provision(ana, connection, from_step="preconditions")
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == State.READY
    assert connection.identifiers == before
    assert remote(ana, connection) == one_of_each()
    found = {name for name, step in _steps(connection).items() if step.found}
    assert found >= {
        "key_pair",
        "application",
        "service_principal",
        "role",
        "application_user",
        "role_assignment",
    }


def test_calls_go_on_while_it_is_provisioned_again(ana, connection):
    provisioning.provision(ana, connection, from_step="role")
    connection.refresh_from_db()
    assert connection.state == State.PROVISIONING
    assert connection.dataverse().who_am_i().user_id == connection.identifiers.application_user_id


def test_what_somebody_took_away_is_made_again_from_here(ana, connection):
    authorization = Authorization.objects.get(user=ana.user)
    environment = dataverse_as(authorization, connection.environment)
    environment.remove_role(connection.identifiers.application_user_id, connection.identifiers.role_id)
    environment.delete("roles", connection.identifiers.role_id)
    provisioning.provision(ana, connection, from_step="role")
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == State.READY
    assert remote(ana, connection) == one_of_each()
    steps = _steps(connection)
    assert not steps["role"].found
    assert not steps["application"].found, "a step before the chosen one was carried out again"


def test_asking_twice_is_asking_once(ana, make_connection):
    connection = make_connection(ana)
    first = provisioning.provision(ana, connection)
    assert provisioning.provision(ana, connection) == first
    assert JobRun.objects.filter(kind=provisioning.KIND).count() == 1


@pytest.mark.parametrize("delay", [15, 60])
def test_replication_takes_its_time_and_no_thread_waits_for_it(new_sandbox, connect_to, team, delay):
    world = connect_to(new_sandbox(replication_delay=delay))
    user = cast.member("ana", team, Role.OWNER)
    cast.authorise(world, user)
    ana = Actor.person(user)
    dev = world.places.environments["contoso-dev"]
    connection = creation.create(ana, team, environments.find(ana, dev))
    waits, began = [], time.monotonic()
    with time_machine.travel(clock.now(), tick=True) as traveller:  # the sandbox's clock comes along
        while len(waits) < 20:
            run_due()
            run = jobs.for_subject(connection).get()
            if run.is_finished:
                break
            assert run.state == JobRun.State.QUEUED, run.error
            assert Step.State.WAITING in {step.state for step in connection.steps.all()}
            waits.append((run.not_before - clock.now()).total_seconds())
            traveller.shift(waits[-1] + 0.01)
        connection.refresh_from_db()
        assert connection.state == State.READY, (connection.reason, waits)
        assert remote(ana, connection) == one_of_each()
    assert delay * 0.5 <= sum(waits) <= delay * 12, waits
    assert time.monotonic() - began < 30


def test_somebody_who_is_no_administrator_leaves_nothing_behind(world, team, make_connection):
    ben = cast.member("ben", team, Role.BUILDER)
    cast.consent_for_everybody(world)
    cast.authorise(world, ben)
    connection = make_connection(Actor.person(ben), "Ben's")
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == State.DRAFT
    step = _steps(connection)["preconditions"]
    assert step.state == Step.State.FAILED
    assert "System Administrator" in step.message
    assert "System Administrator" in step.advice
    assert named_applications(world, connection) == 0
    assert not connection.certificates.exists()


def test_a_tenant_that_lets_nobody_register_applications_says_whom_to_ask(new_sandbox, connect_to, team):
    world = connect_to(new_sandbox())
    user = cast.member("ana", team, Role.OWNER)
    cast.authorise(world, user)
    ana = Actor.person(user)
    connection = creation.create(ana, team, environments.find(ana, world.places.environments["contoso-dev"]))
    with world.directory.database.write() as books:
        books.execute("UPDATE tenant SET members_may_register = 0")
        books.execute("UPDATE person SET roles = ''")
    run_due(early=True)
    connection.refresh_from_db()
    step = _steps(connection)["application"]
    assert step.state == Step.State.FAILED
    assert "may not register applications" in step.message
    assert "Application Developer" in step.advice
    assert step.ids.get("request_id") or step.ids.get("correlation_id")
    assert connection.state == State.DRAFT


def test_a_revoked_authorization_makes_it_wait_for_the_person_and_go_on(new_sandbox, connect_to, team):
    world = connect_to(new_sandbox())
    user = cast.member("ana", team, Role.OWNER)
    cast.authorise(world, user)
    ana = Actor.person(user)
    connection = creation.create(ana, team, environments.find(ana, world.places.environments["contoso-dev"]))
    vault.revoke(ana, Authorization.objects.get(user=user))
    run_due(early=True)
    run = jobs.for_subject(connection).get()
    assert run.state == JobRun.State.WAITING
    assert run.error["remedy"]["label"] == "Authorise with Microsoft"
    assert str(connection.pk) in run.error["remedy"]["url"]
    cast.authorise(world, user)
    connection.refresh_from_db()
    provisioning.provision(ana, connection)
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == State.READY
    assert remote(ana, connection) == one_of_each()


def test_it_acts_with_nobody_elses_authorization(world, ana, team, make_connection):
    """The owner's authorization lives; the run of a builder whose own is gone still waits."""
    connection = make_connection(ana)
    ben = cast.member("ben", team, Role.BUILDER)
    cast.authorise(world, ben, Reach.IDENTITY)
    JobRun.objects.update(requested_by=ben)
    run_due(early=True)
    run = jobs.for_subject(connection).get()
    assert run.state == JobRun.State.WAITING
    assert named_applications(world, connection) == 0


def test_another_builder_takes_it_over_only_with_their_own(world, ana, team, make_connection):
    connection = make_connection(ana)
    vault.revoke(ana, Authorization.objects.get(user=ana.user))
    run_due(early=True)
    ben = cast.member("ben", team, Role.BUILDER)
    with pytest.raises(NotPermitted):
        provisioning.provision(Actor.person(ben), connection)


def test_the_key_is_stored_before_it_is_published(world, ana, make_connection, monkeypatch):
    connection = make_connection(ana)
    seen = []
    from microsoft.graph import Graph

    real = Graph.ensure_application

    def look(self, *arguments):
        certificate = Certificate.objects.get(connection=connection)
        seen.append(certificate.private_key.pem.startswith("-----BEGIN PRIVATE KEY"))
        return real(self, *arguments)

    monkeypatch.setattr(Graph, "ensure_application", look)
    run_due(early=True)
    assert seen == [True]


def test_preconditions_say_by_which_role_the_person_may_register(connection):
    assert "As Global Administrator in Entra they may register" in _steps(connection)["preconditions"].message


@pytest.mark.long
def test_one_real_run_with_replication_delay(new_sandbox, connect_to, team):
    """Nobody's clock is moved: what the job engine waits for is waited for."""
    world = connect_to(new_sandbox(replication_delay=3))
    user = cast.member("ana", team, Role.OWNER)
    cast.authorise(world, user)
    ana = Actor.person(user)
    connection = creation.create(ana, team, environments.find(ana, world.places.environments["contoso-dev"]))
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        run_due()
        run = jobs.for_subject(connection).get()
        if run.is_finished:
            break
        time.sleep(max(0.05, (run.not_before - clock.now()).total_seconds()))
    connection.refresh_from_db()
    assert connection.state == State.READY, connection.reason
    assert remote(ana, connection) == one_of_each()


@pytest.mark.parametrize("seed", [2, pytest.param(1, marks=pytest.mark.long)])
def test_a_third_of_all_answers_is_throttling_or_trouble(world, ana, make_connection, monkeypatch, seed):
    connection = make_connection(ana, f"Faulty {seed}")
    draw = random.Random(seed)
    wire = crashes.Requests(monkeypatch)
    monkeypatch.setattr("microsoft.http.random.uniform", lambda *_: 0.0)

    def some():
        return draw.choice([429, 503, 502]) if draw.random() < 0.3 else 0

    wire.fail(some)
    for _ in range(40):
        run_due(early=True)
        Authorization.objects.update(failed_at=None, failure={})
        connection.refresh_from_db()
        if connection.state == State.READY:
            break
        if jobs.for_subject(connection).filter(state__in=JobRun.FINISHED).count():
            provisioning.provision(ana, connection)
    wire.rest()
    assert connection.state == State.READY, connection.reason
    assert remote(ana, connection) == one_of_each()
    assert named_applications(world, connection) == 1


def test_it_goes_on_when_the_person_has_closed_the_browser(client, world, ana, team, dev):
    client.force_login(ana.user)
    client.post(reverse("connections:new"), {"environment": dev, "team": team.pk, "name": "Left alone"})
    client.logout()
    Session.objects.all().delete()
    run_due(early=True)
    connection = Connection.objects.get(name="Left alone")
    assert connection.state == State.READY, connection.reason
