"""What the administrator is asked to do, filled in: once for people with a browser, and as the text of a letter.

https://learn.microsoft.com/en-us/entra/identity-platform/quickstart-register-app
https://learn.microsoft.com/en-us/power-platform/admin/manage-application-users
"""

from dataclasses import dataclass

from connections.manual.script import is_registered, role_of, script
from connections.models import Certificate, Connection
from connections.names import display_name, short_id
from core.cloud import cloud

ENTRA = {"gcc-high": "https://entra.microsoft.us", "dod": "https://entra.microsoft.us"}
POWER_PLATFORM = {
    "gcc": "https://gcc.admin.powerplatform.microsoft.us",
    "gcc-high": "https://high.admin.powerplatform.microsoft.us",
    "dod": "https://admin.appsplatform.us",
    "china": "https://admin.powerplatform.partner.microsoftonline.cn",
}


@dataclass(frozen=True)
class Part:
    """One place to go, and what to do there in order."""

    title: str
    url: str
    steps: tuple[str, ...]


def file_name(connection: Connection, extension: str) -> str:
    return f"isthmus-{short_id(connection)}.{extension}"


def parts(connection: Connection, certificate: Certificate) -> list[Part]:
    """The way through the portals. Where the application is registered already, only its next certificate."""
    if is_registered(connection):
        return [_add_certificate(connection, certificate)]
    return _from_scratch(connection, certificate)


def _from_scratch(connection: Connection, certificate: Certificate) -> list[Part]:
    environment = connection.environment
    register = Part(
        "Register the application in Microsoft Entra",
        ENTRA.get(cloud().name, "https://entra.microsoft.com"),
        (
            f"Make sure that you are in the tenant {environment.tenant_id}.",
            "Open Identity, Applications, App registrations, and choose New registration.",
            (
                f"Name: {display_name(connection)}. Supported account types: this organizational directory only. "
                "Leave the redirect URI empty. Register."
            ),
            (
                "Open Certificates & secrets, Certificates, Upload certificate, and choose "
                f"{file_name(connection, 'cer')}. The thumbprint must be {certificate.thumbprint_sha1}."
            ),
            "Open API permissions and remove User.Read: the application needs no permission at all.",
            "From the Overview page note Application (client) ID and Object ID.",
        ),
    )
    return [register, *_role(connection), _user(connection)]


def _role(connection: Connection) -> list[Part]:
    if connection.existing_role:
        return []
    steps = (
        (
            f"Open Manage, Environments, {connection.environment.friendly_name}, Settings, Users + permissions, "
            "Security roles, and choose New role."
        ),
        f"Role name: {role_of(connection)}. Business unit: the topmost. Save.",
        (
            "Give it exactly the privileges of the table below, at the depth named there, and nothing else. "
            "The script below does this part faster."
        ),
    )
    return [Part("Make the security role in the Power Platform admin center", _admin_center(), steps)]


def _user(connection: Connection) -> Part:
    environment = connection.environment
    return Part(
        "Let the application into the environment",
        _admin_center(),
        (
            (
                f"Open Manage, Environments, {environment.friendly_name} ({environment.url}), Settings, "
                "Users + permissions, Application users, and choose New app user."
            ),
            f"Add an app: {display_name(connection)}. Business unit: the topmost.",
            f"Security roles: {role_of(connection)} and no other. Create.",
        ),
    )


def _add_certificate(connection: Connection, certificate: Certificate) -> Part:
    return Part(
        "Add the next certificate in Microsoft Entra",
        ENTRA.get(cloud().name, "https://entra.microsoft.com"),
        (
            (
                "Open Identity, Applications, App registrations, All applications, and find "
                f"{connection.identifiers.client_id}."
            ),
            (
                "Open Certificates & secrets, Certificates, Upload certificate, and choose "
                f"{file_name(connection, 'cer')}. The thumbprint must be {certificate.thumbprint_sha1}."
            ),
            "Leave the certificate that is there: it is in use until this one has been proven.",
        ),
    )


def privileges(connection: Connection) -> list[tuple[str, str]]:
    """Name and depth of what the role must hold, in words of the portal; nothing for a role of the environment's."""
    words = dict(Connection.Depth.choices)
    if connection.existing_role:
        return []
    return [(name, words.get(depth, depth)) for name, depth in sorted(connection.wanted_role.items())]


def as_text(connection: Connection, certificate: Certificate) -> str:
    """All of it as plain text: the letter."""
    environment = connection.environment
    lines = [
        f"Please register an application in Microsoft Entra and let it into {environment.friendly_name}",
        f'({environment.url}), so that Isthmus can work there as "{connection.name}".',
        "It gets a certificate instead of a secret, no permission in Entra, and a security role of its own.",
        "The certificate below is public; its private key never leaves Isthmus.",
    ]
    for number, part in enumerate(parts(connection, certificate), 1):
        lines += ["", f"{number}. {part.title}", f"   {part.url}"]
        lines += [f"   {chr(96 + at)}) {step}" for at, step in enumerate(part.steps, 1)]
    table = privileges(connection)
    if table and not is_registered(connection):
        lines += ["", f"Privileges of the role {role_of(connection)}:"]
        lines += [f"   {name:<40} {depth}" for name, depth in table]
    lines += ["", "Send back: Application (client) ID, and Object ID of the app registration.", ""]
    lines += [f"{file_name(connection, 'cer')}:", "", certificate.public_pem.strip(), ""]
    lines += [
        "Or run this with the Azure CLI and the Power Platform CLI:",
        "",
        script(connection, certificate),
    ]
    return "\n".join(lines)


def _admin_center() -> str:
    return POWER_PLATFORM.get(cloud().name, "https://admin.powerplatform.microsoft.com")
