"""Publishing and removing keys: by the application itself where it can, by a person where it cannot.

Where neither Isthmus nor the person may change the registration, an administrator does it by hand.

An application needs no permission to roll its own keys, only the proof that it holds a current one. It may not
read its own registration, though. So the id of a new key is chosen here and noted before it is sent: after a
crash the same id is removed, if it is there, and sent again, and no key is ever there twice.

https://learn.microsoft.com/en-us/graph/api/application-addkey
https://learn.microsoft.com/en-us/graph/application-rollkey-prooftoken
"""

import uuid
from collections.abc import Callable

from connections import clients
from connections.models import Certificate
from connections.provisioning.application import der
from connections.rotation.due import is_expired
from connections.rotation.work import Rotation, State
from core.clock import now
from core.cloud import cloud
from microsoft.errors import CredentialRejected, Forbidden, NotFound, Unauthorized
from microsoft.graph import Application, Key, sign_proof

# What Entra says when the application's own key is not (or no longer) one of its keys.
CANNOT_VOUCH = (CredentialRejected, Unauthorized, Forbidden)


def publish(work: Rotation, certificate: Certificate) -> None:
    """Have Entra know the certificate. Safe to repeat after a crash at any point."""
    if certificate.state != State.PENDING:
        return
    active = work.active
    key_id = ""
    if active is not None and work.object_id and not is_expired(active):
        key_id = _publish_by_itself(work, certificate, active)
    if not key_id and work.by_hand:
        _look_for_it(work, certificate)
        key_id = ""
    elif not key_id:
        key_id = _publish_by_person(work, certificate)
    work.note(certificate, state=State.PUBLISHED, published_at=now(), entra_key_id=key_id)


def remove(work: Rotation, certificate: Certificate) -> bool:
    """Have Entra forget the certificate, and destroy its private key.

    False where only a person could and none has asked: the daily round tries it again.
    """
    active = work.active
    done = certificate.entra_key_id == "" and certificate.published_at is None
    named = certificate.entra_key_id and work.object_id
    if not done and active is not None and named and not is_expired(active):
        done = _remove_by_itself(work, certificate, active)
    left = not done and work.by_hand
    if not done and not left:
        if work.run.actor.user is None:
            return False
        _keep_only(work, lambda key: not is_of(certificate, key))
    work.note(certificate, state=State.REMOVED, removed_at=now(), sealed_key="", left_behind=left)
    return True


def remove_strangers(work: Rotation, keep: Certificate) -> int:
    """As a person: leave nothing but this one. Whoever held a leaked key could have added one of their own."""
    return _keep_only(work, lambda key: is_of(keep, key))


def is_of(certificate: Certificate, key: Key) -> bool:
    return key.thumbprint.upper() in (
        certificate.thumbprint_sha1.upper(),
        certificate.thumbprint_sha256.upper(),
    )


def _publish_by_itself(work: Rotation, certificate: Certificate, active: Certificate) -> str:
    """The key's id, or "" where the application cannot vouch for itself any more."""
    graph, proof = work.graph_of(active), _proof(work, active)
    try:
        if certificate.entra_key_id:  # an earlier attempt may have got through without our knowing
            with work.change("removed a certificate of"):
                graph.remove_key(work.object_id, certificate.entra_key_id, proof)
        else:
            work.note(certificate, entra_key_id=str(uuid.uuid4()))
        with work.change("published a certificate of"):
            return graph.add_key(
                work.object_id, der(certificate), proof, key_id=certificate.entra_key_id
            ).key_id
    except CANNOT_VOUCH:
        return ""


def _look_for_it(work: Rotation, certificate: Certificate) -> None:
    """Whether the administrator has registered it by now. Raises WaitForPerson while Entra does not know it."""
    scope = cloud().environment_default_scope(work.connection.environment.url)
    try:
        clients.certificate_tokens(work.connection, certificate).token(scope)
    except CredentialRejected as error:
        if certificate.entra_key_id:  # it could not vouch after all: the id was never taken
            work.note(certificate, entra_key_id="")
        raise work.wait_for_administrator() from error


def _publish_by_person(work: Rotation, certificate: Certificate) -> str:
    application = work.graph_of_person.application(work.object_id)
    if not _find(application, certificate):
        keep = [key for key in application.keys if not _is_history(work, key)]
        with work.change("published a certificate of"):
            application = work.graph_of_person.set_keys(application.id, keep=keep, add=[der(certificate)])
    found = _find(application, certificate)
    return found.key_id if found else certificate.entra_key_id


def _remove_by_itself(work: Rotation, certificate: Certificate, active: Certificate) -> bool:
    try:
        with work.change("removed a certificate of"):
            work.graph_of(active).remove_key(work.object_id, certificate.entra_key_id, _proof(work, active))
    except CANNOT_VOUCH:
        return False
    return True


def _keep_only(work: Rotation, wanted: Callable[[Key], bool]) -> int:
    try:
        application = work.graph_of_person.application(work.object_id)
    except NotFound:
        return 0
    keep = [key for key in application.keys if wanted(key)]
    if len(keep) < len(application.keys):
        with work.change("removed a certificate of"):
            work.graph_of_person.set_keys(application.id, keep=keep)
    return len(application.keys) - len(keep)


def _is_history(work: Rotation, key: Key) -> bool:
    """A key of ours that should have gone: a restored backup or a lost answer left it behind."""
    removed = work.connection.certificates.filter(state=State.REMOVED)
    return any(is_of(certificate, key) for certificate in removed)


def _find(application: Application, certificate: Certificate) -> Key | None:
    return next((key for key in application.keys if is_of(certificate, key)), None)


def _proof(work: Rotation, active: Certificate) -> str:
    return sign_proof(work.object_id, active.private_key.pem, active.public_pem)
