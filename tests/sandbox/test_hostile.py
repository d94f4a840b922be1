"""Whatever comes in, what goes out is the service's own error shape, a 4xx, and soon."""

import random
from functools import partial

import pytest

from tests.sandbox import hostile_dataverse, hostile_identity
from tests.sandbox.dataverse.api import OID, Api
from tests.sandbox.hostility import Attack

PATIENCE = 30


class Field:
    """A world of one's own, and the ways into it."""

    def __init__(self, world, seed: int) -> None:
        self.world = world
        self.generator = random.Random(seed)
        self.api = Api(world)
        record = self.api.create("smp_projects", {"smp_name": "files", "smp_code": "files"})
        places = world.places
        tenant = self.api.environment.tenant_id
        issue = partial(
            world.tokens.issue, tenant_id=tenant, object_id=OID["ana"], app_id=world.front_app.client_id
        )
        graph = issue(audience=places.graph, scopes=frozenset({"Application.ReadWrite.All", "User.Read"}))
        disco = issue(audience=places.discovery, scopes=frozenset({"user_impersonation"}))
        entra = partial(hostile_identity.entra, client_id=world.front_app.client_id)
        dataverse = partial(self.api.send, allow_redirects=False)
        # Weight, how to make a request, and how to send it.
        self.services = [
            (6, hostile_dataverse.address, dataverse),
            (4, hostile_dataverse.payload, dataverse),
            (2, hostile_dataverse.language, dataverse),
            (2, hostile_dataverse.batches, dataverse),
            (1, partial(hostile_dataverse.files, record=record), dataverse),
            (2, entra, self._sender(places.login)),
            (1, entra, self._sender(places.pages)),
            (3, hostile_identity.graph, self._sender(places.graph, graph)),
            (1, hostile_identity.discovery, self._sender(places.discovery, disco)),
        ]

    def _sender(self, origin: str, token: str | None = None):
        def send(method, path, *, headers, **options):
            bearer = {"Authorization": f"Bearer {token}"} if token else {}
            return self.api.http.request(
                method,
                f"{origin}/{path}",
                headers={**bearer, **headers},
                timeout=PATIENCE,
                allow_redirects=False,
                **options,
            )

        return send

    def attack(self) -> int:
        make, send = self.generator.choices(
            [(make, send) for _, make, send in self.services], [weight for weight, _, _ in self.services]
        )[0]
        attack: Attack = make(self.generator)
        response = send(
            attack.method, attack.path, data=attack.body, headers=attack.headers, params=attack.params
        )
        self.check(attack, response)
        return response.status_code

    def check(self, attack: Attack, response) -> None:
        note = f"{attack}: {response.status_code} {response.text[:300]}"
        # A query may ask for too much: Dataverse stops it and says so, with a code of its own.
        stopped = response.status_code == 500 and '"0x80044151"' in response.text
        assert response.status_code < 500 or response.status_code == 501 or stopped, note
        if response.status_code < 400 or attack.method == "HEAD":
            return
        kind = response.headers["Content-Type"]
        if kind.startswith(("multipart/mixed; boundary=batchresponse_", "text/html")):
            return
        error = response.json()["error"]
        if isinstance(error, str):  # OAuth's shape
            assert response.json()["error_description"].startswith("AADSTS"), note
        else:
            assert set(error) >= {"code", "message"}, note


def run(world, seed: int, count: int) -> None:
    field = Field(world, seed)
    seen = {field.attack() for _ in range(count)}
    assert {200, 204, 400, 403, 404, 405} <= seen
    assert Api(world).get("WhoAmI")["UserId"], "still there"


def test_hostile_requests_never_fail_inside(new_sandbox):
    run(new_sandbox(), 20260101, 2000)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_many_more_hostile_requests(new_sandbox, seed):
    run(new_sandbox(), seed, 5000)
