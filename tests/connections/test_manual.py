"""The manual kind: from the instructions to a working connection, by somebody who may not register applications."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography import x509
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts import vault
from accounts.actors import Actor
from accounts.gate import GateClosed
from accounts.models import Authorization, Role
from accounts.reach import Reach
from connections.manual import entra
from connections.manual.script import script
from connections.models import Certificate, Connection, Step
from connections.services import (
    creation,
    environments,
    lifecycle,
    manual,
    privileges,
    provisioning,
    removal,
    rotation,
)
from core import cloud
from core.clock import now
from core.problems import BadInput, Clash
from jobs.models import JobRun
from jobs.testing import run_due
from tests.connections import administrator, cast

State = Connection.State


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Nothing has to spread in these worlds, unless a test says so."""
    monkeypatch.setattr(entra, "PATIENCE", 0.0)


@pytest.fixture
def ben(world, team):
    """A builder who may not register applications, and administers nothing."""
    user = cast.member("ben", team, Role.BUILDER)
    cast.authorise(world, user, Reach.IDENTITY)
    return Actor.person(user)


@pytest.fixture
def draft(ben, team, dev):
    return creation.create_manual(ben, team, environments.find(ben, dev), "By hand")


def _verify(actor, connection, client_id, application_id=""):
    manual.enter(actor, connection, client_id, application_id)
    run_due(early=True)
    connection.refresh_from_db()
    return {step.name: step for step in connection.steps.all()}


@pytest.fixture
def by_hand(world, ana, ben, draft):
    """Registered by the administrator, object id included, and ready."""
    application = administrator.register(world, draft)
    administrator.let_in(ana, draft, application.app_id, draft.wanted_role)
    _verify(ben, draft, application.app_id, application.id)
    assert draft.state == State.READY, [step.message for step in draft.steps.all()]
    return draft


def test_the_gate_asks_for_the_identity_only(world, team, dev, ben):
    found = environments.find(ben, dev)
    with pytest.raises(GateClosed):
        creation.create(ben, team, found, "Automatic")
    made = creation.create_manual(ben, team, found, "By hand")
    assert made.state == State.DRAFT
    assert made.certificates.get().private_key.pem.startswith("-----BEGIN PRIVATE KEY")
    bea = cast.member("cleo", team, Role.BUILDER)
    with pytest.raises(GateClosed):
        creation.create_manual(Actor.person(bea), team, found, "Not authorised")


def test_nothing_can_be_verified_before_somebody_has_entered_identifiers(ben, draft):
    with pytest.raises(Clash, match="nothing to verify"):
        provisioning.provision(ben, draft)


def test_each_link_is_verified_and_graph_is_asked_for_nothing_but_the_proof(world, ben, by_hand):
    world.journal.clear()
    provisioning.provision(ben, by_hand, from_step="tenant")
    run_due(early=True)
    assert {step.state for step in by_hand.steps.all()} == {Step.State.DONE}
    assert by_hand.dataverse().who_am_i().user_id == by_hand.identifiers.application_user_id
    graph = [entry for entry in world.journal.entries({}) if entry["service"] == "graph"]
    assert {entry["path"].rsplit("/", 1)[-1] for entry in graph} <= {"removeKey"}


@pytest.mark.parametrize(
    ("client_id", "application_id", "field", "said"),
    [
        ("", "", "client_id", "Enter it"),
        ("not an id", "", "client_id", "not an identifier"),
        ("{tenant}", "", "client_id", "tenant"),
        ("22222222-3333-4444-8555-666666666666", "nonsense", "application_id", "not an identifier"),
        ("11111111-2222-4333-8444-555555555555", "11111111-2222-4333-8444-555555555555", "application_id", "same"),
    ],
)  # fmt: skip
def test_what_cannot_be_an_identifier_is_said_beside_its_field(
    ben, draft, client_id, application_id, field, said
):
    with pytest.raises(BadInput) as refused:
        manual.enter(ben, draft, client_id.format(tenant=draft.environment.tenant_id), application_id)
    assert said in refused.value.fields[field]
    assert not JobRun.objects.filter(subject_id=str(draft.pk)).exists()


def _failed(steps) -> Step:
    failed = [step for step in steps.values() if step.state == Step.State.FAILED]
    assert len(failed) == 1, [(step.name, step.state, step.message) for step in steps.values()]
    return failed[0]


def test_a_wrong_client_id_is_named_and_so_is_an_exchange(world, ben, draft):
    application = administrator.register(world, draft)
    step = _failed(_verify(ben, draft, str(uuid4())))
    assert step.name == "application"
    assert "knows no application with the client id" in step.message
    assert "Application (client) ID" in step.advice
    assert step.ids
    assert draft.state == State.DRAFT
    step = _failed(_verify(ben, draft, application.id, application.app_id))
    assert step.name == "application"
    assert "interchanged" in step.message


def test_what_has_not_spread_yet_is_looked_for_again_and_can_be_corrected_meanwhile(
    world, ana, ben, draft, monkeypatch
):
    monkeypatch.setattr(entra, "PATIENCE", 60.0)
    manual.enter(ben, draft, str(uuid4()))
    run_due()
    step = draft.steps.get(name="application")
    assert step.state == Step.State.WAITING
    assert "knows no application" in step.message
    application = administrator.register(world, draft)
    administrator.let_in(ana, draft, application.app_id, draft.wanted_role)
    _verify(ben, draft, application.app_id, application.id)
    assert draft.state == State.READY, draft.reason


def test_a_certificate_that_was_not_uploaded_is_named_by_its_thumbprint(world, ben, draft, team, dev):
    other = creation.create_manual(ben, team, environments.find(ben, dev), "Another")
    application = administrator.register(world, other)
    step = _failed(_verify(ben, draft, application.app_id))
    assert step.name == "key"
    assert draft.certificates.get().thumbprint_sha1 in step.message


def test_a_missing_service_principal_is_named_with_the_command_that_makes_it(world, ben, draft):
    application = administrator.register(world, draft, principal=False)
    step = _failed(_verify(ben, draft, application.app_id))
    assert step.name == "service_principal"
    assert f"az ad sp create --id {application.app_id}" in step.advice


def test_a_missing_application_user_is_the_administrators_to_make(world, ana, ben, draft):
    application = administrator.register(world, draft)
    step = _failed(_verify(ben, draft, application.app_id))
    assert step.name == "application_user"
    assert "application user" in step.advice
    administrator.let_in(ana, draft, application.app_id, draft.wanted_role)
    provisioning.provision(ben, draft, from_step="application_user")
    run_due(early=True)
    draft.refresh_from_db()
    assert draft.state == State.READY


def test_a_role_that_is_too_small_leaves_it_role_pending_until_verified_again(world, ana, ben, draft):
    application = administrator.register(world, draft)
    small = {name: depth for name, depth in draft.wanted_role.items() if name != "prvReadTransactionCurrency"}
    user = administrator.let_in(ana, draft, application.app_id, small)
    steps = _verify(ben, draft, application.app_id)
    assert draft.state == State.ROLE_PENDING
    assert "prvReadTransactionCurrency" in steps["role"].message
    dataverse = administrator.environment_of(ana, draft)
    dataverse.set_role_privileges(dataverse.user_roles(user)[0].id, draft.wanted_role)
    provisioning.provision(ben, draft, from_step="role")
    run_due(early=True)
    draft.refresh_from_db()
    assert draft.state == State.READY


def test_an_object_id_that_is_not_this_applications_is_named(world, ana, ben, draft):
    application = administrator.register(world, draft)
    administrator.let_in(ana, draft, application.app_id, draft.wanted_role)
    step = _failed(_verify(ben, draft, application.app_id, str(uuid4())))
    assert step.name == "renewal"
    assert "Enterprise applications" in step.advice
    _verify(ben, draft, application.app_id, application.id)
    assert draft.state == State.READY


def test_an_administrator_of_the_environment_has_user_and_role_made(world, team, dev):
    """Ana may not register here, with the sign-in identity alone, but she administers the environment."""
    user = cast.member("ana", team, Role.BUILDER)
    cast.authorise(world, user, Reach.IDENTITY)
    ana = Actor.person(user)
    draft = creation.create_manual(ana, team, environments.find(ana, dev), "By hand")
    application = administrator.register(world, draft)
    _verify(ana, draft, application.app_id)
    assert draft.state == State.READY, draft.reason
    dataverse = administrator.environment_of(ana, draft)
    assert dataverse.role_privileges(draft.identifiers.role_id) == draft.wanted_role
    privileges.record(ana, draft, {"prvReadAccount": "Global"})
    run_due(early=True)
    draft.refresh_from_db()
    assert draft.dataverse().list("accounts", select=("name",), top=1).records


def test_it_replaces_its_own_certificate_with_no_permission_in_graph(world, by_hand, patient):
    old = by_hand.certificates.get()
    rotation.rotate(Actor.system("rotation"), by_hand)
    run_due(early=True)
    by_hand.refresh_from_db()
    active = by_hand.certificates.get(state=Certificate.State.ACTIVE)
    assert active.pk != old.pk
    assert by_hand.state == State.READY
    assert by_hand.dataverse().who_am_i()
    old.refresh_from_db()
    assert (old.state, old.sealed_key, old.left_behind) == (Certificate.State.REMOVED, "", True)
    # The next one is known by its id, and so is removed by the application itself.
    rotation.rotate(Actor.system("rotation"), by_hand)
    run_due(early=True)
    active.refresh_from_db()
    assert (active.state, active.left_behind) == (Certificate.State.REMOVED, False)


def test_without_the_object_id_the_next_certificate_is_handed_over(world, ana, ben, draft, patient):
    application = administrator.register(world, draft)
    administrator.let_in(ana, draft, application.app_id, draft.wanted_role)
    _verify(ben, draft, application.app_id)
    assert draft.state == State.READY
    run = rotation.rotate(Actor.system("rotation"), draft)
    run_due(early=True)
    run.refresh_from_db()
    assert run.state == JobRun.State.WAITING
    assert run.error["remedy"]["url"] == reverse("connections:hand_over", args=[draft.pk])
    assert draft.dataverse().who_am_i(), "the present one goes on"
    candidate = draft.certificates.get(state=Certificate.State.PENDING)
    administrator.register(world, draft)
    rotation.rotate(ben, draft)
    run_due(early=True)
    candidate.refresh_from_db()
    assert candidate.state == Certificate.State.ACTIVE
    left = draft.certificates.get(left_behind=True)
    manual.note_deleted(ben, draft, left.pk)
    assert not draft.certificates.filter(left_behind=True).exists()


def test_a_leaked_key_that_isthmus_may_not_remove_is_asked_for(ben, by_hand, patient):
    rotation.compromise(ben, by_hand)
    run_due(early=True)
    left = by_hand.certificates.get(left_behind=True)
    assert left.compromised_at is not None
    assert by_hand.dataverse().who_am_i()


def test_removal_keeps_what_only_the_administrator_can_do_as_a_task(ana, ben, by_hand):
    removal.remove(ana, by_hand)
    run_due(early=True)
    by_hand.refresh_from_db()
    # Ana reaches Entra and administers it, so even the registration goes.
    assert by_hand.state == State.REMOVED, by_hand.reason


def test_the_page_of_removal_promises_only_what_isthmus_can_do(client, ben, draft):
    client.force_login(ben.user)
    page = client.get(reverse("connections:remove", args=[draft.pk])).content.decode()
    assert "without a trace" not in page
    assert "your administrator is asked" in page


def test_removal_by_somebody_who_may_not_leaves_tasks_and_can_be_forgotten(ben, by_hand):
    removal.remove(ben, by_hand)
    run_due(early=True)
    by_hand.refresh_from_db()
    assert by_hand.state == State.REMOVING
    steps = {step.name: step for step in by_hand.steps.all()}
    assert steps["hand_back_application"].state == Step.State.FAILED
    assert by_hand.identifiers.client_id in steps["hand_back_application"].advice
    removal.abandon(ben, by_hand)
    by_hand.refresh_from_db()
    assert by_hand.state == State.REMOVED


def test_the_instructions_are_filled_in_and_hold_nothing_secret(client, ben, draft):
    client.force_login(ben.user)
    page = client.get(reverse("connections:hand_over", args=[draft.pk])).content.decode()
    certificate = draft.certificates.get()
    for known in (certificate.thumbprint_sha1, str(draft.environment.tenant_id), draft.environment.url):
        assert known in page
    downloads = {
        kind: client.get(reverse("connections:download", args=[draft.pk, kind])).content
        for kind in ("cer", "pem", "txt", "sh")
    }
    key = certificate.private_key.pem.splitlines()[1].encode()
    assert all(key not in content and b"PRIVATE" not in content for content in downloads.values())
    assert x509.load_der_x509_certificate(downloads["cer"]) == x509.load_pem_x509_certificate(
        downloads["pem"]
    )
    assert b"prvReadEntity" in downloads["txt"]
    assert client.get(reverse("connections:download", args=[draft.pk, "exe"])).status_code == 404


def test_they_are_e_mailed_on_demand(client, ben, draft):
    client.force_login(ben.user)
    url = reverse("connections:send_instructions", args=[draft.pk])
    assert client.post(url, {"address": "nobody"}).status_code == 422
    assert client.post(url, {"address": "admin@contoso.example"}).status_code == 302
    run_due(early=True)
    letter = mail.outbox[0]
    assert letter.to == ["admin@contoso.example"]
    assert draft.certificates.get().public_pem.strip() in letter.body
    assert "PRIVATE" not in letter.body


def test_from_the_form_to_ready_with_a_mistake_on_the_way(client, world, ana, ben, team, dev):
    client.force_login(ben.user)
    given = {"environment": dev, "team": team.pk, "name": "Mine", "kind": "manual"}
    answer = client.post(reverse("connections:new"), given)
    made = Connection.objects.get(name="Mine")
    url = reverse("connections:hand_over", args=[made.pk])
    assert answer["Location"] == url
    answer = client.post(url, {"client_id": "oops", "application_id": ""})
    assert answer.status_code == 422
    assert 'value="oops"' in answer.content.decode(), "what was typed is lost"
    application = administrator.register(world, made)
    administrator.let_in(ana, made, application.app_id, made.wanted_role)
    client.post(url, {"client_id": str(uuid4())})
    run_due(early=True)
    page = client.get(reverse("connections:detail", args=[made.pk])).content.decode()
    assert "knows no application" in page
    client.post(url, {"client_id": application.app_id, "application_id": application.id})
    run_due(early=True)
    page = client.get(reverse("connections:detail", args=[made.pk])).content.decode()
    assert "Ready" in page
    assert "can replace its own certificate" in page


@pytest.mark.parametrize("registered", [False, True])
def test_the_script_is_one_that_bash_can_read(draft, registered):
    if registered:
        draft.identifiers = draft.identifiers.model_copy(update={"client_id": str(uuid4())})
        draft.proven_at = now()
    draft.name = """Ana's "best" $(touch /tmp/x) `id` \\ connection"""
    text = script(draft, draft.certificates.get())
    assert subprocess.run(["bash", "-n"], input=text.encode(), check=False).returncode == 0


def test_from_the_command_line(world, ana, ben, draft, capsys):
    application = administrator.register(world, draft)
    administrator.let_in(ana, draft, application.app_id, draft.wanted_role)
    call_command("connections", "instructions", draft.name)
    assert draft.certificates.get().public_pem.strip() in capsys.readouterr().out
    person = {"person": ben.user.username}
    with pytest.raises(CommandError):
        call_command("connections", "enter", draft.name, client_id="oops", **person)
    assert "client_id: This is not an identifier" in capsys.readouterr().out
    call_command("connections", "enter", draft.name, client_id=application.app_id, **person)
    run_due(early=True)
    draft.refresh_from_db()
    assert draft.state == State.READY


@pytest.mark.long
def test_the_administrator_runs_the_script_and_everything_is_there(world, ana, ben, draft, tmp_path):
    """With az and pac replaced by the requests that they send; twice, because it may be run again."""
    lifecycle.rename(ben, draft, """Ana's "best" & last""")
    tools = tmp_path / "bin"
    tools.mkdir()
    stand_in = Path(__file__).with_name("stand_in_cli.py")
    for name in ("az", "pac"):
        (tools / name).write_text(f'#!/bin/sh\nexec {sys.executable} {stand_in} "$@"\n')
        (tools / name).chmod(0o755)
    tokens = vault.tokens(Authorization.objects.get(user=ana.user))
    where = cloud.cloud()
    environment = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "GRAPH": where.graph,
        "GRAPH_TOKEN": tokens.token(where.graph_scope("Application.ReadWrite.All")),
        "ORG_TOKEN": tokens.token(where.environment_scope(draft.environment.url)),
        "CA": str(where.ca_file),
    }
    text = script(draft, manual.handed_over(draft))
    ran = subprocess.run(
        ["bash", "-c", text], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    client_id, object_id = (line.rsplit(" ", 1)[1] for line in ran.stdout.splitlines()[-2:])
    again = subprocess.run(
        ["bash", "-c", text.replace("pac admin", ": pac admin")],
        cwd=tmp_path,
        env={**environment, "APP_ID": client_id},
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 0, again.stderr
    steps = _verify(ben, draft, client_id, object_id)
    assert draft.state == State.READY, [(step.name, step.message) for step in steps.values()]
