"""Stands in for az and pac in the administrator's script: the same requests, sent to the sandbox.

Called by either name. GRAPH, GRAPH_TOKEN, ORG_TOKEN and CA come from the environment.
"""

import json
import os
import ssl
import sys
import uuid
from base64 import b64encode
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

GRAPH = f"{os.environ['GRAPH']}/v1.0"
TRUST = ssl.create_default_context(cafile=os.environ["CA"])


def ask(method, url, token, body=None):
    headers = {"Authorization": f"Bearer {os.environ[token]}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, headers, method=method)
    with urlopen(request, context=TRUST, timeout=60) as answer:
        return json.loads(answer.read() or b"{}")


def options_of(words):
    """Each `--name` with what follows it, up to the next one."""
    found, name = {}, ""
    for word in words:
        if word.startswith("--"):
            name = word
            found[name] = []
        elif name:
            found[name].append(word)
    return {key: values[0] if len(values) == 1 else values for key, values in found.items()}


def graph(words, given):
    application = f"{GRAPH}/applications(appId='{given.get('--id')}')"
    principal = f"{GRAPH}/servicePrincipals(appId='{given.get('--id')}')"
    match words[:3]:
        case ["app", "create", *_]:
            body = {"displayName": given["--display-name"], "signInAudience": given["--sign-in-audience"]}
            return ask("POST", f"{GRAPH}/applications", "GRAPH_TOKEN", body)
        case ["app", "show", *_]:
            return ask("GET", application, "GRAPH_TOKEN")
        case ["app", "credential", "reset"]:
            pem = Path(given["--cert"].removeprefix("@")).read_bytes()
            der = b64encode(ssl.PEM_cert_to_DER_cert(pem.decode())).decode()
            key = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": der}
            return ask("PATCH", application, "GRAPH_TOKEN", {"keyCredentials": [key]})
        case ["sp", "show", *_]:
            return ask("GET", principal, "GRAPH_TOKEN")
        case ["sp", "create", *_]:
            return ask("POST", f"{GRAPH}/servicePrincipals", "GRAPH_TOKEN", {"appId": given["--id"]})
    raise SystemExit(f"not known here: {words}")


def rest(given):
    parameters = dict(one.split("=", 1) for one in _listed(given.get("--url-parameters")))
    url = given["--url"] + (f"?{urlencode(parameters)}" if parameters else "")
    body = json.loads(given["--body"]) if "--body" in given else None
    return ask(given["--method"].upper(), url, "ORG_TOKEN", body)


def assign(given):
    """What pac does: the application user in the root business unit, with the role of this name."""
    api = f"{given['--environment']}/api/data/v9.2"
    unit = _first(f"{api}/businessunits", "_parentbusinessunitid_value eq null")["businessunitid"]
    name = given["--role"].replace("'", "''")
    role = _first(f"{api}/roles", f"name eq '{name}' and _businessunitid_value eq {unit}")
    user = {"systemuserid": str(uuid.uuid4()), "applicationid": given["--user"]}
    ask("POST", f"{api}/systemusers", "ORG_TOKEN", {**user, "businessunitid@odata.bind": f"/businessunits({unit})"})  # fmt: skip
    link = f"{api}/systemusers({user['systemuserid']})/systemuserroles_association/$ref"
    return ask("POST", link, "ORG_TOKEN", {"@odata.id": f"{api}/roles({role['roleid']})"})


def _first(url, condition):
    return ask("GET", f"{url}?{urlencode({'$filter': condition})}", "ORG_TOKEN")["value"][0]


def _listed(value):
    return value if isinstance(value, list) else [value] if value else []


def main(words):
    given = options_of(words)
    if words[0] == "login":
        return
    if words[:2] == ["admin", "assign-user"]:
        assign(given)
        return
    try:
        answer = rest(given) if words[0] == "rest" else graph(words[1:], given)
    except HTTPError as error:
        raise SystemExit(f"{error.code} {error.read().decode()}") from error
    query = given.get("--query", "")
    if query.startswith("value[0]."):
        print(next((one[query.split(".")[1]] for one in answer["value"]), ""))  # noqa: T201
    elif query:
        print(answer[query])  # noqa: T201


main(sys.argv[1:])
