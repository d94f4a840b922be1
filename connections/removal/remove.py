"""One removal run: everything at Microsoft that can be taken away is; what cannot stays on record."""

from django.db import transaction

from accounts import audit, gate
from accounts.actors import Actor
from connections import clients
from connections.models import Certificate, Connection
from connections.plans import removal_of
from connections.provisioning.outcome import noted
from connections.provisioning.runner import carry_out_each
from connections.provisioning.turn import wait_for_turn
from connections.provisioning.work import Work
from core.problems import Problem
from jobs.running import Running

State = Connection.State


def remove(run: Running, connection: Connection) -> dict[str, str]:
    """Take the connection away, with the authorization of the person who asked.

    Raises:
        Problem: some of it was refused; the connection stays *removing* with the reasons, to be tried again.
        WaitForPerson, Transient: as for provisioning.

    """
    if connection.state != State.REMOVING:
        return {}
    with noted(run, connection):
        wait_for_turn(run)
        authorization = gate.require(
            run.actor, connection.team, connection.environment.tenant_id, connection.reach
        )
        refused = carry_out_each(Work(run, connection, authorization), removal_of(connection))
        if refused:
            raise Problem(
                "Not everything could be removed. " + " ".join(refused),
                advice="Mend what the steps say and try again, or remove the rest at Microsoft by hand "
                "and then forget the connection here.",
            )
        with run.fenced():
            close(run.actor, connection)
    return {"connection": str(connection.pk)}


def close(actor: Actor, connection: Connection, reason: str = "") -> None:
    """Our own side of it: private keys are destroyed, the row stays for the trail. Call it in a transaction."""
    with transaction.atomic():
        row = Connection.objects.select_for_update().get(pk=connection.pk)
        row.certificates.update(state=Certificate.State.REMOVED, sealed_key="", left_behind=False)
        row.state, row.reason = State.REMOVED, reason
        row.save(update_fields=["state", "reason"])
        audit.record(actor, "removed", row, message=reason)
    clients.forget(connection)
