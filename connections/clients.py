"""Clients that know how to authenticate. Nobody passes credentials."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from uuid import UUID

from django.db.models import FilteredRelation, Q

from accounts import vault
from accounts.models import Authorization
from connections.governor import governor_for, governor_of
from connections.models import Certificate, Connection, Environment
from connections.rotation.profile import profile
from core.clock import after
from core.cloud import door
from core.problems import Unavailable
from microsoft.dataverse import Dataverse
from microsoft.errors import CredentialRejected, NotReplicated
from microsoft.identity import CertificateTokens

KEPT = 500  # identities a process keeps warm; each is a key, a token and a few objects

# A draft has no active certificate, and neither has a first provisioning; a later one goes on answering calls.
CLOSED = (Connection.State.DISABLED, Connection.State.REMOVING, Connection.State.REMOVED)

_lock = threading.Lock()
_tokens: OrderedDict[UUID, tuple[UUID, str, CertificateTokens]] = OrderedDict()


def dataverse_for(connection: Connection, priority: str = "person") -> Dataverse:
    """The environment as the connection's application.

    A new active certificate or client id is picked up at the next call, in every process, without a restart.

    Raises:
        core.problems.Unavailable: the connection is not usable; the message says why.

    """
    active = FilteredRelation("certificates", condition=Q(certificates__state=Certificate.State.ACTIVE))
    rows = Connection.objects.annotate(active=active)
    state, sealed, certificate_id = rows.values_list("state", "sealed_identifiers", "active__pk").get(
        pk=connection.pk
    )
    if state in CLOSED:
        raise Unavailable(
            f"The connection {connection} is {Connection.State(state).label.lower()}.",
            advice="Open the connection to see what it needs.",
        )
    connection.sealed_identifiers = sealed
    if certificate_id is None:
        raise Unavailable(
            f"The connection {connection} has no active certificate.",
            advice="Open the connection and finish provisioning it.",
        )
    tokens = _CurrentTokens(connection, _cached(connection, certificate_id))
    environment = connection.environment
    return Dataverse(
        door(),
        environment.url,
        tokens,
        governor=governor_of(connection),
        priority=priority,
        default_scope=True,
    )


def dataverse_as(authorization: Authorization, environment: Environment) -> Dataverse:
    """The environment as the person of this authorization, who is then subject to their own rights there."""
    return Dataverse(
        door(),
        environment.url,
        vault.tokens(authorization),
        governor=governor_for(environment, f"person-{authorization.pk}"),
    )


def certificate_tokens(
    connection: Connection, certificate: Certificate, *, proving: bool = False
) -> CertificateTokens:
    """Tokens by one certificate of the connection, with caches of their own.

    While `proving` a new key, Entra's refusal counts as not replicated yet.
    """
    return CertificateTokens(
        door(),
        str(connection.environment.tenant_id),
        connection.identifiers.client_id,
        certificate.private_key.pem,
        certificate.public_pem,
        replicating=proving,
    )


class _CurrentTokens:
    """Tokens by whichever certificate is in use, for a client that may outlive a rotation."""

    def __init__(self, connection: Connection, tokens: CertificateTokens) -> None:
        self._connection = connection
        self._tokens = tokens

    def token(self, scope: str, *, claims: str | None = None) -> str:
        """As `CertificateTokens.token`. A key that Entra refuses is looked up again, then the one before is tried.

        Entra hears of a new key here sooner than there, and of a removed one too. While the key in use is so new
        that this may be the reason for its refusal, that is NotReplicated.
        """
        try:
            return self._tokens.token(scope, claims=claims)
        except CredentialRejected as refusal:
            for other in self._others():
                try:
                    token = other.token(scope, claims=claims)
                except CredentialRejected:
                    continue
                self._tokens = other
                return token
            if not self._is_new():
                raise
            forget(self._connection)  # a refusal would be remembered longer than the lag may last
            raise NotReplicated.instead_of(refusal) from refusal

    def _is_new(self) -> bool:
        active = self._connection.certificates.filter(state=Certificate.State.ACTIVE)
        return active.filter(activated_at__gt=after(-profile().patience)).exists()

    def _others(self) -> Iterator[CertificateTokens]:
        known = self._connection.certificates.all()
        active = known.filter(state=Certificate.State.ACTIVE).values_list("pk", flat=True).first()
        if active is not None:
            current = _cached(self._connection, active)
            if current is not self._tokens:
                yield current
        for certificate in known.filter(state=Certificate.State.RETIRING, compromised_at__isnull=True):
            yield certificate_tokens(self._connection, certificate)


def forget(connection: Connection) -> None:
    """Drop this process's tokens of a connection."""
    with _lock:
        _tokens.pop(connection.pk, None)


def _cached(connection: Connection, certificate_id: UUID) -> CertificateTokens:
    """One object per connection and certificate in a process: MSAL's cache and its lock live in it."""
    client_id = connection.identifiers.client_id
    with _lock:
        known = _tokens.get(connection.pk)
        if known is not None and known[:2] == (certificate_id, client_id):
            _tokens.move_to_end(connection.pk)
            return known[2]
        certificate = connection.certificates.get(pk=certificate_id)
        if known is not None and known[1] == client_id:
            tokens = known[2].with_key(certificate.private_key.pem, certificate.public_pem)
        else:
            tokens = certificate_tokens(connection, certificate)
        _tokens[connection.pk] = (certificate_id, client_id, tokens)
        while len(_tokens) > KEPT:
            _tokens.popitem(last=False)
        return tokens
