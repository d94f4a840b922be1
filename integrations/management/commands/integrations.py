"""Definitions to files and back, through the same services and the same gate as the pages."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actors import Actor
from accounts.models import Team, User
from accounts.rules import visible_teams
from connections.models import Environment
from connections.services import environments
from core.problems import Problem
from integrations.document import from_yaml
from integrations.models import Integration
from integrations.services import publishing, transfer
from integrations.services.transfer import Imported
from microsoft.errors import MicrosoftError


class Command(BaseCommand):
    help = (
        "Writes the definition of a service as a YAML file without secrets, and makes such a file a draft, here or "
        "in another installation. Importing acts as a person (--as USER) whose own authorization must be live."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        out = actions.add_parser("export", help="Write a file.")
        out.add_argument("service", help="The service's name, such as sales_is.")
        out.add_argument("--number", type=int, help="The published version; the latest by default.")
        out.add_argument("--draft", action="store_true", help="The draft instead of a version.")
        out.add_argument("--out", type=Path, help="The file; standard output by default.")
        come = actions.add_parser("import", help="Make a file the draft of its service.")
        come.add_argument("file", help="The file, or - for standard input.")
        come.add_argument(
            "--as", dest="person", required=True, metavar="USER", help="The user name to act as."
        )
        come.add_argument("--team", required=True, help="The team that owns the integration.")
        come.add_argument("--environment", required=True, metavar="URL", help="For which it is built.")
        come.add_argument("--publish", metavar="NOTES", help="Publish it at once, with these notes.")
        come.add_argument("--dry-run", action="store_true", help="Only check the file.")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['action']}")(options)
        except Problem as problem:
            raise CommandError(" ".join(part for part in (problem.message, problem.advice) if part)) from None
        except MicrosoftError as error:
            raise CommandError(f"{error.message} {error.advice}".strip()) from None

    def _export(self, options: dict[str, Any]) -> None:
        name = options["service"]
        integration = Integration.objects.select_related("team").filter(service_name=name).first()
        if integration is None:
            raise CommandError(f"There is no service {name!r}.")
        actor = Actor.system("command integrations")
        text = transfer.exported(actor, integration, options["number"], draft=options["draft"])
        if options["out"]:
            options["out"].write_bytes(text.encode())
        else:
            self.stdout.write(text, ending="")

    def _import(self, options: dict[str, Any]) -> None:
        document = from_yaml(_read(options["file"]))
        if options["dry_run"]:
            self.stdout.write(f"{document.service}: {len(document.definition.entities)} entities, sound.")
            return
        user = User.objects.filter(username=options["person"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user {options['person']!r}.")
        actor = Actor.person(user)
        team = visible_teams(user).filter(name=options["team"]).first()
        if team is None:
            raise CommandError(f"{user} is in no team named {options['team']!r}.")
        imported = transfer.import_document(
            actor, team, _environment(actor, team, options["environment"]), document
        )
        self._report(imported)
        if options["publish"] is not None:
            row = imported.integration
            version = publishing.publish(actor, row, row.revision, options["publish"])
            self.stdout.write(f"Published as version {version.number}.")

    def _report(self, imported: Imported) -> None:
        breaking = sum(change.breaking for change in imported.changes)
        verb = "Created" if imported.created else "Changed the draft of"
        said = "" if imported.created else f", {breaking} breaking"
        self.stdout.write(
            f"{verb} {imported.integration.service_name}: {len(imported.changes)} changes{said}."
        )
        for warning in imported.warnings:
            self.stderr.write(f"{imported.integration.environment} lacks {warning}.")


def _read(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read: {error}") from None


def _environment(actor: Actor, team: Team, url: str) -> Environment:
    """One that a connection of the team uses, or that the person reaches."""
    wanted = url.rstrip("/").lower()
    known = Environment.objects.filter(url__iexact=wanted, connections__team=team).first()
    return known or environments.keep(environments.find(actor, url))
