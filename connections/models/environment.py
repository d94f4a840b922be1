import uuid

from django.db import models


class Environment(models.Model):
    """One Dataverse instance, as the Global Discovery Service lists it. Plain, so that the gate can query."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cloud = models.CharField(max_length=40)
    tenant_id = models.UUIDField()
    url = models.URLField(max_length=300)
    unique_name = models.CharField(max_length=120, blank=True)
    friendly_name = models.CharField(max_length=200)
    region = models.CharField(max_length=40, blank=True)
    version = models.CharField(max_length=40, blank=True)
    enabled = models.BooleanField(default=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["friendly_name"]
        constraints = [models.UniqueConstraint(fields=["cloud", "url"], name="one_row_per_environment")]

    def __str__(self) -> str:
        return self.friendly_name
