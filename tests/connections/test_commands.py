"""`manage.py connections` and what an operator gets out of it."""

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Authorization
from connections.clients import dataverse_as
from connections.models import Certificate, Connection
from jobs.models import JobRun
from jobs.testing import run_due
from tests.connections import factories as make


def _run(*words, **options):
    out = io.StringIO()
    call_command("connections", *words, stdout=out, **options)
    return out.getvalue()


def test_list_and_inventory_say_what_expires_when_and_no_secret(team):
    later, sooner = make.connection(team, "=Later"), None
    make.certificate(later, pem="very private")
    sooner = make.connection(team, "Sooner", environment=later.environment)
    make.certificate(sooner, pem="very private")
    sooner.certificates.update(not_after=later.certificates.get().not_before)
    make.connection(team, "Gone", environment=later.environment, state=Connection.State.REMOVED)
    assert "Sooner" in _run("list")
    rows = json.loads(_run("inventory", format="json"))
    assert [row["name"] for row in rows] == ["Sooner", "=Later"]
    assert rows[1]["days_left"] == 89
    assert rows[0]["client_id"] == sooner.identifiers.client_id
    text = _run("inventory")
    read = list(csv.DictReader(io.StringIO(text)))
    assert [row["name"] for row in read] == ["Sooner", "'=Later"], "a spreadsheet would run this"
    assert "very private" not in text + json.dumps(rows)


def test_check_ends_with_an_error_when_something_is_broken(ana, connection):
    assert "every link holds" in _run("check")
    dataverse_as(Authorization.objects.get(user=ana.user), connection.environment).disable_user(
        connection.identifiers.application_user_id
    )
    with pytest.raises(CommandError, match="1 of 1"):
        _run("check", connection.name)


def test_rotate_is_unattended_and_can_be_rehearsed(ana, connection, patient):
    before = connection.certificates.get(state=Certificate.State.ACTIVE)
    assert "Prove it" in _run("rotate", dry_run=True)
    assert _run("rotate", due=True) == ""
    assert not JobRun.objects.filter(kind="connections.rotate").exists()
    assert "asked for" in _run("rotate", connection.name)
    run_due(early=True)
    assert connection.certificates.get(state=Certificate.State.ACTIVE).pk != before.pk


def test_removing_takes_a_person_and_a_yes(ana, connection):
    for words in (["remove"], ["remove", connection.name]):
        with pytest.raises(CommandError):
            _run(*words)
    with pytest.raises(CommandError, match="--yes"):
        _run("remove", connection.name, person=ana.user.username)
    assert "asked for" in _run("remove", connection.name, person=ana.user.username, yes=True)
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == Connection.State.REMOVED


def test_the_gate_stands_before_the_command_too(team):
    row = make.connection(team)
    make.person("root", is_superuser=True)
    with pytest.raises(CommandError):
        _run("remove", row.name, person="root", yes=True)
    with pytest.raises(CommandError):
        _run("rotate", row.name, compromised=True)
    row.refresh_from_db()
    assert row.state == Connection.State.READY
    assert not JobRun.objects.exists()


def test_names_that_fit_nothing_or_too_much_are_said(team):
    with pytest.raises(CommandError, match="no connection"):
        _run("check", "Nowhere")
