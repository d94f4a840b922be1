"""The job handlers of connections."""

from typing import Any

from connections.models import Connection
from connections.provisioning.provision import provision as carry_provision_out
from connections.removal.remove import remove as carry_removal_out
from connections.role_application import apply_role as carry_role_out
from connections.services import provisioning, removal
from connections.standing import APPLY_ROLE
from jobs.handlers import job
from jobs.running import Running


def _connection(run: Running) -> Connection:
    return Connection.objects.select_related("team", "environment").get(pk=run.subject_id)


@job(provisioning.KIND, title="Provision a connection", max_attempts=10, limit=900)
def provision(run: Running) -> dict[str, Any]:
    return carry_provision_out(run, _connection(run))


@job(removal.KIND, title="Remove a connection", max_attempts=6, limit=900)
def remove(run: Running) -> dict[str, Any]:
    return carry_removal_out(run, _connection(run))


@job(APPLY_ROLE, title="Apply a connection's role", max_attempts=6, limit=300)
def apply_role(run: Running) -> dict[str, Any]:
    return carry_role_out(run, _connection(run))
