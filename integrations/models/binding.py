from django.db import models

from accounts.models import Team
from connections.models import Connection
from integrations.models.integration import Integration


class Stage(models.Model):
    """Development, Test, Production, or whatever the team calls its own."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="stages")
    name = models.CharField(max_length=40)
    slug = models.SlugField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["team", "slug"], name="one_stage_per_slug_and_team")]

    def __str__(self) -> str:
        return self.name


class Binding(models.Model):
    """Which connection an integration uses on a stage."""

    integration = models.ForeignKey(Integration, models.CASCADE, related_name="bindings")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="bindings")
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="bindings")
    bound_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["stage__position"]
        constraints = [
            models.UniqueConstraint(fields=["integration", "stage"], name="one_connection_per_stage")
        ]

    def __str__(self) -> str:
        return f"{self.integration} on {self.stage} uses {self.connection}"

    def get_absolute_url(self) -> str:
        return self.integration.get_absolute_url()
