"""How the sign-in app proves itself with a certificate where social-auth redeems the code.

https://learn.microsoft.com/en-us/entra/identity-platform/certificate-credentials
"""

import base64
import time
import uuid

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from microsoft.identity import ClientCertificate

LIFETIME = 600


def assertion_for(app: ClientCertificate, token_endpoint: str) -> str:
    """A signed statement, good for ten minutes and this token endpoint, that the app is who it says."""
    certificate = x509.load_pem_x509_certificate(app.certificate_pem.encode())
    thumbprint = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256())).rstrip(b"=").decode()
    now = int(time.time())
    claims = {
        "aud": token_endpoint,
        "iss": app.client_id,
        "sub": app.client_id,
        "jti": str(uuid.uuid4()),
        "nbf": now - 60,
        "iat": now,
        "exp": now + LIFETIME,
    }
    return jwt.encode(claims, app.private_key_pem, algorithm="PS256", headers={"x5t#S256": thumbprint})
