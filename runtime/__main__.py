"""`python -m runtime run` starts everything; `python -m runtime manage …` runs a command beside it."""

import argparse
import os
import signal
import sys
from dataclasses import replace

from runtime import options, stack
from runtime.console import Console
from runtime.environment import for_parts
from runtime.lock import facts_of, only_one
from runtime.options import Options
from runtime.problems import CannotStart
from runtime.supervisor import Stopped, Supervisor


def main() -> int:
    """The exit code: 0 after an asked-for stop, 1 after anything else."""
    parser = argparse.ArgumentParser(prog="python -m runtime", description=__doc__)
    parser.add_argument("--data", help="the data folder (ISTHMUS_DATA)")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="start Isthmus and everything it needs")
    run.add_argument("--data", dest="data", default=argparse.SUPPRESS)
    run.add_argument("--port", help="the portal's port (PORT), 0 for any free one")
    run.add_argument("--sandbox-port", help="the first of the sandbox's ports (SANDBOX_PORT), 0 likewise")
    manage = commands.add_parser("manage", help="a manage.py command, in the same environment")
    manage.add_argument("arguments", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    try:
        if given.command == "manage":
            return _manage(options.read(given.data), given.arguments)
        return _run(options.read(given.data, given.port, given.sandbox_port))
    except CannotStart as problem:
        sys.stderr.write(f"\n{problem}\n")
        return 1


def _run(chosen: Options) -> int:
    console = Console()
    with only_one(chosen.data, port=chosen.port, sandbox_port=chosen.sandbox_port):
        stack.check_ports(chosen)
        with Supervisor(console) as supervisor:
            try:
                stack.start(supervisor, chosen)
                console.say(_banner(chosen))
                part = supervisor.watch()
            except Stopped:
                console.say("\nStopping …")
                return 0
            how = _how(part.process.returncode)
            console.say(f"\n“{part.name}” {how}. Everything else is being stopped.")
            console.say("Its last lines:\n  " + "\n  ".join(part.last_lines))
            return 1


def _how(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def _manage(chosen: Options, arguments: list[str]) -> int:
    facts = facts_of(chosen.data)
    chosen = replace(
        chosen,
        port=facts.get("port", chosen.port),
        sandbox_port=facts.get("sandbox_port", chosen.sandbox_port),
    )
    try:
        environment = for_parts(chosen)
    except CannotStart as problem:
        # The doctor is there to find out what is missing; it must run without it.
        sys.stderr.write(f"{problem}\n")
        environment = {**os.environ, "ISTHMUS_DATA": str(chosen.data)}
    os.execve(sys.executable, [*stack.MANAGE, *arguments], environment)  # noqa: S606


def _banner(chosen: Options) -> str:
    who = (
        "Sign in with Microsoft, on the sandbox: Ana administers Contoso, Ben builds, Cleo is an ordinary member."
        if chosen.sandbox
        else "Sign in with your Microsoft account."
    )
    lines = [
        f"isthmus ready {chosen.url}",
        "",
        f"  Open       {chosen.url}",
        f"  Who        {who}",
        f"  Data       {chosen.data}",
        "  Stop       Ctrl-C; started again, everything is still there",
    ]
    return "\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
