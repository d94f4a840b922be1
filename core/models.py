from django.db import models

from core.fields import SealedTextField


class Canary(models.Model):
    """One encrypted row whose only purpose is to be readable: a wrong key is noticed before any harm."""

    song = SealedTextField()

    class Meta:
        verbose_name_plural = "canaries"

    def __str__(self) -> str:
        return "canary"
