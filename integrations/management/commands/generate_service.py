"""Writes the typed Python package of a published service."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actors import Actor
from core.problems import Problem
from integrations.generation.build import Form, build, write
from integrations.models import Integration
from integrations.services.python import package_files


class Command(BaseCommand):
    help = "Writes the Python package of a published service: its source, or a wheel or sdist to install."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("service", help="The service's name, such as sales_is.")
        parser.add_argument("--number", type=int, help="The published version; the latest by default.")
        parser.add_argument(
            "--out", type=Path, default=Path(), help="The folder; the present one by default."
        )
        parser.add_argument("--form", choices=["source", *Form], default="source")

    def handle(self, *_args: Any, **options: Any) -> None:
        integration = (
            Integration.objects.select_related("team").filter(service_name=options["service"]).first()
        )
        if integration is None:
            raise CommandError(f"There is no service {options['service']!r}.")
        try:
            files = package_files(Actor.system("command generate_service"), integration, options["number"])
        except Problem as problem:
            raise CommandError(f"{problem.message} {problem.advice}".strip()) from None
        self.stdout.write(str(_keep(files, options["form"], options["out"], integration.service_name)))


def _keep(files: dict[str, str], form: str, folder: Path, name: str) -> Path:
    if form == "source":
        write(files, folder / name)
        return folder / name
    archive = build(files, Form(form))
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / archive.name
    target.write_bytes(archive.content)
    return target
