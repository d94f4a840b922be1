from django.db import models

from connections.models import Environment


class CatalogueEntry(models.Model):
    """What an environment said about its entities. The row without a name holds the list of them all."""

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="catalogue")
    logical_name = models.CharField(max_length=128, blank=True)
    document = models.TextField()
    fetched_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "catalogue entries"
        ordering = ["environment", "logical_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "logical_name"], name="one_catalogue_entry_per_entity"
            )
        ]

    def __str__(self) -> str:
        return self.logical_name or "all entities"
