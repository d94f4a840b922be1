"""What applications prove themselves with: certificates and secrets."""

import hashlib
import hmac
import secrets
import sqlite3
import uuid
from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.clock import Clock
from sandbox.database import Database


@dataclass(frozen=True, slots=True)
class Certificate:
    """A public certificate, read once. Thumbprints are upper-case hex, times are POSIX seconds."""

    der: bytes
    sha1: str
    sha256: str
    start: float
    end: float
    subject: str


@dataclass(frozen=True, slots=True)
class KeyCredential:
    key_id: str
    type: str
    usage: str
    display_name: str | None
    identifier: str
    certificate: bytes
    sha1: str
    sha256: str
    start: float
    end: float
    usable_at: float


@dataclass(frozen=True, slots=True)
class PasswordCredential:
    key_id: str
    display_name: str | None
    hint: str
    start: float
    end: float


class Credentials:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def keys(self, application_id: str) -> list[KeyCredential]:
        rows = self._database.read().execute(
            "SELECT * FROM key_credential WHERE application_id = ? ORDER BY position", (application_id,)
        )
        return [_key(row) for row in rows]

    def replace_keys(self, application_id: str, keys: list[KeyCredential]) -> None:
        """Store exactly these."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM key_credential WHERE application_id = ?", (application_id,))
            connection.executemany(
                "INSERT INTO key_credential VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        key.key_id,
                        application_id,
                        position,
                        key.type,
                        key.usage,
                        key.display_name,
                        key.identifier,
                        key.certificate,
                        key.sha1,
                        key.sha256,
                        key.start,
                        key.end,
                        key.usable_at,
                    )
                    for position, key in enumerate(keys)
                ],
            )

    def key_by_thumbprint(
        self, application_id: str, *, sha1: str = "", sha256: str = ""
    ) -> KeyCredential | None:
        """A replicated key, expired or not."""
        now = self._clock.timestamp()
        return next(
            (
                key
                for key in self.keys(application_id)
                if key.usable_at <= now and ((sha1 and key.sha1 == sha1) or (sha256 and key.sha256 == sha256))
            ),
            None,
        )

    def passwords(self, application_id: str) -> list[PasswordCredential]:
        rows = self._database.read().execute(
            "SELECT * FROM password_credential WHERE application_id = ? ORDER BY start, key_id",
            (application_id,),
        )
        return [
            PasswordCredential(row["key_id"], row["display_name"], row["hint"], row["start"], row["end"])
            for row in rows
        ]

    def add_password(
        self, application_id: str, display_name: str | None, end: float
    ) -> tuple[PasswordCredential, str]:
        """A new secret and its text, which is not kept."""
        secret = secrets.token_urlsafe(30)
        start = self._clock.timestamp()
        password = PasswordCredential(str(uuid.uuid4()), display_name, secret[:3], start, end)
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO password_credential VALUES (?, ?, ?, ?, ?, ?, ?)",
                (password.key_id, application_id, display_name, password.hint, _digest(secret), start, end),
            )
        return password, secret

    def remove_password(self, application_id: str, key_id: str) -> bool:
        with self._database.write() as connection:
            cursor = connection.execute(
                "DELETE FROM password_credential WHERE application_id = ? AND key_id = ?",
                (application_id, key_id),
            )
        return cursor.rowcount > 0

    def check_password(self, application_id: str, secret: str) -> str:
        """One of: good, expired, wrong."""
        digest = _digest(secret)
        rows = self._database.read().execute(
            "SELECT digest, end FROM password_credential WHERE application_id = ?", (application_id,)
        )
        for row in rows:
            if hmac.compare_digest(row["digest"], digest):
                return "good" if row["end"] > self._clock.timestamp() else "expired"
        return "wrong"


@lru_cache(maxsize=1024)
def read_certificate(der: bytes) -> Certificate:
    """Raises ValueError if it is not an X.509 certificate with an RSA key."""
    certificate = x509.load_der_x509_certificate(der)
    if not isinstance(certificate.public_key(), rsa.RSAPublicKey):
        raise ValueError("Only RSA keys are supported.")  # noqa: TRY004 - the caller answers both alike
    return Certificate(
        der=der,
        sha1=certificate.fingerprint(hashes.SHA1()).hex().upper(),  # noqa: S303 - Entra's key identifier
        sha256=certificate.fingerprint(hashes.SHA256()).hex().upper(),
        start=certificate.not_valid_before_utc.timestamp(),
        end=certificate.not_valid_after_utc.timestamp(),
        subject=certificate.subject.rfc4514_string(),
    )


@lru_cache(maxsize=1024)
def public_key(der: bytes) -> rsa.RSAPublicKey:
    """The key of a certificate that `read_certificate` accepted."""
    key = x509.load_der_x509_certificate(der).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("Only RSA keys are supported.")  # noqa: TRY004 - as above
    return key


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: sqlite3.Row) -> KeyCredential:
    return KeyCredential(**{name: row[name] for name in KeyCredential.__dataclass_fields__})
