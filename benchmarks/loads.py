"""One load of canned records, in a process of its own that `benchmarks/sync.py` starts; prints its figures as JSON."""

import argparse
import json
import os
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

# The folder of this file holds modules that bear the names of packages; the packages are meant.
sys.path[0] = str(Path(__file__).resolve().parents[1])

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


class Helper:
    """Another worker, which has imported everything and waits to be told of a load."""

    def __init__(self, args: argparse.Namespace) -> None:
        command = [sys.executable, __file__, args.load, "--helps"]
        for name in ("origin", "certificate", "folder", "strategy", "readers", "postgres"):
            command += [f"--{name}", str(getattr(args, name))]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.process.stdout.readline()

    def tell(self, load: str) -> None:
        assert self.process.stdin is not None
        print(load, file=self.process.stdin, flush=True)

    def end(self) -> dict[str, Any]:
        """Its figures."""
        out, _ = self.process.communicate(timeout=60)
        return dict(json.loads(out))


HELPERS: list[Helper] = []


def lend(source: Any, store: Any) -> int:
    """What such a worker does. The leader counts the rows."""
    from sync.engine.load import lend_a_hand

    print("ready", flush=True)
    for load in sys.stdin:
        lend_a_hand(
            source,
            store,
            f"helper-{os.getpid()}:1",
            load=load.strip(),
            version="",
            report=lambda _rows: None,
            living=lambda owners: owners,
        )
    return 0


def mirror(args: argparse.Namespace, destination: str) -> Callable[[], int]:  # noqa: C901  one world of its own
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
    from sync.state import State

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

            store: Store = PostgresStore(args.postgres, args.folder.name, "account", columns)
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
    source = Source(client, "accounts", "account", "accountid", parallel=lambda: args.readers)

    if args.helps:
        return lambda: lend(source, opened())

    HELPERS.extend(Helper(args) for _ in range(args.workers - 1))

    def recruit(state: State, _parts: int) -> None:
        for helper in HELPERS:
            helper.tell(state.load)

    def everybody(owners: set[str]) -> set[str]:
        return owners

    def timed() -> int:
        store, attempts = opened(), 0
        while True:
            attempts += 1
            try:
                wanted, owner = Wanted(Strategy(args.strategy)), f"bench:{attempts}"
                found = Mirror(source, store, wanted, owner, recruit=recruit, living=everybody).run()
            except Throttled as wait:  # a worker would requeue the run; it goes on where it was
                time.sleep(wait.retry_after or 1)
                continue
            if destination == "postgres":
                store.execute(f'DROP SCHEMA "{args.folder.name}" CASCADE')  # type: ignore[attr-defined]
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


def dlt(args: argparse.Namespace) -> Callable[[], int]:
    """Dlt by its REST source into DuckDB, by way of Parquet: the INSERTs it writes by default take minutes."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    os.environ["REQUESTS_CA_BUNDLE"] = str(args.certificate)
    import dlt
    from dlt.sources.rest_api import rest_api_source

    select = ",".join([*TEXTS, *(name for name in OTHERS if name != "ownerid"), "_ownerid_value"])
    source = rest_api_source(
        {
            "client": {
                "base_url": f"{args.origin}/api/data/v9.2/",
                "headers": {
                    "Authorization": "Bearer canned",
                    "Prefer": 'odata.maxpagesize=5000,odata.include-annotations="*"',
                },
                "paginator": {"type": "json_link", "next_url_path": "$['@odata.nextLink']"},
            },
            "resources": [
                {
                    "name": "account",
                    "primary_key": "accountid",
                    "endpoint": {
                        "path": "accounts",
                        "params": {"$select": select},
                        "data_selector": "value",
                    },
                }
            ],
        }
    )

    def timed() -> int:
        pipeline = dlt.pipeline(
            "bench",
            pipelines_dir=str(args.folder),
            destination=dlt.destinations.duckdb(str(args.folder / "bench.duckdb")),
            dataset_name="mirror",
        )
        pipeline.run(source, loader_file_format="parquet")
        with pipeline.sql_client() as client:
            found = client.execute_sql("SELECT count(*) FROM account")
        return int(found[0][0]) if found else 0

    return timed


LOADS: dict[str, Callable[[argparse.Namespace], Callable[[], int]]] = {
    "sqlite": lambda args: mirror(args, "sqlite"),
    "postgres": lambda args: mirror(args, "postgres"),
    "parquet": lambda args: mirror(args, "parquet"),
    "floor": floor,
    "sdk": sdk,
    "dlt": dlt,
}


def main() -> None:
    """What is imported is not part of the time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("load", choices=list(LOADS))
    parser.add_argument("--origin", required=True)
    parser.add_argument("--certificate", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--postgres", default="")
    parser.add_argument("--strategy", default="tracked")
    parser.add_argument("--readers", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="that read one load together")
    parser.add_argument("--helps", action="store_true", help="be one of them")
    args = parser.parse_args()
    timed = LOADS[args.load](args)
    started, before = time.perf_counter(), time.process_time()
    rows = timed()
    figures = {
        "rows": rows,
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - before,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    for helped in [helper.end() for helper in HELPERS]:
        figures["cpu"] += helped["cpu"]
        figures["memory"] = max(figures["memory"], helped["memory"])
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
