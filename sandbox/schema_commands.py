"""`python -m sandbox import-schema` and `export-schema`: schemas between files and a data folder."""

import argparse
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TextIO

import msgspec

from sandbox.dataverse.metadata.exporter import export_schema
from sandbox.dataverse.metadata.importer import Importer, Report
from sandbox.dataverse.organization import Organization
from sandbox.dataverse.setup import SCENARIOS
from sandbox.world import World

JSON = msgspec.json.Decoder(float_hook=Decimal)
MOST_PLACES = 5


def import_schema(arguments: Sequence[str]) -> int:
    """Read files into an environment. Returns 1 when a file cannot be read."""
    parser = _parser("import-schema", "Recreate the tables that a real environment describes.")
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="JSON as the environment returned it"
    )
    parser.add_argument(
        "--scenario", default="empty", choices=SCENARIOS, help="what a new folder is filled with first"
    )
    options = parser.parse_args(arguments)
    contents = []
    for file in options.files:
        try:
            contents.append(JSON.decode(file.read_bytes()))
        except (OSError, msgspec.DecodeError) as error:
            _say(f"{file}: {error}", sys.stderr)
            return 1
    organization = _organization(options, parser)
    _tell(Importer(organization, contents).run())
    _say("A sandbox that runs on this folder must be started again to see it.")
    return 0


def export(arguments: Sequence[str]) -> int:
    """Write an environment's schema to a file or to standard output."""
    parser = _parser("export-schema", "Write tables as import-schema reads them.")
    parser.add_argument(
        "--table", action="append", default=[], metavar="NAME", help="only this one, repeatable"
    )
    parser.add_argument("--output", "-o", type=Path, metavar="FILE", help="default is standard output")
    parser.set_defaults(scenario="small")
    options = parser.parse_args(arguments)
    snapshot = _organization(options, parser).snapshot
    unknown = set(options.table) - snapshot.entities.keys()
    if unknown:
        parser.error(f"there is no table {', '.join(sorted(unknown))}")
    content = msgspec.json.format(
        msgspec.json.Encoder(decimal_format="number").encode(export_schema(snapshot, options.table)), indent=1
    )
    if options.output:
        options.output.write_bytes(content + b"\n")
    else:
        _say(content.decode())
    return 0


COMMANDS = {"import-schema": import_schema, "export-schema": export}


def _parser(name: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m sandbox {name}", description=description)
    parser.add_argument("--data", type=Path, default=Path("data/sandbox"), help="folder that keeps the state")
    parser.add_argument(
        "--environment", default="contoso", metavar="NAME", help="unique name (default %(default)s)"
    )
    return parser


def _organization(options: argparse.Namespace, parser: argparse.ArgumentParser) -> Organization:
    world = World(options.data, scenario=options.scenario)
    try:
        return world.environment(options.environment).organization
    except KeyError:
        names = ", ".join(one.unique_name for one in world.directory.environments())
        parser.error(f"there is no environment {options.environment!r}; there are {names}")


def _tell(report: Report) -> None:
    made = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in report.made.items()) or "nothing"
    _say(f"Made or replaced: {made}.")
    for text, places in report.notes.items():
        shown = ", ".join(places[:MOST_PLACES])
        more = f" and {len(places) - MOST_PLACES} more" if len(places) > MOST_PLACES else ""
        _say(f"- {text}: {shown}{more}")


def _say(text: str, stream: TextIO | None = None) -> None:
    print(text, file=stream or sys.stdout)
