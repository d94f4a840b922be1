"""How fast a mirror is filled: `python benchmarks/sync.py` prints a table; docs/performance.md shows one.

Each line is a process of its own that reads the same canned records over TLS: Isthmus into each destination, a plain
loop of requests, fast JSON and SQLite that writes the very same columns (the floor), and Microsoft's SDK, which only
reads. `--postgres URL` adds PostgreSQL. Memory is the peak of the process, CPU the seconds it used.
"""

import argparse
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# This file bears a package's name; the package is meant.
sys.path[0] = str(ROOT)

TEXTS = [
    "name",
    "accountnumber",
    "telephone1",
    "emailaddress1",
    "websiteurl",
    "address1_line1",
    "address1_city",
    "address1_country",
    "description",
]
OTHERS = {
    "numberofemployees": "Integer",
    "revenue": "Money",
    "creditlimit": "Money",
    "creditonhold": "Boolean",
    "industrycode": "Picklist",
    "ownerid": "Owner",
    "statecode": "State",
    "statuscode": "Status",
    "createdon": "DateTime",
    "modifiedon": "DateTime",
}


class Token:
    def token(self, _scope: str, *, claims: str | None = None) -> str:  # noqa: ARG002
        return "canned"


def mirror(args: argparse.Namespace, destination: str) -> Callable[[], int]:
    """Isthmus, as a worker would: the engine, one destination."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from integrations.definition import Attribute, Entity
    from microsoft.clouds import Cloud
    from microsoft.dataverse import Dataverse
    from microsoft.errors import Throttled
    from microsoft.http import Door
    from sync.columns import columns_of
    from sync.destinations.base import Store
    from sync.engine.mirror import Mirror, Wanted
    from sync.engine.source import Source
    from sync.engine.strategy import Strategy

    types = dict.fromkeys(TEXTS, "String") | OTHERS
    entity = Entity(
        logical_name="account",
        entity_set="accounts",
        name="account",
        primary_id="accountid",
        attributes=tuple(Attribute(logical_name=name, name=name, type=kind) for name, kind in types.items()),
    )
    columns = columns_of(entity, entity.attributes, modified=True)

    def opened() -> Store:
        if destination == "postgres":
            from sync.destinations.postgres import PostgresStore

            store: Store = PostgresStore(args.postgres, f"bench_{os.getpid()}", "account", columns)
        elif destination == "parquet":
            from sync.destinations.parquet import ParquetStore

            store = ParquetStore(args.folder / "parquet", columns)
        else:
            from sync.destinations.sqlite import SqliteStore

            store = SqliteStore(args.folder / "mirror.sqlite3", "account", columns)
        return store

    cloud = Cloud(
        name="canned",
        label="Canned",
        login="https://login.invalid",
        graph="https://graph.invalid",
        discovery="https://discovery.invalid",
        ca_file=str(args.certificate),
        production=False,
        origins=(args.origin,),
    )
    client = Dataverse(Door(cloud), args.origin, Token())
    source = Source(client, "accounts", "accountid", parallel=lambda: args.readers)

    def timed() -> int:
        store, attempts = opened(), 0
        while True:
            attempts += 1
            try:
                found = Mirror(source, store, Wanted(Strategy(args.strategy)), f"bench:{attempts}").run()
            except Throttled as wait:  # a worker would requeue the run; it goes on where it was
                time.sleep(wait.retry_after or 1)
                continue
            if destination == "postgres":
                store.execute(f'DROP SCHEMA "bench_{os.getpid()}" CASCADE')  # type: ignore[attr-defined]
            return found.rows

    opened().close()  # what is imported with the destination
    return timed


def floor(args: argparse.Namespace) -> Callable[[], int]:
    """The shortest honest way by hand: one thread, the same columns, types and labels, a commit for each page."""
    import msgspec
    import requests

    label = "@OData.Community.Display.V1.FormattedValue"
    target = "@Microsoft.Dynamics.CRM.lookuplogicalname"
    lookups = ("_ownerid_value", "_transactioncurrencyid_value")
    keys = ["accountid", *TEXTS, "numberofemployees", "creditonhold"]
    keys += [each for key in ("industrycode", "statecode", "statuscode") for each in (key, key + label)]
    keys += [each for key in lookups for each in (key, key + target, key + label)]
    keys += ["createdon", "modifiedon"]
    money = ["revenue", "creditlimit"]
    typed = {"numberofemployees": "INTEGER", "creditonhold": "BOOLEAN", "industrycode": "INTEGER"}
    columns = [f'"{key}" {typed.get(key, "TEXT")}' for key in (*keys, *money)]
    columns[0] += " NOT NULL PRIMARY KEY"

    def timed() -> int:
        file = sqlite3.connect(args.folder / "floor.sqlite3", isolation_level=None)
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("PRAGMA synchronous=NORMAL")
        file.execute(f"CREATE TABLE account ({', '.join([*columns, '_synced_at TEXT', '_deleted_at TEXT'])})")
        file.execute("CREATE TABLE place (link TEXT)")
        text = f"INSERT OR REPLACE INTO account VALUES ({', '.join(['?'] * len(columns))}, ?, NULL)"
        decode = msgspec.json.Decoder(float_hook=Decimal).decode
        session = requests.Session()
        session.verify, session.trust_env = str(args.certificate), False
        select = ",".join(dict.fromkeys(key.partition("@")[0] for key in (*keys, *money)))
        link: str | None = f"{args.origin}/api/data/v9.2/accounts?$select={select}"
        headers = {"Authorization": "Bearer canned", "Prefer": "odata.maxpagesize=5000"}
        read = 0
        while link:
            page = decode(session.get(link, headers=headers, timeout=60).content)
            link, now = page.get("@odata.nextLink"), "2026-01-01T00:00:00Z"
            rows = [
                (
                    *(row.get(key) for key in keys),
                    *(str(row[key]) if row.get(key) is not None else None for key in money),
                    now,
                )
                for row in page["value"]
            ]
            file.execute("BEGIN IMMEDIATE")
            file.executemany(text, rows)
            file.execute("DELETE FROM place")
            file.execute("INSERT INTO place VALUES (?)", (link,))
            file.execute("COMMIT")
            read += len(rows)
        for column in lookups:
            file.execute(f'CREATE INDEX "i{column}" ON account ("{column}")')
        return read

    return timed


def sdk(args: argparse.Namespace) -> Callable[[], int]:
    """Microsoft's SDK, reading and throwing away."""
    from azure.core.credentials import AccessToken
    from PowerPlatform.Dataverse.client import DataverseClient

    class Credential:
        def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
            return AccessToken("canned", int(time.time()) + 3000)

    os.environ["REQUESTS_CA_BUNDLE"] = str(args.certificate)
    select = [*TEXTS, *(name for name in OTHERS if name != "ownerid"), "_ownerid_value"]

    def timed() -> int:
        read = 0
        with DataverseClient(args.origin, Credential()) as client:
            for page in client.records.list_pages("account", select=select, include_annotations="*"):
                read += len(page)
        return read

    return timed


WORK: dict[str, Callable[[argparse.Namespace], Callable[[], int]]] = {
    "sqlite": lambda args: mirror(args, "sqlite"),
    "postgres": lambda args: mirror(args, "postgres"),
    "parquet": lambda args: mirror(args, "parquet"),
    "floor": floor,
    "sdk": sdk,
}


@dataclass(frozen=True)
class Figures:
    rows: int
    seconds: float
    cpu: float
    memory: float

    @property
    def rate(self) -> float:
        return self.rows / self.seconds


def measure(what: str, origin: str, certificate: Path, **options: Any) -> Figures:
    """One process, doing one thing once; the middle of three."""

    def once() -> Figures:
        with tempfile.TemporaryDirectory(prefix="isthmus-bench-") as folder:
            command = [
                sys.executable,
                __file__,
                "--work",
                what,
                "--origin",
                origin,
                "--certificate",
                str(certificate),
            ]
            for name, value in options.items():
                command += [f"--{name}", str(value)]
            environment = {**os.environ, "ISTHMUS_DATA": folder, "LOG_LEVEL": "ERROR"}
            done = subprocess.run(
                [*command, "--folder", folder], capture_output=True, text=True, check=False, env=environment
            )
        if done.returncode:
            raise SystemExit(f"{what} failed:\n{done.stderr[-2000:]}")
        return Figures(**json.loads(done.stdout.splitlines()[-1]))

    found = sorted((once() for _ in range(REPEATED)), key=lambda each: each.seconds)
    return found[len(found) // 2]


REPEATED = int(os.environ.get("REPEATED", "3"))


def work(args: argparse.Namespace) -> None:
    """The inside of such a process. Imports are not part of the time."""
    timed = WORK[args.work](args)
    started, before = time.perf_counter(), time.process_time()
    rows = timed()
    use = resource.getrusage(resource.RUSAGE_SELF)
    figures = {
        "rows": rows,
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - before,
        "memory": use.ru_maxrss / 1024,
    }
    print(json.dumps(figures))


@contextmanager
def canned(rows: int, latency: float = 0.0, throttle: int = 0) -> Iterator[tuple[str, Path]]:
    from tests.microsoft.tlsserver import write_certificate

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_certificate(folder)
        command = [sys.executable, str(ROOT / "benchmarks" / "canned.py"), str(folder), "--rows", str(rows)]
        command += ["--latency", str(latency), "--throttle", str(throttle)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                yield server.stdout.readline().strip(), folder / "cert.pem"
            finally:
                server.terminate()


def line(label: str, found: Figures, against: Figures | None = None) -> None:
    ratio = f"{found.rate / against.rate:.2f}" if against else "1.00"
    cells = (
        label,
        f"{found.rate:,.0f}",
        ratio,
        f"{found.seconds:.1f}",
        f"{found.cpu:.1f}",
        f"{found.memory:.0f}",
    )
    print("| " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--postgres", default="")
    parser.add_argument("--million", action="store_true", help="also a million rows into SQLite")
    parser.add_argument("--work", choices=list(WORK))
    parser.add_argument("--origin")
    parser.add_argument("--certificate", type=Path)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--strategy", default="tracked")
    parser.add_argument("--readers", type=int, default=1)
    args = parser.parse_args()
    if args.work:
        work(args)
        return
    head = "| {} | rows/s | ratio | seconds | CPU s | peak MiB |\n|---|---|---|---|---|---|"
    with canned(args.rows) as (origin, certificate):
        print(f"\n{args.rows:,} records, answers at once; the ratio is to the floor\n")
        print(head.format("first load"))
        lowest = measure("floor", origin, certificate)
        line("the floor: plain loop into SQLite", lowest)
        line("Isthmus into SQLite", measure("sqlite", origin, certificate), lowest)
        line("Isthmus into SQLite, 4 readers", measure("sqlite", origin, certificate, readers=4), lowest)
        if args.postgres:
            found = measure("postgres", origin, certificate, postgres=args.postgres)
            line("Isthmus into PostgreSQL", found, lowest)
        line("Isthmus into Parquet", measure("parquet", origin, certificate), lowest)
        line("Microsoft's SDK, reading only", measure("sdk", origin, certificate), lowest)
    with canned(args.rows, latency=0.3) as (origin, certificate):
        print("\n300 ms for each page; the ratio is to Microsoft's SDK\n")
        print(head.format("first load"))
        slow = measure("sdk", origin, certificate)
        line("Microsoft's SDK, reading only", slow)
        for readers in (1, 4, 8):
            found = measure("sqlite", origin, certificate, strategy="watermark", readers=readers)
            line(f"Isthmus into SQLite, by time of change, {readers} readers", found, slow)
        line("Isthmus into SQLite, tracked, 1 reader", measure("sqlite", origin, certificate), slow)
    with canned(args.rows, throttle=7) as (origin, certificate):
        print("\nEvery seventh request is refused with 429 and Retry-After: 1\n")
        print(head.format("first load"))
        line("Isthmus into SQLite", measure("sqlite", origin, certificate))
    if args.million:
        with canned(1_000_000) as (origin, certificate):
            print("\nA million records\n")
            print(head.format("first load"))
            line("Isthmus into SQLite", measure("sqlite", origin, certificate))


if __name__ == "__main__":
    main()
