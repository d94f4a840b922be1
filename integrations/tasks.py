"""The job handlers of integrations."""

from typing import Any

from celery.signals import beat_init

from core.problems import Problem
from integrations.api.repeating import forget_old_attempts
from integrations.metering import usage
from integrations.models import Drift, Integration
from integrations.publication import carry_out
from integrations.services import choosing, drifts, publishing
from jobs.handlers import job
from jobs.running import Running
from jobs.scheduling import ensure_schedule

DRIFT_ROUND = "integrations.drift_round"
USAGE_ROUND = "integrations.usage_round"
HOUR = 3600


def _integration(run: Running) -> Integration:
    return Integration.objects.select_related("team", "environment").get(pk=run.subject_id)


@job(publishing.KIND, title="Publish an integration", max_attempts=5, limit=300)
def publish(run: Running) -> dict[str, Any]:
    return carry_out(run, _integration(run))


@job(choosing.KIND, title="Read the chosen entities", max_attempts=5, limit=900)
def choose_entities(run: Running) -> dict[str, Any]:
    return choosing.carry_out(run, _integration(run))


@job(
    drifts.CHECK,
    title="Compare an integration with its environments",
    max_attempts=4,
    limit=300,
    duty=drifts.DUTY,
)
def check_drift(run: Running) -> dict[str, Any]:
    return {"drifted": [str(found.environment) for found in drifts.check(_integration(run))]}


@job(DRIFT_ROUND, title="Compare all integrations with their environments", limit=3000, duty=drifts.DUTY)
def drift_round(run: Running) -> dict[str, Any]:
    """All of them, one after the other; what cannot be asked now is asked in the next round."""
    watched = list(drifts.watched())
    drifted, failed = 0, []
    for number, integration in enumerate(watched):
        run.progress(done=number, total=len(watched), step=str(integration))
        try:
            drifted += len(drifts.check(integration))
        except Problem as problem:
            failed.append(f"{integration}: {problem.message}")
    return {"compared": len(watched), "drifted": drifted, "not asked": failed}


@job(drifts.NOTIFY, title="Write to a team about a drift", max_attempts=8, limit=120, duty=drifts.DUTY)
def notify_drift(run: Running) -> dict[str, Any]:
    found = (
        Drift.objects.select_related("integration__team", "environment")
        .filter(pk=run.payload["drift"])
        .first()
    )
    return {"written to": drifts.tell(found) if found else 0}


@job(USAGE_ROUND, title="Account for the calls of services", limit=300, duty="usage")
def usage_round(run: Running) -> dict[str, Any]:  # noqa: ARG001
    """Pages gather by themselves; this keeps what waits short where nobody looks."""
    return {
        "calls": usage.gather(),
        "old attempts": forget_old_attempts(),
        "old hours": usage.forget_old(),
    }


@beat_init.connect
def keep_schedules(**_kwargs: Any) -> None:
    """The clock starts with our rounds in its table; what an operator changed there about being enabled stays."""
    ensure_schedule("Drift: round every six hours", DRIFT_ROUND, interval=6 * HOUR)
    ensure_schedule("Services: account for calls", USAGE_ROUND, interval=HOUR // 4)
