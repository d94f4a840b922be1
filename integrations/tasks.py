"""The job handlers of integrations."""

from typing import Any

from integrations.models import Integration
from integrations.publication import carry_out
from integrations.services import publishing
from jobs.handlers import job
from jobs.running import Running


def _integration(run: Running) -> Integration:
    return Integration.objects.select_related("team", "environment").get(pk=run.subject_id)


@job(publishing.KIND, title="Publish an integration", max_attempts=5, limit=300)
def publish(run: Running) -> dict[str, Any]:
    return carry_out(run, _integration(run))
