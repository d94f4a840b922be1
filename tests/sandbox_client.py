"""Raw calls of the sandbox's Entra, for tests that look at single rules of the wire."""

import base64
import hashlib
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from sandbox.world import World
from tests.sandbox_browser import REDIRECT_URI, Browser

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class KeyPair:
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def base64(self) -> str:
        return base64.b64encode(self.der).decode()

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def thumbprint(self) -> str:
        return hashlib.sha1(self.der).hexdigest().upper()

    def x5t(self, algorithm: str = "sha1", padding: bool = True) -> str:
        text = base64.urlsafe_b64encode(hashlib.new(algorithm, self.der).digest()).decode()
        return text if padding else text.rstrip("=")

    def credential(self, **more) -> dict:
        return {"type": "AsymmetricX509Cert", "usage": "Verify", "key": self.base64, **more}


def make_key_pair(days: float = 90, start: datetime | None = None) -> KeyPair:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"test-{uuid.uuid4().hex[:8]}")])
    start = start or datetime.now(UTC) - timedelta(minutes=5)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return KeyPair(key, certificate)


def token_url(world: World, tenant: str = "organizations") -> str:
    return f"{world.places.login}/{tenant}/oauth2/v2.0/token"


def assertion(
    pair: KeyPair, client_id: str, audience: str, *, algorithm="PS256", headers=None, **claims
) -> str:
    """As MSAL makes it: float times, padded thumbprint, no nbf."""
    now = time.time()
    payload = {
        "aud": audience,
        "iss": client_id,
        "sub": client_id,
        "jti": str(uuid.uuid4()),
        "iat": now,
        "exp": now + 600,
    }
    headers = headers or {"x5t#S256": pair.x5t("sha256")}
    return jwt.encode({**payload, **claims}, pair.key, algorithm=algorithm, headers=headers)


class Client:
    """An HTTP session, the front app, and short cuts to tokens."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = str(world.ca_file)

    def token(self, tenant: str = "organizations", **form: str) -> requests.Response:
        front = self.world.front_app
        data = {"client_id": front.client_id, "client_secret": front.client_secret, **form}
        data = {name: value for name, value in data.items() if value is not None}
        return self.http.post(token_url(self.world, tenant), data=data, timeout=30)

    def redeem(self, code: str | None, /, tenant: str = "organizations", **form: str) -> requests.Response:
        values = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI} | form
        return self.token(tenant, **values)

    def refresh(self, token: str, tenant: str = "organizations", **form: str) -> requests.Response:
        return self.token(tenant, **{"grant_type": "refresh_token", "refresh_token": token, **form})

    def sign_in(self, upn: str, scope: str, **parameters: str) -> dict:
        """The token response after a whole journey through the pages."""
        answer = Browser(self.world).sign_in(upn, scope, **parameters)
        response = self.redeem(answer["code"])
        assert response.status_code == 200, response.text
        return response.json()

    def graph_token(self, upn: str, *names: str) -> str:
        scope = " ".join(f"{self.world.places.graph}/{name}" for name in names)
        return self.sign_in(upn, scope)["access_token"]

    def assert_certificate(
        self, pair: KeyPair, client_id: str, tenant: str, scope: str, **options
    ) -> requests.Response:
        url = token_url(self.world, tenant)
        audience = options.pop("audience", url)
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "scope": scope,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion(pair, client_id, audience, **options),
        }
        return self.http.post(url, data=form, timeout=30)

    def graph(self, method: str, path: str, token: str, **options) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
        url = f"{self.world.places.graph}/v1.0{path}"
        return self.http.request(method, url, headers=headers, timeout=30, **options)

    def register(self, token: str, pair: KeyPair | None = None, **document) -> dict:
        """An application with its service principal."""
        keys = [pair.credential()] if pair else []
        body = {"displayName": "Test", "signInAudience": "AzureADMyOrg", "keyCredentials": keys, **document}
        created = self.graph("POST", "/applications", token, json=body)
        assert created.status_code == 201, created.text
        principal = self.graph("POST", "/servicePrincipals", token, json={"appId": created.json()["appId"]})
        assert principal.status_code == 201, principal.text
        return {**created.json(), "principal": principal.json()}
