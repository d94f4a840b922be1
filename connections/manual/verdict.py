"""What Entra and the environment answer to the connection's own key, asked with nothing cached."""

import re

from connections import clients
from connections.provisioning.work import Work
from core.cloud import cloud, door
from microsoft.dataverse import Dataverse
from microsoft.errors import MicrosoftError, Transient
from microsoft.identity import CertificateTokens

UNKNOWN_APPLICATION = "700016"
NO_PRINCIPAL = "7000229"
PRINCIPAL_DISABLED = "7000112"
UNKNOWN_KEY = "700027"
_AADSTS = re.compile(r"AADSTS(\d+)")


def ask(work: Work, client_id: str = "") -> MicrosoftError | None:
    """Why Entra gives no token for the environment, or None when it does.

    Raises:
        Transient: it could not be asked.

    """
    tokens = _tokens(work, client_id) if client_id else _own_tokens(work)
    try:
        tokens.token(cloud().environment_default_scope(work.connection.environment.url))
    except Transient:
        raise
    except MicrosoftError as error:
        return error
    return None


def speaks_of(error: MicrosoftError | None, *numbers: str) -> bool:
    return error is not None and bool(set(numbers) & set(_AADSTS.findall(error.message)))


def environment(work: Work) -> Dataverse:
    """The environment as the application."""
    url = work.connection.environment.url
    return Dataverse(door(), url, _own_tokens(work), default_scope=True)


def _own_tokens(work: Work) -> CertificateTokens:
    return clients.certificate_tokens(work.connection, work.certificate)


def _tokens(work: Work, client_id: str) -> CertificateTokens:
    certificate = work.certificate
    tenant = str(work.connection.environment.tenant_id)
    return CertificateTokens(door(), tenant, client_id, certificate.private_key.pem, certificate.public_pem)
