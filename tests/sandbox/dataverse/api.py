"""Raw requests to one environment, as one person or application at a time."""

import uuid
from urllib.parse import quote

import requests

from sandbox.directory import cast
from sandbox.world import World

OID = {"ana": cast.ANA, "ben": cast.BEN, "cleo": cast.CLEO, "dara": cast.DARA}
EVERYTHING = {"Prefer": 'odata.include-annotations="*"'}
FORMATTED = "@OData.Community.Display.V1.FormattedValue"


class Api:
    """`api.get("accounts", select="name")`; names of options go without their dollar sign."""

    def __init__(self, world: World, environment: str = "contoso", who: str = "ana") -> None:
        self.world = world
        self.environment = next(e for e in world.directory.environments() if e.unique_name == environment)
        self.root = f"{self.environment.origin}/api/data/v9.2"
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = str(world.ca_file)
        self.token = self.person_token(who)

    def person_token(self, who: str, **options) -> str:
        claims = {
            "audience": self.environment.origin,
            "tenant_id": self.environment.tenant_id,
            "object_id": OID.get(who, who),
            "app_id": str(uuid.UUID(int=1)),
            "scopes": frozenset({"user_impersonation"}),
        }
        return self.world.tokens.issue(**{**claims, **options})

    def application_token(self, app_id: str, principal_id: str, **options) -> str:
        return self.person_token(principal_id, app_id=app_id, scopes=None, **options)

    def acting(self, who: str) -> "Api":
        return Api(self.world, self.environment.unique_name, who)

    def with_token(self, token: str) -> "Api":
        other = Api(self.world, self.environment.unique_name)
        other.token = token
        return other

    def send(self, method: str, path: str, *, headers=None, **options) -> requests.Response:
        url = path if path.startswith("https://") else f"{self.root}/{path}"
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return self.http.request(method, url, headers=sent, timeout=60, **options)

    def read(self, path: str, *, headers=None, **options) -> requests.Response:
        query = "&".join(f"${name}={quote(str(value), safe='/(),=;$')}" for name, value in options.items())
        return self.send("GET", f"{path}?{query}" if query else path, headers=headers)

    def get(self, path: str, *, headers=None, **options) -> dict:
        response = self.read(path, headers=headers, **options)
        assert response.status_code == 200, response.text
        return response.json()

    def rows(self, path: str, **options) -> list[dict]:
        return self.get(path, **options)["value"]

    def create(self, path: str, body: dict) -> str:
        response = self.send("POST", path, json=body)
        assert response.status_code == 204, response.text
        return response.headers["OData-EntityId"].rsplit("(", 1)[1].rstrip(")")

    def error(self, response: requests.Response, status: int, code: str) -> str:
        """Check an error's shape; returns its message."""
        assert response.status_code == status, response.text
        assert response.headers["Content-Type"].startswith("application/json")
        error = response.json()["error"]
        assert set(error) == {"code", "message"}
        assert error["code"] == code, error
        return error["message"]

    def refused(self, path: str, status: int = 400, code: str = "0x80060888", **options) -> str:
        return self.error(self.read(path, **options), status, code)
