from typing import Any

from django.db import models

from accounts.models import Team
from connections.models import Environment
from integrations.models.integration import Integration


class Drift(models.Model):
    """How an environment has moved away from what an integration published for it. Gone when they agree again."""

    integration = models.ForeignKey(Integration, models.CASCADE, related_name="drifts")
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="drifts")
    version = models.PositiveIntegerField(help_text="The version that was compared.")
    changes = models.JSONField(help_text="What would change if the version were published as things are now.")
    breaking = models.BooleanField()
    since = models.DateTimeField(help_text="When it was first seen.")
    seen_at = models.DateTimeField(help_text="When it was last seen.")

    class Meta:
        ordering = ["-breaking", "since"]
        constraints = [
            models.UniqueConstraint(fields=["integration", "environment"], name="one_drift_per_environment")
        ]

    def __str__(self) -> str:
        return f"{self.environment} has drifted from {self.integration} v{self.version}"

    def get_absolute_url(self) -> str:
        return self.integration.get_absolute_url()

    @property
    def team(self) -> Team:
        return self.integration.team

    @property
    def count_breaking(self) -> int:
        return sum(bool(change["breaking"]) for change in self.changes)

    def same_as(self, changes: list[dict[str, Any]]) -> bool:
        return list(self.changes) == changes
