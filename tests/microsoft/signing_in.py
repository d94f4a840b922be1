"""Signing somebody in at the sandbox, as an application and a browser do it together."""

import base64
import hashlib
import secrets

from tests.sandbox_browser import Browser
from tests.sandbox_client import Client


def sign_in(world, upn, scopes, tenant, **parameters):
    """The refresh token after a whole journey with PKCE and consent to all these scopes."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    proof = {
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    oidc = "openid profile offline_access"
    browser, client = Browser(world), Client(world)
    with browser.session, client.http:
        back = browser.sign_in(upn, f"{oidc} {' '.join(scopes)}", tenant=tenant, **proof, **parameters)
        # Consent was for all of them, but one token is for one resource.
        answer = client.redeem(
            back["code"], tenant, scope=f"{oidc} {scopes[0]}", code_verifier=verifier
        ).json()
    return answer["refresh_token"]
