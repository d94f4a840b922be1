"""Two hundred clients at once: no error that was not asked for, and no write that was answered gets lost."""

import json
import random
import shutil
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter

import pytest
import requests

from sandbox.world import World
from tests.sandbox.dataverse import multipart
from tests.sandbox.dataverse.api import Api

CLIENTS = 200
SECONDS = 60
ASKED_FOR = 40


@pytest.fixture
def server(sandbox_template, tmp_path):
    """A sandbox in a process of its own, without limits, and its administrator."""
    folder = tmp_path / "sandbox"
    shutil.copytree(sandbox_template, folder)
    command = [sys.executable, "-m", "sandbox", "--data", str(folder), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline().startswith("sandbox ready")
    control = json.loads((folder / "cloud.json").read_text())["control"]
    limits = {"dataverse_requests": 0, "dataverse_execution_seconds": 0, "dataverse_concurrent": 0}
    requests.patch(f"{control}/settings", json=limits, timeout=30).raise_for_status()
    world = World(folder)
    world.directory.place(requests.get(f"{control}/state", timeout=30).json()["origins"])
    yield Api(world), control
    process.terminate()
    assert process.wait(timeout=30) == 0
    process.stdout.close()


class Client(threading.Thread):
    """Does whatever comes to its mind with rows of its own, and with one that all share."""

    def __init__(self, api: Api, number: int, shared: str, end: float) -> None:
        super().__init__(daemon=True)
        self.api = api.acting("ana")
        self.draw = random.Random(number)
        self.shared = shared
        self.end = end
        self.number = number
        self.rows: dict[str, str] = {}
        self.gone: list[str] = []
        self.raised = 0
        self.seen: Counter[tuple[str, int]] = Counter()
        self.problem: BaseException | None = None

    def run(self) -> None:
        steps = [
            self.create,
            self.create_many,
            self.in_a_batch,
            self.change,
            self.delete,
            self.read,
            self.list,
        ]
        try:
            while time.monotonic() < self.end:
                self.draw.choice([*steps, self.raise_shared])()
        except BaseException as error:  # noqa: BLE001 - told by the test
            self.problem = error

    def ask(self, expected: int, method: str, path: str, **options) -> requests.Response:
        response = self.api.send(method, path, **options)
        self.seen[method, response.status_code] += 1
        allowed = {expected, 412} if "If-Match" in options.get("headers", {}) else {expected}
        assert response.status_code in allowed, (method, path, response.status_code, response.text[:300])
        return response

    def text(self) -> str:
        return f"soak {self.number} {uuid.UUID(int=self.draw.getrandbits(128))}"

    def create(self) -> None:
        name = self.text()
        entity_id = self.ask(204, "POST", "accounts", json={"name": name}).headers["OData-EntityId"]
        self.rows[entity_id.rsplit("(", 1)[1][:-1]] = name

    def create_many(self) -> None:
        names = [self.text() for _ in range(20)]
        targets = [{"@odata.type": "Microsoft.Dynamics.CRM.account", "name": name} for name in names]
        path = "accounts/Microsoft.Dynamics.CRM.CreateMultiple"
        ids = self.ask(200, "POST", path, json={"Targets": targets}).json()["Ids"]
        self.rows.update(zip(ids, names, strict=True))

    def in_a_batch(self) -> None:
        ids, names = (
            [str(uuid.UUID(int=self.draw.getrandbits(128))) for _ in "ab"],
            [self.text() for _ in "ab"],
        )
        members = [
            multipart.operation("POST", "accounts", {"accountid": key, "name": name}, content_id=at)
            for at, (key, name) in enumerate(zip(ids, names, strict=True), 1)
        ]
        answer = multipart.send(self.api, multipart.changeset(*members))
        assert answer.status_code == 200, answer.text[:300]
        self.rows.update(zip(ids, names, strict=True))

    def change(self) -> None:
        if self.rows:
            key, name = self.draw.choice(list(self.rows)), self.text()
            self.ask(204, "PATCH", f"accounts({key})", json={"name": name})
            self.rows[key] = name

    def delete(self) -> None:
        if self.rows:
            key = self.draw.choice(list(self.rows))
            self.ask(204, "DELETE", f"accounts({key})")
            del self.rows[key]
            self.gone.append(key)

    def read(self) -> None:
        if self.rows:
            key = self.draw.choice(list(self.rows))
            assert self.ask(200, "GET", f"accounts({key})?$select=name").json()["name"] == self.rows[key]

    def list(self) -> None:
        path = f"accounts?$select=name&$top=50&$filter=startswith(name,'soak {self.number} ')"
        rows = self.ask(200, "GET", path).json()["value"]
        assert all(self.rows[row["accountid"]] == row["name"] for row in rows)

    def raise_shared(self) -> None:
        """Optimistic concurrency: of those who read the same version only one may write."""
        read = self.ask(200, "GET", f"accounts({self.shared})?$select=numberofemployees")
        number = read.json()["numberofemployees"] + 1
        headers = {"If-Match": read.headers["ETag"]}
        path = f"accounts({self.shared})"
        done = self.ask(204, "PATCH", path, json={"numberofemployees": number}, headers=headers)
        self.raised += done.status_code == 204


@pytest.mark.long
def test_two_hundred_clients_for_a_minute(server):
    api, control = server
    shared = api.create("accounts", {"name": "shared", "numberofemployees": 0})
    fault = {"kind": "status", "path": "contacts", "status": 503, "count": ASKED_FOR}
    requests.post(f"{control}/faults", json=fault, timeout=30).raise_for_status()
    clients = [Client(api, number, shared, time.monotonic() + SECONDS) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    statuses = Counter(api.send("GET", "contacts?$top=1").status_code for _ in range(ASKED_FOR + 10))
    for client in clients:
        client.join(SECONDS + 120)
    assert not any(client.is_alive() for client in clients)
    assert [client.problem for client in clients if client.problem] == []
    assert statuses == {503: ASKED_FOR, 200: 10}

    seen = sum((client.seen for client in clients), Counter())
    assert {status for _, status in seen} <= {200, 204, 412}
    wanted = {key: name for client in clients for key, name in client.rows.items()}
    kept = {}
    link = "accounts?$select=name&$filter=startswith(name,'soak ')"
    while link:
        page = api.get(link)
        kept.update((row["accountid"], row["name"]) for row in page["value"])
        link = page.get("@odata.nextLink")
    assert kept == wanted
    raised = api.get(f"accounts({shared})", select="numberofemployees")["numberofemployees"]
    assert raised == sum(client.raised for client in clients) > 0
    print(f"{sum(seen.values())} requests, {len(wanted)} rows kept, {raised} times raised")  # noqa: T201
