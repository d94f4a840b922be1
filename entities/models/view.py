import uuid

from django.conf import settings
from django.db import models

from core.fields import SealedTextField
from integrations.models import Integration


class SavedView(models.Model):
    """A list that somebody wants to find again: what the address bar says about a grid, under a name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="saved_views")
    entity = models.CharField(
        max_length=128, help_text="The logical name: names of an integration may change."
    )
    name = models.CharField(max_length=100)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    shared = models.BooleanField(default=False, help_text="The team sees it; else only its owner does.")
    # Filters hold values of records, so they are kept like everything that comes from Dynamics.
    query: "models.Field[str, str]" = SealedTextField(blank=True, default="")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["integration", "entity", "owner", "name"],
                name="one_view_per_name_and_owner",
                violation_error_message="You have a view of this name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name
