"""The next key pair: made, proven with nothing cached, put to use."""

from datetime import timedelta

from accounts import audit
from connections import clients
from connections.key_pairs import new_certificate
from connections.models import Certificate, Connection
from connections.provisioning.proof import who_am_i
from connections.rotation.due import is_due
from connections.rotation.work import Rotation, State
from connections.standing import check_again, note_standing
from core.clock import now
from core.problems import Problem
from microsoft.errors import CredentialRejected, Forbidden, NotReplicated, Unauthorized

NOT_YET = (Forbidden, Unauthorized, CredentialRejected, NotReplicated)
RETRY = 10.0


def make(work: Rotation) -> Certificate:
    """Stored, encrypted, before anything is published: a published key nobody holds is an orphan."""
    certificate = new_certificate(work.connection)
    with work.run.fenced():
        certificate.save(force_insert=True)
    return certificate


def drop_stale(work: Rotation) -> None:
    """A candidate that waited so long that it would have to be replaced itself is not worth proving."""
    candidate = work.candidate
    if candidate is not None and is_due(candidate):
        work.note(candidate, state=State.RETIRING, retired_at=None)


def prove(work: Rotation, certificate: Certificate) -> float:
    """Ask Entra for a token and the environment who we are, as often as is due now.

    Returns the seconds to wait before it must be called again, 0 when the certificate is proven.

    Raises:
        NotReplicated: refused, as a new key may be for a while; call again.
        Problem, MicrosoftError: refused for longer than that, or recognised as somebody else.

    """
    while certificate.proofs < _needed(work):
        wait = _seconds_to_go(work, certificate)
        if wait > 0:
            return wait
        _prove_once(work, certificate)
    return 0.0


def switch(work: Rotation, certificate: Certificate) -> None:
    """Make this the certificate that calls use, in every process from its next call on.

    One that was declared compromised a moment ago is left alone: the run that follows makes another.
    """
    connection = work.connection
    with work.run.fenced():
        mine = Certificate.objects.select_for_update().get(pk=certificate.pk)
        if mine.state != State.PUBLISHED or mine.compromised_at is not None:
            return
        living = connection.certificates.exclude(pk=certificate.pk)
        for old in living.filter(state=State.ACTIVE):
            Certificate.objects.filter(pk=old.pk).update(state=State.RETIRING, retired_at=now())
            work.again(work.profile.overlap, f"{old.pk}:retire", retire=True)
        Certificate.objects.filter(pk=certificate.pk).update(state=State.ACTIVE, activated_at=now())
        row = Connection.objects.select_for_update().get(pk=connection.pk)
        row.proven_at = row.tested_at = now()
        row.test_error = {}
        if row.state in (Connection.State.EXPIRED, Connection.State.DEGRADED):
            row.state = Connection.State.READY
        if row.state == Connection.State.READY:
            row.reason = ""
        row.save(update_fields=["proven_at", "tested_at", "test_error", "state", "reason"])
        note_standing(row)
        check_again(row)
        audit.record(work.run.actor, "rotated the certificate of", row)
    clients.forget(connection)
    connection.refresh_from_db()


def _needed(work: Rotation) -> int:
    return 1 if work.is_emergency else work.profile.proofs


def _seconds_to_go(work: Rotation, certificate: Certificate) -> float:
    if certificate.proven_at is not None and certificate.proofs:
        due = certificate.proven_at + timedelta(seconds=work.profile.gap)
    else:
        due = (certificate.published_at or now()) + timedelta(seconds=work.profile.settling)
    return (due - now()).total_seconds()


def _prove_once(work: Rotation, certificate: Certificate) -> None:
    try:
        who = who_am_i(work.connection, certificate)
    except NOT_YET as error:
        if certificate.proofs:
            work.note(certificate, proofs=0)  # in a row: another region has not heard of it
        published = certificate.published_at or now()
        if (now() - published).total_seconds() > work.profile.patience:
            raise
        raise NotReplicated(
            error.message,
            retry_after=RETRY if work.profile.settling else None,
            code=error.code,
            request_id=error.request_id,
            correlation_id=error.correlation_id,
        ) from error
    if who.user_id.lower() != work.connection.identifiers.application_user_id.lower():
        raise Problem(
            "The environment knows the application as another user than the one that was set up.",
            advice="Check the connection's health and mend what it names, then rotate again.",
        )
    work.note(certificate, proofs=certificate.proofs + 1, proven_at=now())
