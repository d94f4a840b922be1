from django.conf import settings
from django.db import models

from core.fields import SealedTextField
from integrations.models import Integration


class RecentRecord(models.Model):
    """A record that somebody looked at, so that they find it again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recent_records")
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="+")
    stage = models.SlugField(max_length=40)
    entity = models.CharField(max_length=128, help_text="The logical name.")
    record_id = models.UUIDField()
    title: "models.Field[str, str]" = SealedTextField(blank=True, default="")
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-seen_at"]
        indexes = [models.Index(fields=["user", "-seen_at"], name="recent_of_a_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "integration", "stage", "entity", "record_id"],
                name="one_line_per_recent_record",
            )
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.record_id}"
