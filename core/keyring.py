"""Whether the configured encryption key is the one this database was written with."""

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from core.fields import Undecryptable
from core.models import Canary

SONG = "tweet"


def check_keys() -> None:
    """Refuse to go on with a key that cannot read what is stored; plant the canary in a new database.

    Raises:
        ImproperlyConfigured: when the canary cannot be read.

    """
    try:
        canary = Canary.objects.first()
    except DatabaseError:
        return  # not migrated yet: there is nothing to protect
    except Undecryptable:
        canary = Canary(song="")
    if canary is None:
        Canary.objects.get_or_create(pk=1, defaults={"song": SONG})
    elif canary.song != SONG:
        raise ImproperlyConfigured(
            "FIELD_ENCRYPTION_KEY is not the key this database was written with. Nothing has been changed. "
            "Start with the original key; to introduce a new one put it first and keep the old one after it."
        )
