import uuid
from datetime import datetime

from django.conf import settings
from django.db import models

from accounts.models import Team
from core import clock
from integrations.models.binding import Stage
from integrations.models.integration import Integration


class ServiceKey(models.Model):
    """A program's way into one service on one stage. The key itself is shown once; its digest is kept."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        EXPIRED = "expired", "Expired"
        REVOKED = "revoked", "Revoked"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="keys")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="keys")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=12, help_text="How the key begins, to recognise it.")
    scope = models.JSONField(
        null=True,
        blank=True,
        help_text="Logical name of an entity → operations; empty: all that the version offers.",
    )
    version = models.PositiveIntegerField(help_text="The version it was made for.")
    pinned = models.BooleanField(help_text="Stay with that version, instead of following compatible ones.")
    calls_per_minute = models.PositiveIntegerField(default=600)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["integration", "name"],
                condition=models.Q(revoked_at=None),
                name="one_key_per_name_and_integration",
                violation_error_message="The integration has a key of this name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def team(self) -> Team:
        return self.integration.team

    @property
    def state(self) -> State:
        if self.revoked_at is not None:
            return self.State.REVOKED
        return self.State.EXPIRED if self.has_expired(clock.now()) else self.State.ACTIVE

    def has_expired(self, moment: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= moment
