"""The documents a client reads before it speaks: endpoints, keys, and which hosts are one cloud.

https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
"""

from typing import Any

from sandbox.places import Places
from sandbox.tokens import TokenAuthority

PLACEHOLDER = "{tenantid}"


def openid_configuration(places: Places, segment: str, tenant_id: str | None) -> dict[str, Any]:
    """For the tenant as the client spelled it; without a tenant the issuer keeps its placeholder."""
    base = f"{places.login}/{segment}"
    pages = f"{places.pages}/{segment}"
    return {
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": [
            "client_secret_post",
            "private_key_jwt",
            "client_secret_basic",
        ],
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{places.login}/{tenant_id or PLACEHOLDER}/v2.0",
        "request_uri_parameter_supported": False,
        "userinfo_endpoint": f"{places.graph}/oidc/userinfo",
        "authorization_endpoint": f"{pages}/oauth2/v2.0/authorize",
        "http_logout_supported": True,
        "frontchannel_logout_supported": True,
        "end_session_endpoint": f"{pages}/oauth2/v2.0/logout",
        "claims_supported": [
            "sub",
            "iss",
            "aud",
            "exp",
            "iat",
            "nonce",
            "preferred_username",
            "name",
            "tid",
            "ver",
            "oid",
        ],
        "tenant_region_scope": None,
        "cloud_instance_name": places.login.removeprefix("https://"),
    }


def keys(places: Places, authority: TokenAuthority) -> dict[str, Any]:
    return {"keys": [authority.jwk() | {"issuer": f"{places.login}/{PLACEHOLDER}/v2.0"}]}


def instances(places: Places, segment: str = "common") -> dict[str, Any]:
    """Instance discovery: which host names are aliases of one another."""
    host = places.login.removeprefix("https://")
    return {
        "tenant_discovery_endpoint": f"{places.login}/{segment}/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    }
