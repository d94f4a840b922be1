"""Syncs as people and schedules use them: through the services, the job engine and the beat's tick."""

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from accounts.actors import Actor
from accounts.models import Role
from core.problems import BadInput, NotPermitted
from integrations.services import drafts, publishing
from jobs import scheduling
from jobs.models import JobRun, Schedule
from jobs.testing import run_due
from microsoft.errors import NoTurn
from sync import work
from sync.destinations import folder_of, open_store, pinned
from sync.models import Place, Sync
from sync.services import notices, runs, setup
from tests.connections import cast
from tests.sandbox.dataverse.test_metadata_writes import CRM, column, delete, label, post

pytestmark = pytest.mark.django_db(transaction=True)
State = JobRun.State


def test_a_sync_runs_by_itself_and_keeps_in_step(sync, dev_api, mirror):
    Schedule.objects.filter(pk=sync.schedule_id).update(next_slot="2026-01-01T00:00Z")
    assert scheduling.run_due_schedules() == 1
    done = run_due()
    assert [run.state for run in done] == [State.SUCCEEDED] * 3, [run.error for run in done]
    assert "Catching up" in {run.step for run in done}, "after everything, what changed while it was read"
    accounts = mirror(sync, "account")
    assert len(accounts) == sync.entities.get(logical_name="account").rows > 100
    some = next(iter(accounts.values()))
    assert some["statecode_label"] == "Active"
    assert some["ownerid_target"] in {"systemuser", "team"}
    key = dev_api.create("accounts", {"name": "Fresh & Co", "revenue": 1234.5})
    assert run_due() == []
    runs.run_now(Actor.system("test"), sync)
    done = run_due()
    result = next(run.result for run in done if run.result["added"])
    assert (result["added"], result["deleted"], result["mode"]) == (1, 0, "changes")
    assert "Reading changes" in {run.step for run in done}
    assert mirror(sync, "account")[key]["revenue"] == "1234.5000"
    dev_api.send("DELETE", f"accounts({key})")


def test_missed_slots_become_one_run_and_a_run_under_way_keeps_the_next_back(sync):
    Schedule.objects.filter(pk=sync.schedule_id).update(next_slot="2026-01-01T00:00Z")
    assert [scheduling.run_due_schedules() for _ in range(3)] == [1, 0, 0]
    assert sync.schedule.runs.count() == 1
    run_due(limit=5)
    assert JobRun.objects.filter(kind="sync.entity").count() == 2
    asked = [runs.run_now(Actor.system("test"), sync) for _ in range(2)]
    assert [len(each) for each in asked] == [2, 0], "an entity has one unfinished run at most"


def test_a_full_refresh_that_is_asked_for_during_a_run_follows_with_the_next(sync, sample_owner):
    row = sync.entities.get(logical_name="contact")
    runs.run_now(sample_owner, sync, only=row)
    real = work._settled

    def asked_meanwhile(*args):
        runs.run_now(sample_owner, sync, only=row, full=True)
        return real(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "_settled", asked_meanwhile)
        run_due()
    runs.run_now(sample_owner, sync, only=row)
    assert run_due()[-1].result["mode"] == "full"
    runs.run_now(sample_owner, sync, only=row)
    assert run_due()[-1].result["mode"] == "changes"


def test_paused_syncs_do_not_begin_by_themselves(sync, sample_owner):
    runs.pause(sample_owner, sync)
    Schedule.objects.filter(pk=sync.schedule_id).update(next_slot="2026-01-01T00:00Z")
    assert scheduling.run_due_schedules() == 0
    runs.resume(sample_owner, sync)
    assert scheduling.run_due_schedules() == 1


def test_what_a_person_may_do_is_their_role(sync, sample_team):
    viewer = Actor.person(cast.member("cleo", sample_team, Role.VIEWER))
    for forbidden in (
        lambda: runs.run_now(viewer, sync),
        lambda: runs.pause(viewer, sync),
        lambda: setup.remove(viewer, sync, with_data=True),
        lambda: runs.switch(viewer, sync.entities.first(), enabled=False),
    ):
        with pytest.raises(NotPermitted):
            forbidden()
    assert Sync.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"entities": []}, "entities"),
        ({"name": ""}, "name"),
        ({"interval": 5}, "interval"),
        ({"cron": "61 * * * *", "interval": None}, "cron"),
        ({"destination": "postgres", "schema": "public"}, "schema"),
        ({"destination": "postgres", "schema": "m", "url": "postgresql:///x?host=/tmp"}, "url"),
        ({"destination": "postgres", "schema": "m", "url": "postgresql://h/d?passfile=/etc/passwd"}, "url"),
    ],
)
def test_a_plan_that_does_not_hold_is_refused_by_field(sample_integration, sample_owner, change, field):
    stage = sample_integration.bindings.get().stage
    plan = {"name": "Wrong", "entities": ["account"], "interval": 3600} | change
    with pytest.raises(BadInput) as refused:
        setup.create(sample_owner, sample_integration, stage, setup.Plan(**plan))
    assert field in refused.value.fields
    assert not Sync.objects.exists()


def test_the_address_of_a_database_is_kept_encrypted(sample_integration, sample_owner):
    stage = sample_integration.bindings.get().stage
    url = "postgresql://reader:hush-hush@db.example:5432/mirror"
    plan = setup.Plan("Kept", entities=["account"], destination="postgres", schema="m_kept", url=url)
    made = setup.create(sample_owner, sample_integration, stage, plan)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed_place FROM sync_sync")
        assert "hush" not in cursor.fetchone()[0]
    assert Sync.objects.get(pk=made.pk).place.url == url
    setup.change(
        sample_owner, made, setup.Plan("Kept", entities=["account"], destination="postgres", schema="m_kept")
    )
    assert Sync.objects.get(pk=made.pk).place.url == url, "an empty field keeps the address"


@pytest.mark.services
@pytest.mark.parametrize(
    ("taken", "field"), [({"schema": "m_both"}, "schema"), ({"name": "Kept", "schema": "m_other"}, "name")]
)
def test_what_another_sync_took_meanwhile_is_refused(
    sample_integration, sample_owner, monkeypatch, taken, field
):
    stage, real = sample_integration.bindings.get().stage, setup.mirrorable

    def mirrorable(service):
        rival = {"name": "Rival", "team": sample_integration.team, "destination": "postgres"} | taken
        Sync.objects.create(integration=sample_integration, stage=stage, **rival)
        return real(service)

    monkeypatch.setattr(setup, "mirrorable", mirrorable)  # between the check and the saving
    url = "postgresql://reader:hush-hush@db.example:5432/mirror"
    plan = setup.Plan("Kept", entities=["account"], destination="postgres", schema="m_both", url=url)
    with pytest.raises(BadInput) as refused:
        setup.create(sample_owner, sample_integration, stage, plan)
    assert field in refused.value.fields
    assert Sync.objects.get().schema == taken["schema"]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost:5432",
        "[::1]",
        "169.254.169.254",
        "2130706433",
        "10.0.0.7:80",
        "p@ss@db.example",
        "a:x",
    ],
)
def test_a_typed_address_leads_into_no_inner_network(host, settings):
    with pytest.raises(BadInput) as refused:
        setup.checked_address(f"postgresql://me:hush@{host}/mirror")
    assert "url" in refused.value.fields
    assert "hush" not in f"{refused.value.message}{refused.value.fields}"
    settings.OUTGOING_HOSTS = ["127.0.0.1"]
    assert setup.checked_address("postgresql://me@127.0.0.1/mirror")
    assert "hostaddr=127.0.0.1" in pinned("postgresql://me@127.0.0.1/mirror")


def test_a_kept_address_is_looked_at_again_by_each_run(sync):
    sync.destination, sync.schema, sync.place = "postgres", "m", Place(url="postgresql://me@127.0.0.1/mirror")
    with pytest.raises(BadInput, match="inner network"):
        open_store(sync, "account", ())


def test_a_failed_run_is_told_once_and_a_lagging_mirror_too(sync, settings, sample_owner):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    row = sync.entities.get(logical_name="contact")
    runs.switch(sample_owner, sync.entities.get(logical_name="account"), enabled=False)
    row.logical_name = "nonesuch"
    row.save()
    runs.run_now(sample_owner, sync)
    run_due()
    Sync.objects.filter(pk=sync.pk).update(lag_limit=1, created_at="2026-01-01T00:00Z")
    assert [notices.look(), notices.look()] == [2, 0]
    run_due()
    assert sorted(each.subject for each in mail.outbox) == [
        "The sync Mirror failed for nonesuch",
        "The sync Mirror is behind",
    ]


def _republish(owner, integration, *, chosen):
    integration = type(integration).objects.get(pk=integration.pk)
    entity = integration.draft.entity("account")
    shaped = drafts.shape_entity(
        owner,
        integration,
        integration.revision,
        "account",
        operations=entity.operations,
        chosen=chosen,
        called={},
    )
    return publishing.publish(owner, shaped, shaped.revision)


def _run(sync, name="account"):
    row = sync.entities.get(logical_name=name)
    row.checked_at = None
    row.save()
    runs.run_now(Actor.system("test"), sync, only=row)
    return run_due()[-1]


@pytest.mark.parametrize("policy", ["add", "ignore", "ask"])
def test_a_new_attribute_is_carried_as_the_policy_says(sync, sample_owner, mirror, policy):
    Sync.objects.filter(pk=sync.pk).update(drift=policy)
    before = [each.logical_name for each in sync.integration.draft.entity("account").attributes]
    _run(sync)
    _republish(sample_owner, sync.integration, chosen=[*before, "fax"])
    run = _run(sync)
    columns = next(iter(mirror(sync, "account").values()))
    if policy == "ask":
        assert run.state == State.WAITING
        assert "fax" not in columns
        row = sync.entities.get(logical_name="account")
        assert [each["text"] for each in row.drifted] == ["New: fax (text)."]
        runs.accept(sample_owner, row)
        assert run_due()[-1].state == State.SUCCEEDED
        columns = next(iter(mirror(sync, "account").values()))
    assert ("fax" in columns) is (policy != "ignore")


def test_an_attribute_that_is_deleted_in_dynamics_keeps_its_column_and_its_values(
    sync, sample_owner, dev_api, mirror
):
    post(
        dev_api,
        "EntityDefinitions(LogicalName='account')/Attributes",
        column("String", "new_Mood", MaxLength=50),
    )
    before = [each.logical_name for each in sync.integration.draft.entity("account").attributes]
    key = dev_api.create("accounts", {"name": "Moody", "new_mood": "sunny"})
    sync.integration.refresh_from_db()
    from integrations.metadata import catalogue

    catalogue.for_actor(sample_owner, sync.integration.environment).refresh()
    _republish(sample_owner, sync.integration, chosen=[*before, "new_mood"])
    assert _run(sync).state == State.SUCCEEDED
    assert mirror(sync, "account")[key]["new_mood"] == "sunny"
    delete(
        dev_api,
        "EntityDefinitions(LogicalName='account')/Attributes(LogicalName='new_mood')",
        **{"If-Match": "*"},
    )
    row = sync.entities.get(logical_name="account")
    runs.run_now(Actor.system("test"), sync, only=row)  # what is known of the metadata is not old yet
    done = run_due()[-1]
    assert done.state == State.SUCCEEDED, done.error
    assert mirror(sync, "account")[key]["new_mood"] == "sunny"
    dev_api.send("DELETE", f"accounts({key})")


def test_a_renamed_choice_reaches_rows_that_did_not_change(sync, dev_api, mirror):
    _run(sync)
    rows = mirror(sync, "account").values()
    value, old = next((row["industrycode"], row["industrycode_label"]) for row in rows if row["industrycode"])
    options = {"EntityLogicalName": "account", "AttributeLogicalName": "industrycode", "Value": value}
    body = {**options, "Label": {"@odata.type": f"{CRM}Label", **label("Renamed")}, "MergeLabels": False}
    assert dev_api.send("POST", "UpdateOptionValue", json=body).status_code == 204
    try:
        _run(sync)
        labels = {
            r["industrycode_label"] for r in mirror(sync, "account").values() if r["industrycode"] == value
        }
        assert labels == {"Renamed"}
        assert value not in {
            r["industrycode"]
            for r in mirror(sync, "account_view").values()
            if r["industrycode_label"] != "Renamed"
        }
    finally:
        body["Label"] = {"@odata.type": f"{CRM}Label", **label(old)}
        dev_api.send("POST", "UpdateOptionValue", json=body)


def test_the_command_shows_asks_and_begins_anew(sync, capsys):
    call_command("sync", "status")
    assert "nothing mirrored yet" in capsys.readouterr().out
    call_command("sync", "run", "Mirror")
    run_due()
    call_command("sync", "reset", "Mirror", "--entity", "contact")
    call_command("sync", "run", "Mirror", "--entity", "contact")
    assert run_due()[-1].result["mode"] == "full"
    for wrong in (["run"], ["run", "None such"], ["status", "Mirror", "--entity", "x"]):
        with pytest.raises(CommandError):
            call_command("sync", *wrong)


def test_removing_takes_the_mirror_along_only_when_that_is_wanted(sync, sample_owner, tmp_path):
    runs.run_now(sample_owner, sync)
    run_due()
    files = list(tmp_path.rglob("mirror.sqlite3"))
    assert files
    setup.remove(sample_owner, sync)
    assert files[0].exists()
    assert not Schedule.objects.filter(kind="sync.run").exists()


@pytest.mark.database("sqlite")  # it says in SQLite's words that the trail cannot be written
def test_no_mirror_is_removed_unrecorded(sync, sample_owner):
    run_due()
    runs.run_now(sample_owner, sync)
    run_due()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER full BEFORE INSERT ON accounts_auditevent BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    try:
        with pytest.raises(DatabaseError):
            setup.remove(sample_owner, sync, with_data=True)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER full")
    assert (folder_of(sync) / "mirror.sqlite3").exists()
    setup.remove(sample_owner, sync, with_data=True)
    assert not folder_of(sync).exists()


def test_a_run_that_waits_for_its_turn_says_so_on_the_page_and_blames_nobody(
    sync, sample_owner, client, monkeypatch
):
    def crowded(*_args, **_more):
        raise NoTurn("As many requests are under way as may be.", retry_after=20)

    monkeypatch.setattr(work, "_looked", crowded)
    runs.run_now(sample_owner, sync, only=sync.entities.get(logical_name="contact"))
    run_due()
    client.force_login(sample_owner.user, backend="django.contrib.auth.backends.ModelBackend")
    content = client.get(sync.get_absolute_url()).content.decode()
    assert "Waiting for its turn: As many requests are under way as may be. It goes on <time" in content
    assert "Microsoft does not answer" not in content
