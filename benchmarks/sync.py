"""How fast a mirror is filled: `python benchmarks/sync.py --postgres URL` prints the tables of docs/performance.md.

Each line is a process of its own (`benchmarks/loads.py`) that reads the same canned records over TLS: Isthmus into
each destination, a plain loop of requests, fast JSON and SQLite that writes the very same columns (the floor),
Microsoft's SDK, which only reads, and dlt where it is installed. Memory is the peak of the process, CPU the seconds
it used; of workers that read one load together the largest peak, and the seconds of all. REPEATED=3 (the default) shows the middle of three runs; `--only first slow` leaves the other tables out.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[1]
# This file bears a package's name; the package is meant.
sys.path[0] = str(ROOT)

REPEATED = int(os.environ.get("REPEATED", "3"))


@dataclass(frozen=True)
class Figures:
    rows: int
    seconds: float
    cpu: float
    memory: float

    @property
    def rate(self) -> float:
        return self.rows / self.seconds


class Table:
    """Lines about one server; the first of them is what the others are compared with."""

    def __init__(
        self, title: str, postgres: str, *, rows: int, latency: float = 0.0, throttle: int = 0
    ) -> None:
        self.title, self.postgres = title, postgres
        self.rows, self.latency, self.throttle = rows, latency, throttle
        self.first: Figures | None = None

    def __enter__(self) -> Self:
        self._serving = canned(self.rows, self.latency, self.throttle)
        self.origin, self.certificate = self._serving.__enter__()
        print(f"\n{self.title}\n\n| first load | rows/s | ratio | seconds | CPU s | peak MiB |")
        print("|---|---|---|---|---|---|", flush=True)
        return self

    def __exit__(self, *problem: object) -> None:
        self._serving.__exit__(*problem)

    def line(self, label: str, load: str, *, repeated: int = REPEATED, **options: Any) -> None:
        """The middle of some runs of one load."""
        if load == "postgres":
            if not self.postgres:
                return
            options["postgres"] = self.postgres
        runs = sorted((self._once(load, options) for _ in range(repeated)), key=lambda each: each.seconds)
        found = runs[len(runs) // 2]
        self.first = self.first or found
        cells = (
            label,
            f"{found.rate:,.0f}",
            f"{found.rate / self.first.rate:.2f}",
            f"{found.seconds:.1f}",
            f"{found.cpu:.1f}",
            f"{found.memory:.0f}",
        )
        print("| " + " | ".join(cells) + " |", flush=True)

    def _once(self, load: str, options: dict[str, Any]) -> Figures:
        with tempfile.TemporaryDirectory(prefix="isthmus-bench-") as folder:
            command = [sys.executable, str(ROOT / "benchmarks" / "loads.py"), load, "--folder", folder]
            command += ["--origin", self.origin, "--certificate", str(self.certificate)]
            for name, value in options.items():
                command += [f"--{name}", str(value)]
            environment = {**os.environ, "ISTHMUS_DATA": folder, "LOG_LEVEL": "ERROR"}
            done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if done.returncode:
            raise SystemExit(f"{load} failed:\n{done.stderr[-2000:]}")
        found = Figures(**json.loads(done.stdout.splitlines()[-1]))
        if found.rows != self.rows:
            raise SystemExit(f"{load} brought {found.rows} records instead of {self.rows}")
        return found


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


def first(args: argparse.Namespace) -> None:
    title = f"{args.rows:,} records, answers at once; the ratio is to the floor"
    with Table(title, args.postgres, rows=args.rows) as table:
        table.line("the floor: a plain loop into SQLite", "floor")
        table.line("Isthmus into SQLite", "sqlite")
        table.line("Isthmus into SQLite, 4 readers", "sqlite", readers=4)
        table.line("Isthmus into PostgreSQL", "postgres")
        table.line("Isthmus into Parquet", "parquet")
        table.line("Microsoft's SDK, reading only", "sdk")


def others(args: argparse.Namespace) -> None:
    """Fewer records, since dlt takes its time for each."""
    if not importlib.util.find_spec("dlt"):
        print("\ndlt is not installed (pip install -e '.[benchmark]'), so the table with it is left out.")
        return
    rows = args.rows // 5
    with Table(f"{rows:,} records, answers at once; the ratio is to dlt", args.postgres, rows=rows) as table:
        table.line("dlt into DuckDB", "dlt", repeated=1)
        table.line("Isthmus into SQLite", "sqlite")
        table.line("Isthmus into PostgreSQL", "postgres")


def slow(args: argparse.Namespace) -> None:
    title = f"{args.rows:,} records, 300 ms before each answer; the ratio is to Microsoft's SDK"
    with Table(title, args.postgres, rows=args.rows, latency=0.3) as table:
        table.line("Microsoft's SDK, reading only", "sdk")
        table.line("Isthmus into SQLite, tracked, 1 reader", "sqlite")
        for readers in (1, 4, 8):
            label = f"Isthmus into SQLite, by time of change, {readers} reader{'s' if readers > 1 else ''}"
            table.line(label, "sqlite", strategy="watermark", readers=readers)
        for readers in (1, 8):
            label = (
                f"Isthmus into PostgreSQL, by time of change, {readers} reader{'s' if readers > 1 else ''}"
            )
            table.line(label, "postgres", strategy="watermark", readers=readers)


def throttled(args: argparse.Namespace) -> None:
    title = f"{args.rows:,} records, every seventh request refused with 429 and Retry-After: 1"
    with Table(title, args.postgres, rows=args.rows, throttle=7) as table:
        table.line("Isthmus into SQLite", "sqlite")
        table.line(
            "Isthmus into SQLite, by time of change, 4 readers", "sqlite", strategy="watermark", readers=4
        )
        table.line("Isthmus into PostgreSQL", "postgres")


def workers(args: argparse.Namespace) -> None:
    """One mirror, by time of change: a tracked load walks over the ids first, in one worker."""
    for latency, load in ((0.0, "postgres"), (0.3, "postgres"), (0.0, "sqlite"), (0.3, "sqlite")):
        if load == "postgres" and not args.postgres:
            continue
        title = f"{args.rows:,} records, {latency * 1000:.0f} ms before each answer, 4 requests at once"
        with Table(title, args.postgres, rows=args.rows, latency=latency) as table:
            for number in (1, 2):
                label = f"Isthmus into {'PostgreSQL' if load == 'postgres' else 'SQLite'}, {number} worker"
                table.line(label + "s"[: number > 1], load, strategy="watermark", readers=4, workers=number)


def million(args: argparse.Namespace) -> None:
    rows = 1_000_000
    with Table(f"{rows:,} records, answers at once", args.postgres, rows=rows) as table:
        table.line("Isthmus into SQLite", "sqlite", repeated=1)
        table.line("Isthmus into PostgreSQL", "postgres", repeated=1)
    title = f"{rows:,} records, 300 ms before each answer; the ratio is to Microsoft's SDK"
    with Table(title, args.postgres, rows=rows, latency=0.3) as table:
        table.line("Microsoft's SDK, reading only", "sdk", repeated=1)
        for name, load in (("SQLite", "sqlite"), ("PostgreSQL", "postgres")):
            label = f"Isthmus into {name}, by time of change, 8 readers"
            table.line(label, load, repeated=1, strategy="watermark", readers=8)


TABLES = {
    "first": first,
    "others": others,
    "slow": slow,
    "throttled": throttled,
    "workers": workers,
    "million": million,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000, help="in all tables but that of a million")
    parser.add_argument("--postgres", default="", help="the address of a database; without it no such lines")
    parser.add_argument("--only", nargs="+", choices=list(TABLES), default=list(TABLES))
    args = parser.parse_args()
    for name in args.only:
        TABLES[name](args)


if __name__ == "__main__":
    main()
