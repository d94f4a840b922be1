from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person. Who they are at Microsoft stands in their authorizations (`tid.oid`), never in an e-mail."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(max_length=60, default="UTC")

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self).split(" ", maxsplit=1)[0]
