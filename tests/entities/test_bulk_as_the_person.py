"""Work on many records of an integration that acts as the person: the job works with their authorization, or waits."""

from accounts.models import Authorization
from entities.models import BulkRow
from entities.services import bulk as bulks
from integrations.models import Integration
from integrations.operations import Service
from jobs.models import JobRun
from jobs.testing import run_due
from tests.entities.test_as_the_person import personal  # noqa: F401
from tests.entities.test_bulk import actor, finished, made, selection_of, states, word  # noqa: F401


def test_it_runs_as_the_person_and_waits_without_them(actor, made, personal):  # noqa: F811
    records = Service.on(Integration.objects.get(), "development", actor).entity("account")
    bulk = bulks.plan_edit(actor, records, selection_of(records, made), {"telephone1": "+1 me"})
    bulk = finished(bulks.begin(actor, bulk))
    assert states(bulk) == {BulkRow.State.DONE: 12}
    undoing = bulks.begin(actor, bulks.undo(actor, records, bulk))
    Authorization.objects.update(state=Authorization.State.REVOKED)
    run_due(early=True)
    undoing.refresh_from_db()
    assert undoing.run.state == JobRun.State.WAITING
    assert undoing.run.error["remedy"]["label"]
    bulks.discard(actor, undoing)
    assert JobRun.objects.get(pk=undoing.run_id).state == JobRun.State.CANCELLED
