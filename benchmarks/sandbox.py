"""What the sandbox takes: `python benchmarks/sandbox.py` starts one, works in it and prints a table.

Times are medians of a client in another process, over TLS, with gzip. Memory is what Linux says of the server's.
"""

import argparse
import gzip
import http.client
import json
import os
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
# This file bears the package's name; the package is meant.
sys.path[0] = str(ROOT)

from sandbox.clock import Clock  # noqa: E402
from sandbox.database import Database  # noqa: E402
from sandbox.directory import cast  # noqa: E402
from sandbox.tokens import TokenAuthority  # noqa: E402

COLUMNS = (
    "accountid,name,accountnumber,telephone1,emailaddress1,websiteurl,revenue,numberofemployees,industrycode,"
    "customertypecode,creditlimit,creditonhold,description,address1_line1,address1_city,address1_country,"
    "createdon,modifiedon,statecode,versionnumber"
)
PAGE = f"accounts?$select={COLUMNS}"
ANNOTATED = {"Prefer": 'odata.include-annotations="*"'}
CREATES = 10_000
PER_CALL = 1_000


class Server:
    """A sandbox in a process of its own."""

    def __init__(self, folder: Path, scenario: str) -> None:
        self.folder = folder
        self.scenario = scenario
        self.process: subprocess.Popen[str]

    def start(self) -> float:
        """Seconds until its first answer, everything built."""
        began = time.perf_counter()
        command = [sys.executable, "-m", "sandbox", "--data", str(self.folder), "--port", "0"]
        self.process = subprocess.Popen(
            [*command, "--scenario", self.scenario], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line.startswith("sandbox ready"):
            raise SystemExit("The sandbox did not start.")
        cloud = json.loads((self.folder / "cloud.json").read_text())
        self.ca_file, self.control = cloud["ca_file"], urlsplit(cloud["control"])
        self.origin = self.settle()
        self.client = Client(self)
        self.client.get("accounts?$top=1&$select=name")
        return time.perf_counter() - began

    def settle(self) -> str:
        """No limits: what is measured here is work, not waiting. Returns the origin of Contoso Sales."""
        limits = json.dumps({"dataverse_requests": 0, "dataverse_execution_seconds": 0})
        plain = http.client.HTTPConnection(str(self.control.netloc), timeout=60)
        headers = {"Content-Type": "application/json"}
        plain.request("PATCH", f"{self.control.path}/settings", limits, headers)
        plain.getresponse().read()
        plain.request("GET", f"{self.control.path}/state")
        return str(json.loads(plain.getresponse().read())["origins"]["contoso"])

    def memory(self, field: str = "VmRSS") -> float:
        """MiB; `VmHWM` is the highest so far."""
        status = Path(f"/proc/{self.process.pid}/status")
        if not status.exists():
            return float("nan")
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines[field].split()[0]) / 1024

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


class Client:
    """One connection of the administrator."""

    def __init__(self, server: Server) -> None:
        host = server.origin.removeprefix("https://")
        context = ssl.create_default_context(cafile=server.ca_file)
        self.connection = http.client.HTTPSConnection(host, context=context, timeout=300)
        database = Database(server.folder / "directory.sqlite3")
        tokens = TokenAuthority(database, Clock(database))
        self.token = tokens.issue(
            audience=server.origin,
            tenant_id=cast.CONTOSO,
            object_id=cast.ANA,
            app_id="00000000-0000-0000-0000-000000000001",
            scopes=frozenset({"user_impersonation"}),
        )
        self.received = 0

    def send(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> bytes:
        sent = {"Authorization": f"Bearer {self.token}", "Accept-Encoding": "gzip", **(headers or {})}
        content = None
        if body is not None:
            content, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        self.connection.request(method, "/api/data/v9.2/" + quote(path, safe="/?$=&,()'@%:{}"), content, sent)
        response = self.connection.getresponse()
        data = response.read()
        self.received = len(data)
        if response.headers.get("Content-Encoding") == "gzip":
            data = gzip.decompress(data)
        if response.status >= 400:
            raise SystemExit(f"{method} {path} was answered with {response.status}: {data[:500]!r}")
        return data

    def get(self, path: str, headers: dict[str, str] | None = None) -> bytes:
        return self.send("GET", path, headers=headers)


@contextmanager
def running(folder: Path, scenario: str) -> Iterator[tuple[Server, float]]:
    """A sandbox with a scenario, and how long it took to be ready."""
    server = Server(folder, scenario)
    took = server.start()
    try:
        yield server, took
    finally:
        server.stop()


def median(work: Callable[[], object], times: int) -> float:
    """Seconds."""
    work()
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def report(work: str, figure: str, target: str = "") -> None:
    print(f"| {work:<58} | {figure:>14} | {target:<16} |", flush=True)


def create(client: Client) -> None:
    for first in range(0, CREATES, PER_CALL):
        targets = [
            {
                "@odata.type": "Microsoft.Dynamics.CRM.account",
                "name": f"Bulk {n}",
                "telephone1": f"555-{n:06}",
                "revenue": n * 1.25,
                "numberofemployees": n,
                "address1_city": "Lisbon",
            }
            for n in range(first, first + PER_CALL)
        ]
        client.send("POST", "accounts/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": targets})


def read_page(server: Server, rows: str) -> None:
    client = server.client
    seconds = median(lambda: client.get(PAGE), 7)
    size = f"{client.received / 1024:,.0f} KiB"
    report(
        f"page of 5,000 accounts x 20 columns, of {rows} ({size})", f"{seconds * 1000:,.0f} ms", "< 1,000 ms"
    )
    seconds = median(lambda: client.get(PAGE, ANNOTATED), 5)
    report("the same with all annotations", f"{seconds * 1000:,.0f} ms")


def small(folder: Path) -> None:
    with running(folder, "small") as (server, took):
        report("first start, scenario small", f"{took:,.1f} s")
        client = server.client
        began = time.perf_counter()
        create(client)
        report(
            f"{CREATES:,} accounts by CreateMultiple",
            f"{time.perf_counter() - began:,.1f} s",
            "a few seconds",
        )
        read_page(server, "12,400")
        row = json.loads(client.get("accounts?$top=1&$select=name"))["value"][0]["accountid"]
        for name, path in (
            ("one account, 20 columns", f"accounts({row})?$select={COLUMNS}"),
            ("one account, all columns", f"accounts({row})"),
            ("one account found by name", "accounts?$select=name&$filter=name eq 'Bulk 77'"),
            ("WhoAmI", "WhoAmI"),
        ):
            report(name, f"{median(lambda path=path: client.get(path), 200) * 1000:,.1f} ms", "< 10 ms")
        seconds = median(
            lambda: client.send("PATCH", f"accounts({row})", {"telephone1": "1"}, {"If-Match": "*"}), 100
        )
        report("one account updated", f"{seconds * 1000:,.1f} ms", "< 10 ms")
        report("memory after all this", f"{server.memory('VmHWM'):,.0f} MiB")


def large(folder: Path) -> None:
    with running(folder, "large") as (server, took):
        report("start, scenario large (900 tables, 200,000 accounts)", f"{took:,.1f} s")
        read_page(server, "200,000")
        before = server.memory()
        link, rows = PAGE, 0
        began = time.perf_counter()
        while link:
            page = json.loads(server.client.get(link))
            rows += len(page["value"])
            link = page.get("@odata.nextLink", "").partition("/api/data/v9.2/")[2]
        report(f"all {rows:,} accounts, page by page", f"{time.perf_counter() - began:,.1f} s")
        report("memory before, and after", f"{before:,.0f}, {server.memory():,.0f} MiB", "flat")
        seconds = median(lambda: server.client.get("$metadata"), 3)
        report("$metadata", f"{seconds:,.2f} s")
        seconds = median(lambda: server.client.get("EntityDefinitions?$select=LogicalName,EntitySetName"), 3)
        report("EntityDefinitions, two properties", f"{seconds * 1000:,.0f} ms")


def again(folder: Path) -> None:
    with running(folder, "large") as (server, took):
        report("start of what is there already", f"{took:,.1f} s")
        before = server.memory()
        server.client.get(PAGE)
        server.client.get("accounts?$filter=contains(name,'a') and revenue gt 1&$orderby=name&$count=true")
        report("memory before, and at most", f"{before:,.0f}, {server.memory('VmHWM'):,.0f} MiB", "flat")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--no-large", action="store_true", help="leave out the scenario that takes long to build"
    )
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}\n")
    report("work", "took", "target")
    report("-" * 58, "-" * 14, "-" * 16)
    with tempfile.TemporaryDirectory(prefix="sandbox-benchmark-") as folder:
        small(Path(folder, "small"))
        if not options.no_large:
            large(Path(folder, "large"))
            again(Path(folder, "large"))


if __name__ == "__main__":
    main()
