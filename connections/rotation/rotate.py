"""One short run of a rotation: as far as it gets now. What must wait is asked for as a run of its own.

pending → published → (proven) → active → retiring → removed. Every phase is read from the certificates' rows, so
that a run may die anywhere and the next one goes on from there.
"""

from datetime import timedelta
from typing import Any

from connections.models import Certificate, Connection
from connections.provisioning.outcome import noted
from connections.provisioning.turn import wait_for_turn
from connections.rotation import candidate, keys
from connections.rotation.emergency import cut
from connections.rotation.work import Rotation
from connections.standing import STANDING
from core.clock import now
from jobs.running import Running

ROTATABLE = (*STANDING, Connection.State.EXPIRED)


def rotate(run: Running, connection: Connection) -> dict[str, Any]:
    """Go on with the rotation of a connection, as the application itself where that is possible.

    Raises:
        WaitForPerson: only a person can publish the next certificate.
        Transient, Problem, MicrosoftError: see `provisioning.outcome.noted`.

    """
    if connection.state not in ROTATABLE:
        return {"rotated": False, "because": f"the connection is {connection.get_state_display().lower()}"}
    with noted(run, connection):
        wait_for_turn(run)
        return _advance(Rotation(run, connection))


def _advance(work: Rotation) -> dict[str, Any]:
    if work.run.payload.get("stage") != "retire":
        later = _renew(work)
        if later:
            return {"rotated": False, "next proof in seconds": round(later)}
    result: dict[str, Any] = {"rotated": True, **_retire(work)}
    if work.run.payload.get("cut"):
        result |= cut(work)
    return result


def _renew(work: Rotation) -> float:
    """Take the candidate as far as it goes. The seconds until it can go on, 0 when it is in use."""
    candidate.drop_stale(work)
    if work.candidate is None and _is_asked(work):
        work.run.progress(step="Key pair", message="")
        candidate.make(work)
    certificate = work.candidate
    if certificate is None:
        return 0.0
    work.run.progress(step="Publishing", message="The application vouches for its next certificate.")
    keys.publish(work, certificate)
    work.run.progress(step="Proof", message="A token and WhoAmI, with nothing cached.")
    later = candidate.prove(work, certificate)
    if later:
        with work.run.fenced():
            work.again(later, f"{certificate.pk}:proof:{certificate.proofs}:{work.run.id}")
        return later
    work.run.progress(step="Switch", message="")
    candidate.switch(work, certificate)
    return 0.0


def _is_asked(work: Rotation) -> bool:
    """A run asks for the replacement of one certificate. Repeated after that, it does not ask for another one."""
    asked = work.run.payload.get("replaces")
    active = work.active
    if active is not None and active.compromised_at is not None:
        return True
    return asked is not None and asked == (str(active.pk) if active else "")


def _retire(work: Rotation) -> dict[str, int]:
    """Remove the old certificates that nobody needs any more: how many, and how many had to be left for later."""
    ripe = [certificate for certificate in work.retiring() if _is_ripe(work, certificate)]
    removed = 0
    for certificate in ripe:
        work.run.progress(step="Removing the old certificate", message="")
        removed += keys.remove(work, certificate)
    return {"removed": removed, "left": len(ripe) - removed}


def _is_ripe(work: Rotation, certificate: Certificate) -> bool:
    if work.active is None:
        return False  # it may be the only one that still works
    if certificate.compromised_at is not None or certificate.retired_at is None:
        return True
    return certificate.retired_at + timedelta(seconds=work.profile.overlap) <= now()
