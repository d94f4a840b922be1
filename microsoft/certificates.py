"""Key pairs by which an application proves who it is.

https://learn.microsoft.com/en-us/entra/identity-platform/certificate-credentials
https://learn.microsoft.com/en-us/entra/identity-platform/howto-create-self-signed-certificate
"""

import base64
import datetime as dt
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

# Entra refuses a start in its own future, and clocks differ.
BACKDATED = dt.timedelta(minutes=5)
LONGEST_DAYS = 365


@dataclass(frozen=True)
class KeyPair:
    """A private key and its self-signed certificate; thumbprints are upper-case hex, times aware UTC."""

    private_key_pem: str = field(repr=False)
    certificate_pem: str
    der_base64: str
    thumbprint_sha1: str
    thumbprint_sha256: str
    not_before: dt.datetime
    not_after: dt.datetime


def make_certificate(common_name: str, days: int = 180, bits: int = 2048) -> KeyPair:
    """A fresh RSA key with a certificate that signs itself (SHA-256) and is valid for `days`, at most 365.

    RSA is the only kind of key that Entra accepts for applications.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise ValueError(f"A certificate may live from 1 to {LONGEST_DAYS} days")
    if bits < 2048:
        raise ValueError("A key needs 2048 bits or more")
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])
    start = dt.datetime.now(dt.UTC).replace(microsecond=0) - BACKDATED
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signing_only(), critical=True)
        .sign(key, hashes.SHA256())
    )
    private_key_pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return _described(certificate, private_key_pem)


def load_key_pair(private_key_pem: str, certificate_pem: str) -> KeyPair:
    """The same description for a pair that exists already; raises ValueError when the two do not belong together."""
    certificate = x509.load_pem_x509_certificate(certificate_pem.encode())
    key = serialization.load_pem_private_key(private_key_pem.encode(), password=None)
    if key.public_key() != certificate.public_key():
        raise ValueError("The certificate does not belong to the private key")
    return _described(certificate, private_key_pem)


def _described(certificate: x509.Certificate, private_key_pem: str) -> KeyPair:
    der = certificate.public_bytes(serialization.Encoding.DER)
    return KeyPair(
        private_key_pem=private_key_pem,
        certificate_pem=certificate.public_bytes(serialization.Encoding.PEM).decode(),
        # Standard base64 of the DER: Graph refuses the URL-safe kind, and PEM.
        der_base64=base64.b64encode(der).decode(),
        thumbprint_sha1=certificate.fingerprint(hashes.SHA1()).hex().upper(),  # noqa: S303 (Entra's name for a key)
        thumbprint_sha256=certificate.fingerprint(hashes.SHA256()).hex().upper(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def _signing_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
