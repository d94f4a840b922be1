"""The application through which people sign in: registered once, multi-tenant, with a secret."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sandbox.directory import Application, Directory
from sandbox.directory.cast import CONTOSO, identifier
from sandbox.directory.model import DATAVERSE_APP_ID, GRAPH_APP_ID
from sandbox.entra.permissions import DATAVERSE, GRAPH

NAME = "Portal sign-in"
CLIENT_ID = identifier("application", "front", "client")
REDIRECT_URI = "http://localhost/complete/entra/"
AFTER_LOGOUT = "http://localhost/"
SECRET_YEARS = 50


@dataclass(frozen=True, slots=True)
class FrontApp:
    client_id: str
    client_secret: str
    tenant_id: str

    def __repr__(self) -> str:
        return f"FrontApp({self.client_id})"


def ensure(directory: Directory, file: Path, redirect_uris: Sequence[str]) -> FrontApp:
    """Register it, or bring its redirect URIs up to date; keep the secret that `file` holds if it still works."""
    with directory.database.write():
        application = _registration(directory, redirect_uris)
        secret = _known_secret(file)
        if not secret or directory.credentials.check_password(application.id, secret) != "good":
            end = directory.clock.timestamp() + SECRET_YEARS * 365 * 86400
            secret = directory.credentials.add_password(application.id, "made at the first start", end)[1]
        if not directory.principals.exists(CONTOSO, CLIENT_ID):
            directory.principals.create(CONTOSO, CLIENT_ID, NAME)
    front_app = FrontApp(CLIENT_ID, secret, CONTOSO)
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(front_app), indent=2) + "\n")
    return front_app


def _registration(directory: Directory, redirect_uris: Sequence[str]) -> Application:
    web = {"redirectUris": list(dict.fromkeys([*redirect_uris, AFTER_LOGOUT])), "logoutUrl": None}
    existing = directory.applications.exists(app_id=CLIENT_ID)
    if existing:
        changed = replace(existing, document=existing.document | {"web": web})
        directory.applications.save(changed)
        return changed
    return directory.applications.create(
        CONTOSO,
        NAME,
        sign_in_audience="AzureADMultipleOrgs",
        object_id=identifier("application", "front", "object"),
        app_id=CLIENT_ID,
        document={"web": web, "requiredResourceAccess": [
            _access(GRAPH_APP_ID, [GRAPH["User.Read"].id, GRAPH["Application.ReadWrite.All"].id]),
            _access(DATAVERSE_APP_ID, [DATAVERSE["user_impersonation"].id]),
        ]},
    )  # fmt: skip


def _access(resource: str, ids: list[str]) -> dict[str, object]:
    return {"resourceAppId": resource, "resourceAccess": [{"id": one, "type": "Scope"} for one in ids]}


def _known_secret(file: Path) -> str:
    try:
        return str(json.loads(file.read_text())["client_secret"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
