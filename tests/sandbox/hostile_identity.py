"""Hostile requests to Entra, Graph and Global Discovery."""

import copy
import json
import random

from tests.sandbox.hostility import ODD, Attack, bend, chop

GUID = "11111111-1111-1111-1111-111111111111"
TENANTS = [
    "common",
    "organizations",
    "contoso.example",
    GUID,
    "",
    "é",
    "%00",
    "x" * 300,
    "..",
    "contoso.example%20",
]
ENDPOINTS = [
    "oauth2/v2.0/token",
    "oauth2/v2.0/token",
    "oauth2/v2.0/authorize",
    "oauth2/v2.0/authorize",
    "oauth2/v2.0/logout",
    "oauth2/v2.0/account",
    "oauth2/v2.0/proof",
    "oauth2/v2.0/consent",
    "adminconsent",
    "v2.0/adminconsent",
    "v2.0/.well-known/openid-configuration",
    "discovery/v2.0/keys",
    "discovery/instance",
    "nix",
]
WORDS = {
    "grant_type": ["authorization_code", "refresh_token", "client_credentials", "password", ""],
    "response_type": ["code", "token", "code id_token", ""],
    "response_mode": ["query", "form_post", "fragment", "x"],
    "redirect_uri": [
        "http://localhost/complete/entra/",
        "javascript:alert(1)",
        "http://",
        "//x",
        "http://[::1",
    ],
    "scope": [
        "openid",
        "https://graph.microsoft.com/.default",
        "x/.default y/.default",
        "/",
        ".default",
        "a b c",
    ],
    "client_id": [GUID, "x", ""],
    "client_secret": ["x", "\x00", "é"],
    "client_assertion": ["a.b.c", "e30.e30.", "x", "." * 50, "eyJhbGciOiJub25lIn0.e30."],
    "client_assertion_type": ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "x"],
    "code": ["x", "\x00", "é" * 50],
    "refresh_token": ["x", ""],
    "code_verifier": ["x" * 43, "", "é"],
    "code_challenge": ["x" * 43, ""],
    "code_challenge_method": ["S256", "plain", "x"],
    "prompt": ["none", "login", "consent", "select_account", "x"],
    "login_hint": ["ana@contoso.example", "<script>", ""],
    "claims": [
        '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}',
        "{",
        "[]",
        "1",
        '{"access_token":1}',
    ],
    "state": ["x" * 2000, "\r\nX: y", ""],
    "nonce": ["x"],
    "ctx": ["x", ""],
    "max_age": ["-1", "x", "9" * 40],
    "post_logout_redirect_uri": ["http://localhost/", "http://evil.example/", "x"],
    "tenant": TENANTS,
    "error": ["access_denied"],
}
APPLICATION = {
    "displayName": "x",
    "signInAudience": "AzureADMyOrg",
    "keyCredentials": [{"type": "AsymmetricX509Cert", "usage": "Verify", "key": "MIIB", "displayName": "k"}],
    "requiredResourceAccess": [{"resourceAppId": GUID, "resourceAccess": [{"id": GUID, "type": "Scope"}]}],
    "web": {"redirectUris": ["http://localhost"]},
    "tags": ["x"],
    "identifierUris": ["api://x"],
}
BATCH = {
    "requests": [
        {"id": "1", "method": "GET", "url": "/me?$select=id"},
        {
            "id": "2",
            "method": "POST",
            "url": "/applications",
            "headers": {"Content-Type": "application/json"},
            "body": APPLICATION,
            "dependsOn": ["1"],
        },
    ]
}
GRAPH_BODIES = [
    APPLICATION,
    {"appId": GUID},
    {"keyCredential": APPLICATION["keyCredentials"][0], "proof": "a.b.c", "passwordCredential": None},
    {"keyId": GUID, "proof": "e30.e30.x"},
    {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{GUID}"},
    {"passwordCredential": {"displayName": "x", "endDateTime": "2027-01-01T00:00:00Z"}},
    BATCH,
    BATCH,
]
GRAPH_SEGMENTS = [
    "applications",
    "applications(appId='x')",
    f"applications(appId='{GUID}')",
    "servicePrincipals",
    "users",
    "me",
    "memberOf",
    "organization",
    "policies/authorizationPolicy",
    "directory/deletedItems",
    "microsoft.graph.application",
    "addKey",
    "removeKey",
    "addPassword",
    "owners",
    "$ref",
    "restore",
    GUID,
    "x",
    "",
    "(",
    "%00",
    "é",
    "ana@contoso.example",
]
GRAPH_OPTIONS = ["$filter", "$select", "$top", "$expand", "$count", "$search", "$skiptoken", "$orderby"]
VALUES = [
    "appId eq '" + GUID + "'",
    "displayName eq 'x",
    "startswith(displayName,'x')",
    "((((",
    "id",
    "-1",
    "9" * 30,
    "",
    "not id",
    "id eq null",
    "'",
    "id in ('a','b')",
]
METHODS = ["GET"] * 4 + ["POST"] * 3 + ["PATCH", "DELETE", "PUT", "HEAD"]
INSTANCES = [
    "Instances",
    f"Instances({GUID})",
    "Instances(UniqueName='contoso')",
    "Instances(",
    "Instances(x=1)",
    "",
    "x",
]


def entra(generator: random.Random, client_id: str) -> Attack:
    """Endpoints with parameters of which some make sense."""
    endpoint = f"{generator.choice(TENANTS)}/{generator.choice(ENDPOINTS)}"
    names = generator.sample(list(WORDS), generator.randint(0, 9))
    form = {name: str(generator.choice([*WORDS[name], generator.choice(ODD)])) for name in names}
    if generator.random() < 0.6:
        form["client_id"] = client_id
    method = generator.choice(["GET", "POST", "POST", "PUT"])
    if method == "GET":
        return Attack(method, endpoint, params=form)
    from urllib.parse import urlencode

    content = urlencode(form).encode()
    if generator.random() < 0.1:
        content = chop(generator, content)
    kind = generator.choice(
        ["application/x-www-form-urlencoded"] * 5 + ["application/json", "multipart/form-data"]
    )
    basic = {"Authorization": generator.choice(["Basic eDp5", "Basic x", "Basic ////", "Bearer x"])}
    return Attack(
        method, endpoint, content, {"Content-Type": kind, **(basic if generator.random() < 0.2 else {})}
    )


def graph(generator: random.Random) -> Attack:
    """Paths of known segments, and documents that were right before something in them was changed."""
    path = "/".join(generator.choice(GRAPH_SEGMENTS) for _ in range(generator.randint(1, 4)))
    if generator.random() < 0.2:
        path = "$batch"
    version = generator.choice(["v1.0"] * 6 + ["beta", "v2.0", ""])
    params = {
        generator.choice(GRAPH_OPTIONS): generator.choice(VALUES) for _ in range(generator.randint(0, 2))
    }
    content = json.dumps(bend(generator, copy.deepcopy(generator.choice(GRAPH_BODIES)))).encode()
    if generator.random() < 0.1:
        content = chop(generator, content)
    kind = generator.choice(["application/json"] * 6 + ["text/plain", ""])
    return Attack(
        generator.choice(METHODS), f"{version}/{path}", content, {"Content-Type": kind}, params or None
    )


def discovery(generator: random.Random) -> Attack:
    path = f"api/discovery/{generator.choice(['v2.0', 'v2.0', 'v1.0'])}/{generator.choice(INSTANCES)}"
    params = {
        generator.choice(GRAPH_OPTIONS): generator.choice(VALUES) for _ in range(generator.randint(0, 3))
    }
    return Attack(generator.choice(METHODS), path, b"", {}, params or None)
