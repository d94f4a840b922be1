"""Each link of the chain, broken from outside, found, said, and mended by its button."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import AuditEvent, Authorization
from connections.clients import dataverse_as, dataverse_for
from connections.health.chain import look
from connections.health.links import TITLES, read, repair_for
from connections.models import Connection
from connections.services import health, lifecycle, rotation
from connections.tasks import HEALTH_ROUND, keep_schedules
from core.clock import now
from core.problems import Clash
from jobs import services as jobs
from jobs.models import Schedule
from jobs.testing import run_due
from tests.connections import factories as make
from tests.connections.remote import remote
from tests.connections.sabotage import BREAKS

State = Connection.State
SYSTEM = Actor.system("health")


@pytest.fixture
def browser(client, ana):
    client.force_login(ana.user)
    return client


def _states(connection):
    return {link.name: link.state for link in read(connection.links)}


@pytest.mark.parametrize("what", BREAKS)
def test_each_link_is_found_broken_and_mended_by_its_button(browser, ana, connection, saboteur, what):
    name = BREAKS[what]
    getattr(saboteur, what)()
    jobs.request(HEALTH_ROUND, actor=SYSTEM)
    run_due(early=True)
    connection.refresh_from_db()
    assert (connection.broken_link, connection.state) in [(name, State.DEGRADED), (name, State.EXPIRED)]
    states = _states(connection)
    position = list(TITLES).index(name)
    assert [states[other] for other in list(TITLES)[:position]] == ["ok"] * position
    page = browser.get(reverse("connections:detail", args=[connection.pk])).content.decode()
    repair = repair_for(next(link for link in read(connection.links) if link.state == "broken"))
    assert repair.label in page
    url = reverse(f"connections:{repair.action}", args=[connection.pk])
    assert browser.post(url, {"step": repair.step}).status_code == 302
    run_due(early=True)
    connection.refresh_from_db()
    assert (connection.state, connection.broken_link) == (State.READY, ""), connection.reason
    assert set(_states(connection).values()) == {"ok"}
    assert dataverse_for(connection).who_am_i().user_id == connection.identifiers.application_user_id
    left = remote(ana, connection)
    assert (left.applications, left.principals, left.roles, left.users, left.assignments) == (1, 1, 1, 1, 1)


@pytest.mark.parametrize(
    "what", ["principal_deleted", pytest.param("application_deleted", marks=pytest.mark.long)]
)
def test_what_the_application_has_written_stands_in_the_way_of_no_remedy(
    browser, ana, connection, saboteur, what
):
    """A user that owns records cannot be deleted: they are handed over first."""
    known = connection.identifiers
    saboteur.environment.assign_role(known.application_user_id, _administrators(saboteur, known))
    account = dataverse_for(connection).create("accounts", {"name": "Written by the application"})
    getattr(saboteur, what)()
    health.check(ana, connection)
    repair = repair_for(next(link for link in read(connection.links) if link.state == "broken"))
    browser.post(reverse(f"connections:{repair.action}", args=[connection.pk]), {"step": repair.step})
    run_due(early=True)
    connection.refresh_from_db()
    assert (connection.state, connection.broken_link) == (State.READY, ""), connection.reason
    owner = saboteur.environment.get("accounts", account)["_ownerid_value"]
    heirs = {connection.identifiers.application_user_id, saboteur.environment.who_am_i().user_id}
    assert owner in heirs


def _administrators(saboteur, known):
    (role,) = saboteur.environment.roles("System Administrator", known.business_unit_id)
    return role.id


def test_a_whole_chain_says_so(browser, ana, connection):
    page = browser.post(reverse("connections:check", args=[connection.pk]), follow=True).content.decode()
    assert "Every link holds" in page
    connection.refresh_from_db()
    assert list(_states(connection).values()) == ["ok"] * len(TITLES)
    assert connection.checked_at is not None


def test_since_when_is_when_it_was_first_seen(ana, connection, saboteur):
    saboteur.user_disabled()
    health.check(ana, connection)
    first = connection.broken_since
    health.check(ana, connection)
    assert connection.broken_since == first
    assert AuditEvent.objects.filter(verb="found broken").count() == 1


def test_trouble_that_passes_degrades_nothing(world, ana, connection):
    rule = world.faults.add({"kind": "status", "path": "WhoAmI", "status": 503})
    try:
        health.check(ana, connection)
    finally:
        world.faults.remove(rule.id)
    assert connection.state == State.READY
    assert _states(connection)["environment"] == "unknown"


def test_a_connection_that_is_disabled_is_left_alone(ana, connection):
    lifecycle.disable(ana, connection)
    with pytest.raises(Clash):
        health.check(ana, connection)
    jobs.request(HEALTH_ROUND, actor=SYSTEM)
    run_due()
    connection.refresh_from_db()
    assert connection.state == State.DISABLED


def test_the_team_is_written_to_when_it_breaks_and_when_it_is_whole(ana, connection, saboteur):
    saboteur.user_disabled()
    health.check(ana, connection)
    health.check(ana, connection)
    run_due()
    notice = mail.outbox.pop()
    assert mail.outbox == []
    assert notice.to == [ana.user.username]
    assert "does not work" in notice.subject
    assert reverse("connections:detail", args=[connection.pk]) in notice.body
    authorization = Authorization.objects.get(user=ana.user)
    dataverse_as(authorization, connection.environment).enable_user(
        connection.identifiers.application_user_id
    )
    health.check(ana, connection)
    run_due()
    assert [notice.subject for notice in mail.outbox] == [f"{connection.name} works again"]


@pytest.mark.parametrize(("days", "said"), [(40, None), (29, 30), (13, 14), (6, 7), (0.5, 1)])
def test_expiry_is_warned_of_once_at_each_threshold(ana, connection, days, said):
    connection.certificates.update(not_after=now() + timedelta(days=days))
    health.check(ana, connection)
    health.check(ana, connection)
    run_due()
    subjects = [notice.subject for notice in mail.outbox]
    assert subjects == ([f"The certificate of {connection.name} expires within {said} days"] if said else [])


def test_a_mail_server_that_is_away_is_asked_again(settings, ana, connection, saboteur):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    saboteur.user_disabled()
    health.check(ana, connection)
    run_due()
    run = jobs.for_subject(connection).get(kind="connections.notify")
    assert run.state == "queued"
    assert "mail server" in run.error["message"]


def test_a_backup_from_before_a_rotation_is_mended_by_one_button(browser, ana, connection, patient):
    backup = list(connection.certificates.all())
    rotation.rotate(ana, connection)
    run_due(early=True)
    connection.certificates.all().delete()
    for certificate in backup:
        certificate.save(force_insert=True)
    health.check(ana, connection)
    assert read(connection.links)[0].code == "key_not_published"
    browser.post(reverse("connections:rotate", args=[connection.pk]))
    run_due(early=True)
    connection.refresh_from_db()
    assert (connection.state, connection.broken_link) == (State.READY, "")
    assert dataverse_for(connection).who_am_i()


def test_what_a_restored_backup_cannot_open_is_a_broken_key(team, world):
    row = make.connection(team)
    certificate = make.certificate(row)
    other = make.certificate(make.connection(team, "Other", environment=row.environment))
    certificate.sealed_key = other.sealed_key
    assert look(row, certificate)[0].code == "key_unreadable"


@pytest.mark.parametrize("number", [100, pytest.param(1000, marks=pytest.mark.long)])
def test_one_worker_checks_many_in_one_round_and_within_the_limits(world, ana, connection, number):
    """Rows of their own, each with its own sealed key, behind one application: Microsoft's part is the same."""
    pem = connection.certificates.get().private_key
    known = connection.identifiers
    for n in range(number - 1):
        row = make.connection(
            connection.team,
            f"Copy {n}",
            environment=connection.environment,
            applied_privileges=connection.applied_privileges,
        )
        row.identifiers = known
        row.save()
        certificate = make.certificate(row)
        certificate.private_key, certificate.public_pem = pem, connection.certificates.get().public_pem
        certificate.save()
    jobs.request(HEALTH_ROUND, actor=SYSTEM)
    (run,) = run_due()
    assert run.result == {"checked": number, "broken": 0}, run.error
    assert world.journal.entries({"status": "429"}) == []
    assert not Connection.objects.filter(checked_at=None).exists()


def test_the_clock_has_the_round_in_its_table(db):
    keep_schedules()
    assert Schedule.objects.get(kind=HEALTH_ROUND).interval == 3600
