"""What Graph tells about people, applications and keys."""

import base64
import binascii
import datetime as dt
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

# The audience of a proof is still the directory service that came before Graph.
PROOF_AUDIENCE = "00000002-0000-0000-c000-000000000000"
PROOF_SECONDS = 600


@dataclass(frozen=True)
class Person:
    id: str
    display_name: str
    upn: str


@dataclass(frozen=True)
class Key:
    """A certificate of an application; `thumbprint` is SHA-1 in upper-case hex, times aware UTC."""

    key_id: str
    thumbprint: str
    start: dt.datetime | None
    end: dt.datetime | None
    display_name: str = ""
    raw: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Self:
        return cls(
            key_id=str(found.get("keyId") or ""),
            thumbprint=_thumbprint(str(found.get("customKeyIdentifier") or "")),
            start=_moment(found.get("startDateTime")),
            end=_moment(found.get("endDateTime")),
            display_name=str(found.get("displayName") or ""),
            raw=dict(found),
        )

    def is_expired(self) -> bool:
        return self.end is not None and self.end <= dt.datetime.now(dt.UTC)

    def as_kept(self) -> dict[str, Any]:
        """The entry as it came, so that Graph sees it unchanged: altering an existing one is refused."""
        return {name: value for name, value in {**self.raw, "key": None}.items() if not name.startswith("@")}


@dataclass(frozen=True)
class Application:
    """`id` is the object id, `app_id` the client id."""

    id: str
    app_id: str
    display_name: str
    keys: list[Key]
    unique_name: str = ""

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Self:
        return cls(
            id=found["id"],
            app_id=found["appId"],
            display_name=found.get("displayName") or "",
            keys=[Key.read(key) for key in found.get("keyCredentials") or []],
            unique_name=found.get("uniqueName") or "",
        )


@dataclass(frozen=True)
class ServicePrincipal:
    id: str
    app_id: str
    enabled: bool

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Self:
        return cls(id=found["id"], app_id=found["appId"], enabled=bool(found.get("accountEnabled", True)))


def new_key(der: str | bytes) -> dict[str, Any]:
    """A keyCredential for a certificate (DER, or its standard base64).

    Identifier and dates are left to Graph, which takes them from the certificate and refuses near misses.
    """
    encoded = base64.b64encode(der).decode() if isinstance(der, bytes) else der
    certificate = x509.load_der_x509_certificate(base64.b64decode(encoded))
    return {
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
        "key": encoded,
        "displayName": certificate.subject.rfc4514_string()[:90],
    }


def sign_proof(object_id: str, private_key_pem: str, certificate_pem: str) -> str:
    """Proof of possession of a current key, valid for ten minutes, for `add_key` and `remove_key`.

    https://learn.microsoft.com/en-us/graph/application-rollkey-prooftoken
    """
    certificate = x509.load_pem_x509_certificate(certificate_pem.encode())
    key = serialization.load_pem_private_key(private_key_pem.encode(), password=None)
    fingerprint = certificate.fingerprint(hashes.SHA1())  # noqa: S303 (the key's name, not a signature)
    now = int(time.time())
    claims = {"aud": PROOF_AUDIENCE, "iss": object_id, "nbf": now, "exp": now + PROOF_SECONDS}
    named = {"x5t": base64.urlsafe_b64encode(fingerprint).decode().rstrip("=")}
    return jwt.encode(claims, key, algorithm="RS256", headers=named)  # type: ignore[arg-type]


def _thumbprint(identifier: str) -> str:
    """A customKeyIdentifier as hex; it comes as base64 of the bytes, as base64 of hex, or as hex."""
    if re.fullmatch(r"[0-9A-Fa-f]{40}", identifier):
        return identifier.upper()
    try:
        raw = base64.b64decode(identifier, validate=True)
    except binascii.Error:
        return identifier
    if len(raw) == 40 and re.fullmatch(rb"[0-9A-Fa-f]{40}", raw):
        return raw.decode().upper()
    return raw.hex().upper()


def _moment(value: Any) -> dt.datetime | None:
    if not value:
        return None
    moment = dt.datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
