import sys

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

# These must work before there is a database, or without its key.
KEYLESS_COMMANDS = {"migrate", "makemigrations", "collectstatic", "check", "doctor", "help", "test", "shell"}


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        connection_created.connect(_check_once, dispatch_uid="core.keyring")
        post_migrate.connect(_check_after_migrate, sender=self, dispatch_uid="core.keyring")


def _check_after_migrate(**_kwargs: object) -> None:
    from core.keyring import check_keys

    check_keys()


def _check_once(**_kwargs: object) -> None:
    """The first connection of every process (web, worker, beat, command) proves the key."""
    if len(sys.argv) > 1 and sys.argv[1] in KEYLESS_COMMANDS:
        return
    if not connection_created.disconnect(dispatch_uid="core.keyring"):
        return
    from core.keyring import check_keys

    check_keys()
