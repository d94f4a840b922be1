"""The sandbox's own certificate authority: made once, kept, and good for this machine only."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ADDRESSES = ("127.0.0.1", "::1")
CA_LIFE = timedelta(days=3650)
# Browsers refuse server certificates that live longer than about thirteen months.
SERVER_LIFE = timedelta(days=390)
RENEW_BEFORE = timedelta(days=30)


class CertificateAuthority:
    """Files in `folder`: ca.pem and ca.key, server.pem and server.key."""

    def __init__(self, folder: Path) -> None:
        self.certificate_file = folder / "ca.pem"
        self._key_file = folder / "ca.key"
        self._server_file = folder / "server.pem"
        self._server_key_file = folder / "server.key"
        if not (self.certificate_file.exists() and self._key_file.exists()):
            self._create()
            self._server_file.unlink(missing_ok=True)
        if not self._server_is_good():
            self._issue_server()

    def context(self) -> ssl.SSLContext:
        """For a listener on localhost."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._server_file, self._server_key_file)
        return context

    def _create(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("Sandbox CA (this machine only)")
        certificate = (
            _builder(name, name, key.public_key(), CA_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            # Whoever trusts this authority trusts it for localhost, whatever becomes of its key.
            .add_extension(
                x509.NameConstraints(permitted_subtrees=_names(as_networks=True), excluded_subtrees=None),
                True,
            )
            .sign(key, hashes.SHA256())
        )
        _write_key(self._key_file, key)
        self.certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def _issue_server(self) -> None:
        issuer = x509.load_pem_x509_certificate(self.certificate_file.read_bytes())
        issuer_key = serialization.load_pem_private_key(self._key_file.read_bytes(), password=None)
        if not isinstance(issuer_key, ec.EllipticCurvePrivateKey):
            raise TypeError(
                f"{self._key_file} does not hold the key this sandbox made. Remove it to start anew."
            )
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder(_name("localhost"), issuer.subject, key.public_key(), SERVER_LIFE)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName(_names()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
            )
            .sign(issuer_key, hashes.SHA256())
        )
        _write_key(self._server_key_file, key)
        self._server_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def _server_is_good(self) -> bool:
        if not (self._server_file.exists() and self._server_key_file.exists()):
            return False
        certificate = x509.load_pem_x509_certificate(self._server_file.read_bytes())
        return certificate.not_valid_after_utc - datetime.now(UTC) > RENEW_BEFORE


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _names(*, as_networks: bool = False) -> list[x509.GeneralName]:
    parse = ipaddress.ip_network if as_networks else ipaddress.ip_address
    return [x509.DNSName("localhost"), *(x509.IPAddress(parse(address)) for address in ADDRESSES)]


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, life: timedelta
) -> x509.CertificateBuilder:
    start = datetime.now(UTC) - timedelta(minutes=5)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(pem)
