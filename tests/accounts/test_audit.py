import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import audit
from accounts.actors import Actor
from accounts.models import AuditEvent, AuditValues, Role, Team
from accounts.models.audit import AppendOnly
from core.redaction import REDACTED
from microsoft.errors import Throttled

Outcome = AuditEvent.Outcome


@pytest.fixture
def trail(sales):
    """Three events of Olga's."""
    actor = sales.actor("olga")
    return [audit.record(actor, "did", sales.team, values={"before": n, "after": n + 1}) for n in range(3)]


def tamper(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_the_chain_holds(trail):
    assert audit.verify_chain() == []
    out = StringIO()
    call_command("audit", "verify", stdout=out)
    assert "3 events" in out.getvalue()


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE accounts_auditevent SET verb = 'undid' WHERE id = %s", "was changed"),
        ("UPDATE accounts_auditevent SET actor_id = NULL WHERE id = %s", "was changed"),
        ("DELETE FROM accounts_auditevent WHERE id = %s", "one is missing"),
    ],
)
def test_a_change_behind_its_back_shows(trail, statement, says):
    middle = trail[1]
    AuditValues.objects.filter(event=middle).delete()
    tamper(statement, middle.pk)
    assert any(says in found.what for found in audit.verify_chain())
    with pytest.raises(CommandError):
        call_command("audit", "verify", stderr=StringIO())


def test_a_tail_that_was_cut_off_shows(trail):
    AuditValues.objects.filter(event=trail[2]).delete()
    tamper("DELETE FROM accounts_auditevent WHERE id = %s", trail[2].pk)
    assert "3 events were written, not 2" in audit.verify_chain()[0].what


def test_values_are_encrypted_and_can_be_erased_but_not_changed(trail):
    with connection.cursor() as cursor:
        cursor.execute("SELECT document FROM accounts_auditvalues")
        assert all("before" not in document for (document,) in cursor.fetchall())
    audit.erase_values(trail[0])
    assert audit.verify_chain() == []
    values = AuditValues.objects.get(event=trail[1])
    values.document = '{"before": 0}'
    values.save()
    assert "values were changed" in audit.verify_chain()[0].what


def test_it_is_only_ever_added_to(trail):
    event = AuditEvent.objects.first()
    event.verb = "undid"
    for change in (
        event.save,
        event.delete,
        AuditEvent.objects.all().delete,
        lambda: AuditEvent.objects.update(verb="x"),
        lambda: AuditEvent.objects.bulk_create([]),
        lambda: AuditEvent.objects.bulk_update([event], ["verb"]),
    ):
        with pytest.raises(AppendOnly):
            change()


def test_deleting_a_person_or_a_team_leaves_the_trail_whole(sales, trail):
    team = Team.objects.create(name="Short-lived")
    audit.record(sales.actor("sam"), "did", team)
    team.delete()
    sales.sam.delete()
    assert audit.verify_chain() == []
    page = sales.client("root").get("/audit/").content.decode()
    assert "Short-lived" in page
    assert "Sam" in page


def test_an_intent_stands_before_its_outcome(sales):
    with audit.intent(sales.actor("bert"), "created", sales.team) as event:
        assert AuditEvent.objects.get(pk=event.pk).outcome == Outcome.INTENDED
    assert event.result.outcome == Outcome.SUCCEEDED
    assert audit.verify_chain() == []


def test_a_failure_is_written_down_with_its_ids_and_goes_on(sales):
    with (
        pytest.raises(Throttled),
        audit.intent(sales.actor("bert"), "created", sales.team) as event,
    ):
        raise Throttled("Too many requests", code="429", correlation_id="abc")
    assert event.result.outcome == Outcome.FAILED
    assert event.result.message == "Too many requests (429)"
    assert event.result.ids == {"code": "429", "correlation_id": "abc"}


def test_without_an_intent_nothing_happens(sales, monkeypatch):
    ran = []
    tamper("DROP TABLE accounts_auditvalues")
    with (
        pytest.raises(Exception, match="accounts_auditvalues"),
        audit.intent(sales.actor("bert"), "created", sales.team, values={"name": "x"}),
    ):
        ran.append(1)
    assert ran == []


@pytest.mark.django_db(transaction=True)
def test_an_intent_refuses_a_transaction_it_could_vanish_with():
    from django.db import transaction

    with pytest.raises(RuntimeError), transaction.atomic(), audit.intent(Actor.system("health"), "tested"):
        pytest.fail("the body ran")


def test_a_process_that_died_shows_as_unfinished(sales):
    class Died(BaseException):
        """Nothing catches it, as nothing catches a kill."""

    with pytest.raises(Died), audit.intent(sales.actor("bert"), "created", sales.team):
        raise Died
    page = sales.client("vera").get("/audit/?unfinished=on").content.decode()
    assert "never reported back" in page
    assert page.count("<tr>") == 2  # the head and this one


def test_secrets_do_not_enter(sales):
    jwt = "eyJ0eXAiOiJKV1Qi.eyJhdWQiOiJodHRwcz.c2lnbmF0dXJl"
    event = audit.record(
        sales.actor("olga"),
        "did",
        sales.team,
        values={"client_secret": "hush", "note": jwt},
        message=f"with {jwt}",
    )
    document = AuditValues.objects.get(event=event).document
    assert "hush" not in document
    assert jwt not in document + event.message
    assert REDACTED in document


@pytest.mark.parametrize(("name", "sees"), [("olga", True), ("vera", True), ("sam", False), ("root", True)])
def test_the_page_is_for_members_and_administrators(sales, trail, name, sees):
    page = sales.client(name).get("/audit/").content.decode()
    assert ("Sales" in re.sub(r"<select.*?</select>|<nav.*?</nav>", "", page, flags=re.DOTALL)) is sees


def test_the_page_filters_and_turns(sales):
    for number in range(60):
        audit.record(sales.actor("olga" if number % 2 else "bert"), f"did-{number}", sales.team)
    client = sales.client("vera")
    first = client.get("/audit/").content.decode()
    assert "did-59" in first
    assert "did-9<" not in first
    older = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = client.get(f"/audit/{older}").content.decode()
    assert "did-9 " in second
    assert "did-10 " not in second
    only = client.get("/audit/?actor=bert").content.decode()
    assert "did-58" in only
    assert "did-59" not in only
    assert client.get(f"/audit/?subject_type=accounts.team&subject_id={sales.team.pk}").status_code == 200
    assert client.get("/audit/?team=9999").status_code == 422
    other = Team.objects.create(name="Other")
    other.memberships.create(user=sales.vera, role=Role.VIEWER)
    assert "Nothing matches" in client.get(f"/audit/?team={other.pk}").content.decode()
