"""Connections from the command line, through the same services and the same gate as the pages."""

from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q, QuerySet

from accounts.actors import Actor
from accounts.models import User
from connections.health.links import first_broken, read
from connections.inventory import COLUMNS, as_text, inventory
from connections.manual import instructions
from connections.models import Connection
from connections.rotation.rotate import ROTATABLE
from connections.services import health, manual, removal, rotation
from core.problems import Problem
from jobs.models import JobRun
from microsoft.errors import MicrosoftError

ACTIONS = ("list", "check", "rotate", "remove", "inventory", "instructions", "enter")
BRIEF = ("name", "state", "team", "environment", "expires_at", "reason")


class Command(BaseCommand):
    help = (
        "Lists, checks, rotates and removes connections, and passes on what a manual one needs. Removing, "
        "entering identifiers, and --compromised act as a person "
        "(--as USER) whose own authorization must be live; the rest is done unattended."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=ACTIONS)
        parser.add_argument("which", nargs="*", help="Names or ids; none means all (not for remove).")
        parser.add_argument("--as", dest="person", metavar="USER", help="The user name to act as.")
        parser.add_argument("--team", help="Only connections of the team of this name.")
        parser.add_argument("--format", choices=["table", "csv", "json"], default="table")
        parser.add_argument("--dry-run", action="store_true", help="rotate: say what would happen.")
        parser.add_argument("--due", action="store_true", help="rotate: only what is due.")
        parser.add_argument("--compromised", action="store_true", help="rotate: the keys have leaked.")
        parser.add_argument("--yes", action="store_true", help="remove: do not ask for it once more.")
        parser.add_argument("--although-used", action="store_true", help="remove: also what is bound.")
        parser.add_argument("--client-id", default="", help="enter: what the administrator sent back.")
        parser.add_argument("--object-id", default="", help="enter: that of the app registration.")

    def handle(self, *_args: Any, **options: Any) -> None:
        chosen = _chosen(options["which"], options["team"])
        action = getattr(self, f"_{options['action']}")
        failed = action(chosen, options)
        if failed:
            raise CommandError(f"{failed} of {len(chosen)} did not go well.")

    def _list(self, chosen: list[Connection], options: dict[str, Any]) -> int:
        self._show(inventory(chosen), options["format"], BRIEF)
        return 0

    def _inventory(self, chosen: list[Connection], options: dict[str, Any]) -> int:
        form = "csv" if options["format"] == "table" else options["format"]
        self._show(inventory(chosen), form, COLUMNS)
        return 0

    def _check(self, chosen: list[Connection], options: dict[str, Any]) -> int:
        broken = 0
        for connection in (one for one in chosen if one.state in ROTATABLE):
            health.check_unattended(connection)
            connection.refresh_from_db()
            link = first_broken(read(connection.links))
            broken += link is not None
            self._say(connection, f"broken: {link.title}: {link.message}" if link else "every link holds")
        return broken

    def _rotate(self, chosen: list[Connection], options: dict[str, Any]) -> int:
        if options["due"]:
            needing = {connection.pk for connection in rotation.needing_rotation()}
            chosen = [connection for connection in chosen if connection.pk in needing]
        if options["dry_run"]:
            for connection in chosen:
                plan = rotation.plan(connection)
                due = f"begins by itself on {plan.due_at:%Y-%m-%d}" if plan.due_at else "never by itself"
                self._say(connection, "; ".join([due, *plan.steps]))
            return 0
        actor = _actor(options["person"], "rotation", required=options["compromised"])
        act = rotation.compromise if options["compromised"] else rotation.rotate
        return sum(not self._ask(connection, act, actor) for connection in chosen)

    def _remove(self, chosen: list[Connection], options: dict[str, Any]) -> int:
        if not options["which"]:
            raise CommandError("Name the connections to remove.")
        actor = _actor(options["person"], "", required=True)
        if not options["yes"]:
            names = ", ".join(connection.name for connection in chosen)
            raise CommandError(f"This would remove {names}, at Microsoft as well. Repeat it with --yes.")
        act = partial(removal.remove, although_used=options["although_used"])
        return sum(not self._ask(connection, act, actor) for connection in chosen)

    def _instructions(self, chosen: list[Connection], _options: dict[str, Any]) -> int:
        for connection in (one for one in chosen if one.is_manual):
            self.stdout.write(instructions.as_text(connection, manual.handed_over(connection)))
        return 0

    def _enter(self, chosen: list[Connection], options: dict[str, Any]) -> int:
        actor = _actor(options["person"], "", required=True)
        if len(options["which"]) != 1:
            raise CommandError("Name the one connection whose identifiers these are.")
        act = partial(manual.enter, client_id=options["client_id"], application_id=options["object_id"])
        return sum(not self._ask(connection, act, actor) for connection in chosen)

    def _ask(self, connection: Connection, act: Any, actor: Actor) -> bool:
        try:
            run: JobRun = act(actor, connection)
        except (Problem, MicrosoftError) as error:
            advice = getattr(error, "advice", "")
            fields = " ".join(f"{name}: {text}" for name, text in getattr(error, "fields", {}).items())
            self._say(connection, " ".join(f"refused: {error} {fields} {advice}".split()))
            return False
        self._say(connection, f"asked for; job {run.pk} is {run.get_state_display().lower()}")
        return True

    def _say(self, connection: Connection, text: str) -> None:
        self.stdout.write(f"{connection.name}: {text}")

    def _show(self, rows: list[dict[str, Any]], form: str, columns: Iterable[str]) -> None:
        if form != "table":
            self.stdout.write(as_text(rows, form, columns), ending="")
            return
        for row in rows:
            self.stdout.write("  ".join(str(row[name] or "-") for name in columns))


def _chosen(which: list[str], team: str | None) -> list[Connection]:
    rows: QuerySet[Connection] = Connection.objects.exclude(state=Connection.State.REMOVED)
    rows = rows.select_related("team", "environment").prefetch_related("certificates")
    if team:
        rows = rows.filter(team__name=team)
    if not which:
        return list(rows)
    found = []
    for word in which:
        match = list(rows.filter(Q(name=word) | Q(pk=_uuid(word))))
        if len(match) != 1:
            many = "several connections; give the id, or --team" if match else "no connection"
            raise CommandError(f"There is {many} of the name {word}." if not match else f"{word} is {many}.")
        found += match
    return found


def _actor(username: str | None, duty: str, *, required: bool) -> Actor:
    if username is None:
        if required:
            raise CommandError("This takes a person: give --as USER.")
        return Actor.system(duty)
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(f"There is no active user {username}.")
    return Actor.person(user)


def _uuid(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None
