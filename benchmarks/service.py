"""What a service adds to a bare request: `python benchmarks/service.py` starts an Isthmus, calls it and prints a table.

The same record and the same page are asked for in turn: with a plain session and a token straight from Dataverse's
Web API, in process through `integrations.service`, and over HTTP through the REST service. What matters is the
difference within one run on one machine.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# This file bears the name of a module of ours; ours is meant.
sys.path[0] = str(ROOT)

from runtime.tour import steps  # noqa: E402
from runtime.tour.browser import Browser  # noqa: E402
from runtime.tour.portal import Portal  # noqa: E402

WITHIN = """
import json, time, requests
import integrations
from accounts.actors import Actor
from accounts.models import User
from django.conf import settings
from integrations.searching.finding import columns
from integrations.models import Integration
from integrations.services import keys
from integrations.services.stages import stage_of

integration = Integration.objects.get(service_name="tour_is")
actor = Actor.person(User.objects.get(pk=integration.created_by_id))
_row, key = keys.create_key(
    actor, integration, stage_of(integration.team, "development"), "Benchmark", calls_per_minute=100000
)
accounts = integrations.service("tour_is").entity("account")
record = accounts.search(top=1).records[0].id
client = accounts.service.client
select = ",".join(columns(accounts.entity, accounts.readable))

bare, rest = requests.Session(), requests.Session()
bare.trust_env, rest.trust_env = False, False
bare.verify = settings.CLOUD.ca_file
bare.headers.update({
    "Authorization": "Bearer " + client._tokens.token(client.scope), "Accept": "application/json",
    "OData-Version": "4.0", "OData-MaxVersion": "4.0", "Prefer": 'odata.include-annotations="*"',
})
rest.headers["Authorization"] = "Bearer " + key

def ask(session, address, **more):
    answer = session.get(address, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()

paged = {"Prefer": 'odata.maxpagesize=50,odata.include-annotations="*"'}
ways = {
    "get": {
        "bare": lambda: ask(bare, f"{client.base}/accounts({record})?$select={select}"),
        "kept": lambda: accounts.get(record),
        "fresh": lambda: integrations.service("tour_is").entity("account").get(record),
        "rest": lambda: ask(rest, f"PORTAL/api/tour_is/account/{record}"),
    },
    "page": {
        "bare": lambda: ask(bare, f"{client.base}/accounts?$select={select}", headers=paged),
        "kept": lambda: accounts.search(top=50),
        "fresh": lambda: integrations.service("tour_is").entity("account").search(top=50),
        "rest": lambda: ask(rest, "PORTAL/api/tour_is/account?top=50"),
    },
}
times = {}
for what, callers in ways.items():
    for turn in range(ROUNDS + 20):
        for way, call in callers.items():
            began, busy = time.perf_counter(), time.thread_time()
            call()
            if turn >= 20:
                taken = (time.perf_counter() - began, time.thread_time() - busy)
                times.setdefault(f"{what} {way}", []).append(taken)
print("TIMES " + json.dumps(times))
"""
LABELS = {
    "bare": "bare request",
    "kept": "in process, service kept",
    "fresh": "in process, service opened anew",
    "rest": "REST",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder, Portal(Path(folder) / "data") as portal:
        portal.start()
        notes = steps.Notes(portal, Browser())
        for step in (
            steps.sign_in,
            steps.authorise,
            steps.create_connection,
            steps.test_connection,
            steps.choose,
            steps.publish,
            steps.bind,
        ):
            step(notes)
        code = WITHIN.replace("PORTAL", portal.url).replace("ROUNDS", str(rounds))
        said = portal.manage("shell", "-c", code, timeout=60 + rounds)
    report(next(line for line in said.splitlines() if line.startswith("TIMES ")).removeprefix("TIMES "))


def report(text: str) -> None:
    """CPU is the caller's alone: of REST calls the portal's share is not in it."""
    import json

    taken: dict[str, list[tuple[float, float]]] = json.loads(text)
    times = {name: [wall for wall, _cpu in each] for name, each in taken.items()}
    print(f"{len(taken['get bare'])} rounds, in turn; milliseconds\n")
    print(f"{'':<40}{'p50':>8}{'p95':>8}{'added p50':>12}{'ratio':>8}{'CPU p50':>9}")
    for name, found in times.items():
        what, way = name.split()
        base = statistics.median(times[f"{what} bare"])
        middle, high = statistics.median(found), sorted(found)[int(len(found) * 0.95)]
        label = f"{what}: {LABELS[way]}"
        busy = "" if way == "rest" else f"{statistics.median(cpu for _wall, cpu in taken[name]) * 1000:.1f}"
        print(
            f"{label:<40}{middle * 1000:>8.1f}{high * 1000:>8.1f}{(middle - base) * 1000:>12.1f}{middle / base:>8.2f}{busy:>9}"
        )


if __name__ == "__main__":
    main()
