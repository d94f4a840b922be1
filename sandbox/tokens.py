"""Signed tokens: the authority that issues them and every service that checks them.

Access tokens have the shape of Entra's v1 tokens, which is what Graph and Dataverse get:
https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
"""

import hashlib
import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.clock import Clock
from sandbox.database import Database

LIFETIME = 3599
REMEMBERED = 4096
SKEW = 300  # what Microsoft's services allow a caller's clock to be off


class InvalidToken(Exception):  # noqa: N818 - a verdict on the caller, not a fault of ours
    """`reason` is one of: missing, malformed, signature, expired, early, audience."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Claims:
    """What a service may believe about its caller."""

    tid: str
    oid: str
    appid: str
    idtyp: str  # "user" or "app"
    scp: frozenset[str]
    name: str
    upn: str
    aud: str
    exp: int
    raw: dict[str, Any]

    @property
    def is_application(self) -> bool:
        return self.idtyp == "app"


class TokenAuthority:
    """One signing key, kept with the directory, for all tenants."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._clock = clock
        self._key, self.kid = _load_or_create_key(database)
        self._public = self._key.public_key()
        self._seen: OrderedDict[bytes, Claims] = OrderedDict()
        self._lock = threading.Lock()

    def jwk(self) -> dict[str, Any]:
        """The public half as a JSON Web Key, without Entra's `issuer` and `x5c`, which depend on the wire."""
        return {
            "kty": "RSA",
            "use": "sig",
            "kid": self.kid,
            "x5t": self.kid,
            **{
                k: v
                for k, v in jwt.algorithms.RSAAlgorithm.to_jwk(self._public, as_dict=True).items()
                if k in "ne"
            },
        }

    def sign(self, claims: dict[str, Any]) -> str:
        """Any JWT of this authority: id tokens and access tokens alike."""
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self.kid, "x5t": self.kid})

    def issue(
        self,
        *,
        audience: str,
        tenant_id: str,
        object_id: str,
        app_id: str,
        scopes: frozenset[str] | None = None,
        name: str = "",
        upn: str = "",
        client_auth: str = "1",
        lifetime: int = LIFETIME,
        extra: dict[str, Any] | None = None,
    ) -> str:
        """An access token: for a person when `scopes` is given, else for the application itself.

        `client_auth` is Entra's appidacr: 0 public client, 1 secret, 2 certificate.
        """
        now = int(self._clock.timestamp())
        claims: dict[str, Any] = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{tenant_id}/",
            "iat": now,
            "nbf": now,
            "exp": now + lifetime,
            "appid": app_id,
            "appidacr": client_auth,
            "idtyp": "app" if scopes is None else "user",
            "oid": object_id,
            "sub": object_id if scopes is None else pairwise(object_id, audience),
            "tid": tenant_id,
            "uti": uuid.uuid4().hex[:22],
            "ver": "1.0",
        }
        if scopes is not None:
            claims |= {"scp": " ".join(sorted(scopes)), "name": name, "upn": upn, "unique_name": upn}
        return self.sign(claims | (extra or {}))

    def verify(self, bearer: str, audience: str) -> Claims:
        """The claims of an access token meant for `audience`, an origin without trailing slash.

        Raises InvalidToken. A valid signature is remembered by the token's hash; times are checked
        on every call, since the clock may have been moved.
        """
        claims = self._checked(bearer)
        now = self._clock.timestamp()
        if claims.exp <= now:
            raise InvalidToken("expired", "Lifetime validation failed, the token is expired.")
        if claims.raw.get("nbf", 0) > now + SKEW:
            raise InvalidToken("early", "Lifetime validation failed, the token is not yet valid.")
        if claims.aud.rstrip("/") != audience:
            raise InvalidToken("audience", "Access token validation failure. Invalid audience.")
        return claims

    def _checked(self, bearer: str) -> Claims:
        digest = hashlib.sha256(bearer.encode("utf-8", "surrogateescape")).digest()
        with self._lock:
            known = self._seen.get(digest)
        if known:
            return known
        claims = _claims(self._decode(bearer))
        with self._lock:
            self._seen[digest] = claims
            if len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        return claims

    def _decode(self, bearer: str) -> dict[str, Any]:
        if not bearer:
            raise InvalidToken("missing", "Access token is empty.")
        options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}
        try:
            decoded: dict[str, Any] = jwt.decode(bearer, self._public, algorithms=["RS256"], options=options)
        except jwt.InvalidSignatureError as error:
            raise InvalidToken("signature", "Access token validation failure. Invalid signature.") from error
        except (jwt.PyJWTError, ValueError) as error:
            raise InvalidToken("malformed", "CompactToken parsing failed.") from error
        return decoded


def pairwise(object_id: str, audience: str) -> str:
    """Entra's `sub`: the same person is somebody else to every application."""
    digest = hashlib.sha256(f"{object_id}|{audience}".encode()).digest()
    return jwt.utils.base64url_encode(digest).decode()


def _claims(raw: dict[str, Any]) -> Claims:
    try:
        return Claims(
            tid=raw["tid"],
            oid=raw["oid"],
            appid=raw["appid"],
            idtyp=raw["idtyp"],
            scp=frozenset(raw.get("scp", "").split()),
            name=raw.get("name", ""),
            upn=raw.get("upn", ""),
            aud=raw["aud"],
            exp=raw["exp"],
            raw=raw,
        )
    except KeyError as error:
        # Signed by us but not an access token: somebody sent an id token.
        raise InvalidToken("audience", "Access token validation failure. Invalid audience.") from error


def _load_or_create_key(database: Database) -> tuple[rsa.RSAPrivateKey, str]:
    with database.write() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS signing_key (kid TEXT NOT NULL, pem BLOB NOT NULL)")
        row = connection.execute("SELECT kid, pem FROM signing_key").fetchone()
        if row is None:
            new = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            pem = new.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            kid = jwt.utils.base64url_encode(hashlib.sha256(pem).digest()[:20]).decode()
            connection.execute("INSERT INTO signing_key VALUES (?, ?)", (kid, pem))
            row = {"kid": kid, "pem": pem}
    # Checking its primes again takes longer than everything else at a start.
    key = serialization.load_pem_private_key(row["pem"], password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("The directory's signing key is not an RSA key.")
    return key, row["kid"]
