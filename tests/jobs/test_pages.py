"""The pages about runs: who sees what, who may do what, and that they stop asking."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.actors import Actor
from core import clock
from core.problems import BadInput, Remedy
from jobs import services
from jobs.models import JobRun
from jobs.running import WaitForPerson
from jobs.testing import run_due
from microsoft.errors import NoTurn

State = JobRun.State
pytestmark = pytest.mark.django_db
FRAGMENTS = ("row", "panel", "facts")


@pytest.fixture
def ask(register, ana, team):
    def add(handler=lambda run: None, *, actor=ana, of=team, **options):
        kind = register(handler, name=f"test.{len(JobRun.objects.all())}")
        return services.request(kind, actor=actor, team=of, **options)

    return add


@pytest.fixture
def as_person(client, people):
    def sign_in(name):
        client.force_login(people[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def page(client, name, run):
    return client.get(reverse(f"jobs:{name}", args=[run.pk]))


@pytest.mark.parametrize("name", ["detail", *FRAGMENTS])
def test_a_stranger_cannot_tell_that_a_run_exists(ask, as_person, name):
    run = ask()
    assert page(as_person("sam"), name, run).status_code == 404
    assert page(as_person("vera"), name, run).status_code == 200


@pytest.mark.parametrize("name", ["cancel", "retry", "resume"])
def test_only_who_asked_and_builders_may_act(ask, as_person, name):
    run = ask()
    url = reverse(f"jobs:{name}", args=[run.pk])
    assert as_person("sam").post(url).status_code == 404
    assert as_person("vera").post(url).status_code == 403
    assert as_person("ben").get(url).status_code == 405
    run.refresh_from_db()
    assert run.state == State.QUEUED
    if name == "cancel":
        assert as_person("ben").post(url).status_code == 302
        run.refresh_from_db()
        assert run.state == State.CANCELLED


def test_who_asked_for_a_run_of_no_team_manages_it_and_nobody_else_sees_it(ask, as_person):
    run = ask(of=None)
    assert page(as_person("ben"), "detail", run).status_code == 404
    assert b"Cancel" in page(as_person("ana"), "detail", run).content


def test_a_viewer_is_offered_no_buttons(ask, as_person):
    run = ask()
    content = page(as_person("vera"), "detail", run).content.decode()
    assert reverse("jobs:cancel", args=[run.pk]) not in content
    assert reverse("jobs:cancel", args=[run.pk]) in page(as_person("ben"), "detail", run).content.decode()


@pytest.mark.parametrize("name", ["detail", *FRAGMENTS])
def test_pages_ask_again_while_a_run_moves_and_stop_when_it_has_ended(ask, as_person, name):
    run = ask()
    client = as_person("ana")
    assert b'hx-trigger="every 1s"' in page(client, name, run).content
    run_due()
    ended = page(client, name, run).content.decode()
    assert "hx-trigger" not in ended
    assert "Succeeded" in ended


def test_the_list_shows_what_a_person_may_see_and_filters_it(ask, as_person, people):
    ask()
    run_due()
    ask(actor=Actor.person(people["ben"]))
    ask(actor=Actor.person(people["sam"]), of=None)
    client = as_person("ana")

    def states(**query):
        return sorted(run.state for run in client.get(reverse("jobs:list"), query).context["page"])

    assert states() == ["queued", "succeeded"]
    assert states(state="queued") == ["queued"]
    assert states(whose="mine") == ["succeeded"]
    assert states(kind="test.0") == ["succeeded"]
    assert states(state="nonsense", whose="9999") == ["queued", "succeeded"]
    assert "No job matches" in client.get(reverse("jobs:list"), {"state": "failed"}).content.decode()


def test_an_empty_list_says_the_next_step(as_person):
    content = as_person("sam").get(reverse("jobs:list")).content.decode()
    assert "No jobs yet" in content
    assert reverse("connections:list") in content


def test_a_failure_shows_advice_and_ids_and_can_be_retried(ask, as_person):
    def refuse(run):
        raise BadInput("No such table", advice="Choose another one", ids={"request-id": "r-77"})

    run = ask(refuse)
    run_due()
    client = as_person("ana")
    content = page(client, "detail", run).content.decode()
    assert all(text in content for text in ("No such table", "Choose another one", "r-77"))
    client.post(reverse("jobs:retry", args=[run.pk]), {"next": "/jobs/?state=failed"})
    run.refresh_from_db()
    assert (run.state, run.error) == (State.QUEUED, {})


def test_a_result_is_told_in_words(ask, as_person):
    result = {"as_of": "2026-11-24T22:04:04+00:00", "records_read": 12000, "seconds": 75.2, "drifted": []}
    run = ask(lambda run: result)
    run_due()
    content = page(as_person("ana"), "detail", run).content.decode()
    assert "<dt>As of</dt><dd><time" in content
    assert "<dt>Records read</dt><dd>12,000</dd>" in content
    assert "<dt>Took</dt><dd>1 min 15 s</dd>" in content
    assert "<dt>Drifted</dt><dd>none</dd>" in content


def test_a_waiting_run_leads_to_what_a_person_has_to_do(ask, as_person):
    def wait(run):
        raise WaitForPerson("Consent is missing.", Remedy("Authorise with Microsoft", "/go/", post=True))

    run = ask(wait)
    run_due()
    content = page(as_person("ana"), "panel", run).content.decode()
    assert 'action="/go/"' in content
    assert "Authorise with Microsoft" in content
    assert reverse("jobs:resume", args=[run.pk]) in content


def test_a_run_without_a_turn_says_when_it_goes_on_and_of_no_failure(ask, as_person):
    def crowded(run):
        raise NoTurn("As many requests are under way as may be.", retry_after=20)

    run = ask(crowded)
    run_due()
    content = page(as_person("ana"), "panel", run).content.decode()
    assert all(text in content for text in ("Waiting for its turn", "may be.", "It goes on", "<time"))
    assert not any(text in content for text in ("Microsoft", "fail", "again"))


def test_whoever_retries_is_whom_it_acts_as(ask, as_person, people):
    def refuse(run):
        raise BadInput(f"as {run.actor.label}")

    run = ask(refuse)
    run_due()
    as_person("ben").post(reverse("jobs:retry", args=[run.pk]))
    assert run_due()[0].error["message"] == "as Ben"


def test_after_an_action_one_is_back_where_one_was_but_never_elsewhere(ask, as_person):
    client, run = as_person("ana"), ask()
    url = reverse("jobs:cancel", args=[run.pk])
    assert client.post(url, {"next": "/jobs/"}).url == "/jobs/"
    retry = reverse("jobs:retry", args=[run.pk])
    assert client.post(retry, {"next": "https://evil.example/"}).url == reverse("jobs:detail", args=[run.pk])


def test_what_cannot_be_done_any_more_is_said(ask, as_person):
    run = ask()
    run_due()
    answer = as_person("ana").post(reverse("jobs:cancel", args=[run.pk]))
    assert answer.status_code == 409
    assert "nothing to cancel" in answer.content.decode()


def test_the_admin_shows_runs_and_changes_none(ask, client, people):
    people["ana"].is_staff = people["ana"].is_superuser = True
    people["ana"].save()
    run = ask(not_before=clock.now() + timedelta(hours=1))
    client.force_login(people["ana"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("admin:jobs_jobrun_changelist")).status_code == 200
    url = reverse("admin:jobs_jobrun_change", args=[run.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"kind": "other"}).status_code == 403
