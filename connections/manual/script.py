"""The instructions as a shell script for the Azure CLI and the Power Platform CLI, filled in. Safe to run again."""

import base64
import json
from shlex import quote

from connections.manual import shell
from connections.models import Certificate, Connection
from connections.names import display_name, role_name, short_id
from connections.provisioning.application import der
from core.cloud import cloud

AZURE_CLOUD = {"gcc-high": "AzureUSGovernment", "dod": "AzureUSGovernment", "china": "AzureChinaCloud"}


def script(connection: Connection, certificate: Certificate) -> str:
    """For an administrator of Entra and of the environment. Nothing in it is secret."""
    chosen = AZURE_CLOUD.get(cloud().name)
    choice = f"az cloud set --name {chosen}\n" if chosen else ""
    start = shell.HEAD + choice + _variables(connection) + shell.SIGN_IN
    keys = _file(connection, certificate) + shell.CERTIFICATE
    if is_registered(connection):
        return start + keys
    role = "" if connection.existing_role else shell.ROLE
    return start + shell.REGISTER + keys + role + shell.USER + shell.RESULT


def is_registered(connection: Connection) -> bool:
    """Whether the application is there and has worked: all that is asked for then is its next certificate."""
    return bool(connection.identifiers.client_id and connection.proven_at)


def role_of(connection: Connection) -> str:
    """The name of the security role that the application user is to have."""
    return connection.existing_role or connection.identifiers.role_name or role_name(connection)


def rehearsal(connection: Connection, certificate: Certificate) -> str:
    """One line by which the sandbox registers the application: it has no portal in which to play administrator."""
    body = {
        "tenant": str(connection.environment.tenant_id),
        "name": display_name(connection),
        "certificate": base64.b64encode(der(certificate)).decode(),
    }
    if is_registered(connection):
        body["client_id"] = connection.identifiers.client_id
    address = f"{cloud().authorize}/_sandbox/applications"
    return f"curl -H 'Content-Type: application/json' -d {quote(json.dumps(body))} {address}"


def _variables(connection: Connection) -> str:
    environment = connection.environment
    known = connection.identifiers.client_id
    privileges = "\n".join(f"{name} {depth}" for name, depth in sorted(connection.wanted_role.items()))
    given = {
        "TENANT": quote(str(environment.tenant_id)),
        "APP_ID": f"${{APP_ID:-{known}}}",
        "NAME": quote(display_name(connection)),
        "ORG": quote(environment.url),
        "ROLE": quote(role_of(connection)),
        "PRIVILEGES": quote(privileges),
    }
    needed = ("TENANT", "APP_ID") if is_registered(connection) else tuple(given)
    return "".join(f"{name}={given[name]}\n" for name in needed)


def _file(connection: Connection, certificate: Certificate) -> str:
    pem = certificate.public_pem.strip()
    return f"\nFILE=isthmus-{short_id(connection)}.pem\ncat > \"$FILE\" <<'CERTIFICATE'\n{pem}\nCERTIFICATE\n"
