"""The job handlers of connections."""

from typing import Any

from celery.signals import beat_init

from connections.health import notices
from connections.manual import letter
from connections.models import Connection
from connections.provisioning.provision import provision as carry_provision_out
from connections.removal.remove import remove as carry_removal_out
from connections.role_application import apply_role as carry_role_out
from connections.rotation.rotate import rotate as carry_rotation_on
from connections.rotation.work import KIND as ROTATE
from connections.services import health, manual, provisioning, removal, rotation
from connections.standing import APPLY_ROLE, CHECK
from jobs.handlers import job
from jobs.running import Running
from jobs.scheduling import ensure_schedule

ROTATION_ROUND = "connections.rotation_round"
HEALTH_ROUND = "connections.health_round"
HOUR, DAY = 3600, 86400


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


@job(ROTATE, title="Rotate a connection's certificate", max_attempts=15, limit=300, duty="rotation")
def rotate(run: Running) -> dict[str, Any]:
    return carry_rotation_on(run, _connection(run))


@job(ROTATION_ROUND, title="Look for certificates to rotate", limit=900, duty="rotation")
def rotation_round(run: Running) -> dict[str, Any]:
    """Ask for what is due. One run for each connection, so that one that fails keeps no other from being done."""
    needing = rotation.needing_rotation()
    for number, connection in enumerate(needing):
        run.progress(done=number, total=len(needing), step=str(connection))
        rotation.go_on(connection)
    return {"asked for": len(needing)}


@job(CHECK, title="Check a connection", max_attempts=3, limit=120, duty="health")
def check(run: Running) -> dict[str, Any]:
    return {"broken": health.check_unattended(_connection(run))}


@job(HEALTH_ROUND, title="Check all connections", limit=3000, duty="health")
def health_round(run: Running) -> dict[str, Any]:
    broken = checked = 0
    for connection in health.check_all():
        checked += 1
        broken += bool(connection.broken_link)
        run.progress(done=checked, step=str(connection))
    return {"checked": checked, "broken": broken}


@job(notices.KIND, title="Write to a team about a connection", max_attempts=8, limit=120, duty="health")
def notify(run: Running) -> dict[str, Any]:
    return {"written to": notices.send(_connection(run), **run.payload)}


@job(notices.WEBHOOK, title="Tell a webhook about a connection", max_attempts=16, limit=60, duty="health")
def webhook(run: Running) -> dict[str, Any]:
    return {"told": notices.post(run.payload, run.id)}


@job(letter.KIND, title="Send an administrator the instructions", max_attempts=8, limit=120)
def send_instructions(run: Running) -> dict[str, Any]:
    connection = _connection(run)
    certificate = manual.handed_over(connection)
    return {"written to": letter.send(connection, certificate, run.payload["to"], run.actor.label)}


@beat_init.connect
def keep_schedules(**_kwargs: Any) -> None:
    """The clock starts with our rounds in its table; what an operator changed there about being enabled stays."""
    ensure_schedule("Certificates: daily round", ROTATION_ROUND, interval=DAY)
    ensure_schedule("Health: hourly round", HEALTH_ROUND, interval=HOUR)
