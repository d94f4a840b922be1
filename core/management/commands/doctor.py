from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.doctor import examine


class Command(BaseCommand):
    help = "Say which prerequisites hold, and how to mend those that do not. Exit code 1 if one does not."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        ailing = 0
        styles = {"ok": self.style.SUCCESS, "failed": self.style.ERROR, "skipped": self.style.WARNING}
        for finding in examine():
            state = styles[finding.state](f"{finding.state:<8}")
            self.stdout.write(f"{state}{finding.name}: {finding.what}")
            if finding.remedy:
                self.stdout.write(f"        → {finding.remedy}")
            ailing += finding.state == "failed"
        if ailing:
            raise CommandError(f"{ailing} prerequisite(s) do not hold.", returncode=1)
        self.stdout.write(self.style.SUCCESS("Everything holds."))
