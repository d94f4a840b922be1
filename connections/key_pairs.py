"""A connection's next key pair, in memory. Whoever makes it stores it, encrypted, before anything is published:
a published key that nobody holds is an orphan.
"""

from connections.models import Certificate, Connection
from connections.models.certificate import PrivateKey
from connections.names import common_name
from microsoft.certificates import make_certificate


def new_certificate(connection: Connection) -> Certificate:
    """Not saved yet."""
    pair = make_certificate(common_name(connection))
    certificate = Certificate(
        connection=connection,
        thumbprint_sha1=pair.thumbprint_sha1,
        thumbprint_sha256=pair.thumbprint_sha256,
        not_before=pair.not_before,
        not_after=pair.not_after,
        public_pem=pair.certificate_pem,
    )
    certificate.private_key = PrivateKey(pem=pair.private_key_pem)
    return certificate
