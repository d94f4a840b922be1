"""The gate before everything that changes an integration or a connection: in portal, admin and command.

It takes a role of builder and the person's own authorization. Whoever lacks one changes nothing, and nothing of
theirs reaches Microsoft; whoever has both proves that the very same form would have done something.
"""

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent
from connections.management.commands.connections import ACTIONS
from connections.models import Certificate, Connection, Step
from integrations.models import Binding, CatalogueEntry, Integration, Version
from jobs.models import JobRun
from jobs.testing import run_due
from sync.models import Sync
from tests.sweep import state
from tests.sweep.admin_table import PRESSES, presses, staff
from tests.sweep.answers import offers_authorisation, owes
from tests.sweep.conftest import front
from tests.sweep.expectations import PORTAL, portal_addresses, url_of

GUARDED = [
    Connection,
    Certificate,
    Step,
    Integration,
    Version,
    Binding,
    CatalogueEntry,
    Sync,
    JobRun,
    AuditEvent,
]
GATED = [one for one in portal_addresses() if PORTAL[one.name].gated]
REFUSED = ["olga", "bert", "cleo", "root", "sam"]
LET_IN = ["ana", "ben"]
# What the command does as a person, and what is a duty that the gate lets through or changes nothing.
ACTING = [
    ("rotate", {}),
    ("rotate", {"compromised": True}),
    ("remove", {"yes": True}),
    ("enter", {"client_id": str(state.NOWHERE)}),
]
UNATTENDED = {"list", "check", "inventory", "instructions"}
each_gated = pytest.mark.parametrize("address", GATED, ids=lambda one: one.name)


def books():
    return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in GUARDED}


@each_gated
@pytest.mark.parametrize("who", REFUSED)
def test_refused(ours, world, who, address):
    """An owner and a builder without authorization, an authorised viewer, an administrator, a stranger."""
    row = PORTAL[address.name]
    row.first(ours)
    form, before = row.form(ours), books()
    answer = front(state.user(who)).post(url_of(address, ours), form)
    owes(answer, 403, 404, 422)
    assert books() == before
    assert world.journal.entries({}) == []
    if who in {"olga", "bert"}:
        assert offers_authorisation(answer) or address.name == "integrations:new", answer.content.decode()
    elif who != "sam":
        assert answer.status_code in {403, 404}


@each_gated
@pytest.mark.parametrize("who", LET_IN)
def test_let_in(ours, world, who, address):
    """The same forms, from the owner and from another builder who has authorised as well."""
    row = PORTAL[address.name]
    row.first(ours)
    form, before = row.form(ours), books()
    answer = owes(front(state.user(who)).post(url_of(address, ours), form), *row.posted, 403)
    # What is refused to Ben is refused by Dynamics: he is no administrator there, and the trail says he tried.
    assert answer.status_code != 403 or (who, address.name) == ("ben", "connections:enable")
    assert books() != before


@pytest.mark.parametrize("press", PRESSES)
@pytest.mark.parametrize("who", REFUSED)
def test_refused_in_the_admin(ours, world, who, press):
    person = staff(who)
    url, form = presses(ours)[press]
    Binding.objects.all().delete()
    before = books()
    owes(
        front(person).post(url, form), 200, 302, 403, 404, 422
    )  # a button says no on the page it leads back to
    assert books() == before
    assert world.journal.entries({}) == []


@pytest.mark.parametrize("press", PRESSES)
@pytest.mark.parametrize("who", LET_IN)
def test_let_in_in_the_admin(ours, world, who, press):
    person = staff(who)
    url, form = presses(ours)[press]
    Binding.objects.all().delete()
    if press == "press enable":
        Connection.objects.filter(pk=ours["connection"]).update(state="disabled")
    before = books()
    answer = owes(front(person).post(url, form), 302)
    assert answer.headers["Location"].startswith("/admin/connections/connection/")
    assert books() != before


def command(action, which, **options):
    call_command("connections", action, which, stdout=io.StringIO(), **options)


def _ready_for(action, ours):
    Binding.objects.all().delete()
    if action == "enter":
        PORTAL["connections:hand_over"].first(ours)


def test_every_action_of_the_command_is_in_this_table():
    assert {action for action, _ in ACTING} | UNATTENDED == set(ACTIONS)


@pytest.mark.parametrize(("action", "options"), ACTING)
@pytest.mark.parametrize("who", REFUSED)
def test_refused_on_the_command_line(ours, world, who, action, options):
    _ready_for(action, ours)
    before = books()
    with pytest.raises(CommandError):
        command(action, ours["connection"], person=state.user(who).username, **options)
    assert books() == before
    assert world.journal.entries({}) == []


@pytest.mark.parametrize(("action", "options"), ACTING)
@pytest.mark.parametrize("who", LET_IN)
def test_let_in_on_the_command_line(ours, world, who, action, options):
    _ready_for(action, ours)
    before = books()
    command(action, ours["connection"], person=state.user(who).username, **options)
    assert books() != before


def import_as(who, folder):
    """What another installation's file would do to Ana's integration."""
    integration = Integration.objects.get(team__name="Sales")
    file = folder / "service.yaml"
    call_command("integrations", "export", integration.service_name, "--out", str(file))
    before = books()
    arguments = [str(file), "--as", state.user(who).username, "--team", "Sales"]
    arguments += ["--environment", integration.environment.url]
    return before, lambda: call_command("integrations", "import", *arguments, stdout=io.StringIO())


@pytest.mark.parametrize("who", REFUSED)
def test_importing_is_refused_on_the_command_line(ours, world, who, tmp_path):
    before, act = import_as(who, tmp_path)
    with pytest.raises(CommandError):
        act()
    assert books() == before
    assert world.journal.entries({}) == []


@pytest.mark.parametrize("who", LET_IN)
def test_importing_is_let_in_on_the_command_line(ours, world, who, tmp_path):
    before, act = import_as(who, tmp_path)
    act()
    assert books() != before


@pytest.mark.parametrize("button", ["retry", "resume"])
@pytest.mark.parametrize("who", ["bert", "root"])
def test_somebody_elses_run_does_not_carry_their_authorization(ours, world, who, button):
    """Retrying a run makes it one's own, and then it stops at the gate like everything else."""
    connection = Connection.objects.get(pk=ours["connection"])
    run = JobRun.objects.filter(kind="connections.provision", subject_id=ours["connection"]).first()
    run.state = {"retry": "failed", "resume": "waiting"}[button]
    run.save()
    Connection.objects.filter(pk=connection.pk).update(state="provisioning")
    connection.steps.update(state="waiting")
    owes(front(state.user(who)).post(f"/jobs/{run.pk}/{button}/"), 302)
    world.journal.clear()
    run_due(early=True)
    run.refresh_from_db()
    assert run.state in {"waiting", "failed"}, run.state
    assert run.requested_by == state.user(who)
    assert [entry for entry in world.journal.entries({}) if entry["method"] != "GET"] == []
