from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.rekeying import columns, rewrite


class Command(BaseCommand):
    help = (
        "Writes everything encrypted anew with the first key of FIELD_ENCRYPTION_KEY, while people work. "
        "Interrupted, it is simply started again. When it says that all is current, the old keys can go."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only count what it would write.")

    def handle(self, *_args: Any, **options: Any) -> None:
        left = 0
        for model, name in columns():
            *_, tally = rewrite(model, name, dry_run=options["dry_run"])
            would = "to rewrite" if options["dry_run"] else "rewritten"
            self.stdout.write(f"{tally.column}: {tally.rewritten} {would}, {tally.current} current already")
            for pk in tally.unreadable:
                self.stderr.write(f"{tally.column} {pk}: no configured key opens it")
            for pk in tally.contended:
                self.stderr.write(
                    f"{tally.column} {pk}: is being written by a process that has the old key first"
                )
            left += len(tally.unreadable) + len(tally.contended)
        if left:
            raise CommandError(f"{left} values are not written with the first key. Keep the other keys.")
        if not options["dry_run"]:
            self.stdout.write("All is written with the first key. The other keys can go.")
