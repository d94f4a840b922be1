from django.db import models

from connections.models.connection import Connection


class Step(models.Model):
    """One step of provisioning or removal, as the page shows it.

    Its remote id stands in the connection's sealed identifiers; `ids` are what Microsoft support asks for.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Not started"
        RUNNING = "running", "Running"
        WAITING = "waiting", "Trying again soon"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    found = models.BooleanField(default=False, help_text="It was there already; nothing was created.")
    message = models.TextField(blank=True)
    advice = models.TextField(blank=True)
    ids = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["connection", "name"], name="one_row_per_step")]

    def __str__(self) -> str:
        return self.name
