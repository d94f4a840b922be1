"""`python -m sandbox`: Microsoft's endpoints on this machine until Ctrl-C."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from sandbox.dataverse.setup import SCENARIOS
from sandbox.front_app import REDIRECT_URI
from sandbox.schema_commands import COMMANDS
from sandbox.world import World

EPILOG = "Other commands: import-schema and export-schema; see --help of each."
# Entra takes seconds to tell its own regions about a new application; so does the sandbox.
REPLICATION_DELAY = 2.0


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if given and given[0] in COMMANDS:
        return COMMANDS[given[0]](given[1:])
    options = _parser().parse_args(given)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    world = World(
        options.data,
        options.port,
        options.scenario,
        redirect_uris=options.redirect_uri or [REDIRECT_URI],
        replication_delay=options.replication_delay,
    )
    try:
        world.start()
    except OSError as error:
        print(f"sandbox: {error.strerror} Choose another with --port.", file=sys.stderr)  # noqa: T201
        return 1
    print(f"sandbox ready {world.places.login}", flush=True)  # noqa: T201
    print(f"sandbox pages {world.places.pages}", flush=True)  # noqa: T201
    builder = threading.Thread(target=world.prepare, name="prepare", daemon=True)
    builder.start()
    done.wait()
    world.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__, epilog=EPILOG)
    parser.add_argument("--data", type=Path, default=Path("data/sandbox"), help="folder that keeps the state")
    parser.add_argument("--port", type=int, default=8440, help="first of a row of ports; 0 picks free ones")
    parser.add_argument(
        "--scenario", default="small", choices=SCENARIOS, help="what a new folder is filled with"
    )
    parser.add_argument(
        "--redirect-uri",
        action="append",
        metavar="URI",
        help=f"where sign-ins may return to, repeatable (default {REDIRECT_URI}; ports of localhost are ignored)",
    )
    parser.add_argument(
        "--replication-delay",
        type=float,
        default=REPLICATION_DELAY,
        metavar="SECONDS",
        help="until new applications and keys work (default %(default)s)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
