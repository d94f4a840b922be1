"""An administrator of Entra at work in the portal: what people do there by hand, in one call."""

import base64
import binascii
from collections.abc import Mapping

from sandbox.directory import Application, Directory, Tenant
from sandbox.graph.errors import GraphError
from sandbox.graph.keys import Keys


def register(directory: Directory, tenant: Tenant, wanted: Mapping[str, str]) -> Application:
    """Register an application with a certificate, or add the certificate to the one with `client_id`.

    `wanted`: name, certificate (PEM, or base64 of DER), client_id. The portal makes the service principal too.

    Raises:
        ValueError: no such application in the tenant, or no usable certificate.

    """
    delay = directory.settings.replication_delay
    sent = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": _base64(wanted.get("certificate", ""))}
    try:
        key = Keys(directory.clock.timestamp(), delay).read(sent)
    except GraphError as error:
        raise ValueError(str(error)) from error
    with directory.database.write():
        application = _application(directory, tenant, wanted, delay)
        present = directory.credentials.keys(application.id)
        if key.sha256 not in {one.sha256 for one in present}:
            directory.credentials.replace_keys(application.id, [*present, key])
    return application


def _application(
    directory: Directory, tenant: Tenant, wanted: Mapping[str, str], delay: float
) -> Application:
    if wanted.get("client_id"):
        known = directory.applications.by_app_id(wanted["client_id"])
        if known is None or known.tenant_id != tenant.id:
            raise ValueError(f"{tenant.name} has no application {wanted['client_id']!r}.")
        return known
    name = wanted.get("name") or "Application"
    made = directory.applications.create(tenant.id, name, sign_in_audience="AzureADMyOrg", delay=delay)
    directory.principals.create(tenant.id, made.app_id, name, delay)
    return made


def _base64(certificate: str) -> str:
    lines = [line for line in certificate.splitlines() if not line.startswith("-----")]
    text = "".join(lines).strip()
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("The certificate is neither PEM nor base64.") from error
    return text
