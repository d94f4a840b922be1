from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.audit import verify_chain
from accounts.models import AuditChain


class Command(BaseCommand):
    help = "audit verify: whether the audit trail is as it was written. Keep its last line elsewhere to prove it later."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["verify"])

    def handle(self, *args: Any, **options: Any) -> None:
        breaks = verify_chain()
        for found in breaks:
            self.stderr.write(f"event {found.event_id}: {found.what}")
        if breaks:
            raise CommandError(f"The audit trail does not hold: {len(breaks)} places.")
        head = AuditChain.objects.filter(pk=1).first() or AuditChain()
        self.stdout.write(f"The audit trail holds: {head.length} events, newest {head.hash or 'none'}")
