"""manage.py sync run|status|reset"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.actors import Actor
from sync.destinations import open_store
from sync.models import Sync, SyncEntity
from sync.services import runs


class Command(BaseCommand):
    help = "Shows how far the mirrors are, asks for runs, or lets a mirror begin anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["run", "status", "reset"])
        parser.add_argument("name", nargs="?", help="of the sync; all of them for status")
        parser.add_argument("--entity", help="one logical name")
        parser.add_argument("--full", action="store_true", help="run: read and compare everything")

    def handle(self, *args: Any, **options: Any) -> None:
        syncs = Sync.objects.select_related("team", "schedule")
        if options["name"]:
            syncs = syncs.filter(name=options["name"])
            if not syncs:
                raise CommandError(f"There is no sync named {options['name']}.")
        elif options["what"] != "status":
            raise CommandError(f"Which sync? {options['what']} takes its name.")
        for sync in syncs:
            rows = [each for each in sync.entities.all() if options["entity"] in (None, each.logical_name)]
            if not rows:
                raise CommandError(f"{sync} has no entity {options['entity']}.")
            getattr(self, f"_{options['what']}")(sync, rows, options)

    def _status(self, sync: Sync, rows: list[SyncEntity], _options: dict[str, Any]) -> None:
        self.stdout.write(f"{sync.name} ({sync.team})")
        for row in rows:
            state = row.run.get_state_display() if row.run else "Not run yet"
            as_of = f"as of {row.as_of:%Y-%m-%d %H:%M:%S} UTC" if row.as_of else "nothing mirrored yet"
            count = f"{row.rows:,}" if row.rows is not None else "-"
            switched = "" if row.enabled else ", off"
            self.stdout.write(f"  {row.logical_name:30} {count:>12}  {as_of}  {state}{switched}")

    def _run(self, sync: Sync, rows: list[SyncEntity], options: dict[str, Any]) -> None:
        actor = Actor.system("command line")
        asked = 0
        with transaction.atomic():
            for row in rows:
                if row.enabled or options["entity"]:
                    asked += len(runs.fan_out(actor, sync, full=options["full"], only=row))
        self.stdout.write(f"{sync.name}: {asked} asked for; a worker carries them out.")

    def _reset(self, sync: Sync, rows: list[SyncEntity], _options: dict[str, Any]) -> None:
        for row in rows:
            store = open_store(sync, row.table, ())
            try:
                store.reset()
            finally:
                store.close()
            self.stdout.write(
                f"{sync.name}: {row.logical_name} is read anew with its next run; its rows stay till then."
            )
