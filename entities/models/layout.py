from django.conf import settings
from django.db import models

from integrations.models import Integration


class GridLayout(models.Model):
    """How one person likes the grid of an entity: which columns, in which order, how wide."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="grid_layouts")
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="+")
    entity = models.CharField(max_length=128, help_text="The logical name.")
    columns = models.JSONField(default=list, help_text="Logical names of attributes; empty for the usual.")
    widths = models.JSONField(default=dict, help_text="Logical name → pixels, for columns somebody resized.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "integration", "entity"], name="one_layout_per_person_and_entity"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}'s columns of {self.entity}"
