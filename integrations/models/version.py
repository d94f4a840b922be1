import uuid
from typing import Any

from django.conf import settings
from django.db import models

from core.fields import SealedTextField
from core.sealing import seal, unseal
from integrations.definition import Definition
from integrations.models.integration import Integration


class Version(models.Model):
    """A published definition. Immutable: a change is the next number. Only its state moves on.

    A deprecated version still works, and says so; a withdrawn one is refused.
    """

    _MUTABLE = frozenset({"state", "state_note", "state_changed_at", "ends_on"})

    class State(models.TextChoices):
        CURRENT = "current"
        DEPRECATED = "deprecated"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    integration = models.ForeignKey(Integration, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    sealed_definition: "models.Field[str, str]" = SealedTextField()
    notes = models.TextField(blank=True)
    changes = models.JSONField(default=list, help_text="What differs from the version before.")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    published_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State, default=State.CURRENT)
    state_note = models.TextField(blank=True, help_text="Why, and what to use instead.")
    state_changed_at = models.DateTimeField(null=True, blank=True)
    ends_on = models.DateField(
        null=True, blank=True, help_text="When a deprecated version will be withdrawn."
    )

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["integration", "number"], name="version_numbers_once")]

    def __str__(self) -> str:
        return f"{self.integration} v{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises ValueError for a change of anything but the state."""
        changed = set(kwargs.get("update_fields") or ()) or None
        if not self._state.adding and (changed is None or not changed <= self._MUTABLE):
            raise ValueError("A published version never changes; publish the next number.")
        super().save(*args, **kwargs)

    @property
    def definition(self) -> Definition:
        return unseal(self, self.sealed_definition, Definition)

    @definition.setter
    def definition(self, definition: Definition) -> None:
        self.sealed_definition = seal(self, definition)
