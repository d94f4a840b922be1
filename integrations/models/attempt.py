import uuid

from django.db import models

from integrations.models.key import ServiceKey


class Attempt(models.Model):
    """A creation that its caller may repeat: under which id, and whether Dynamics is known to have it.

    The id is chosen and kept before the record is created, so that a crash in between makes no second record.
    """

    key = models.ForeignKey(ServiceKey, models.CASCADE, related_name="attempts")
    token = models.CharField(max_length=255, help_text="The caller's Idempotency-Key.")
    fingerprint = models.CharField(max_length=64, help_text="Of what was to be created.")
    record_id = models.UUIDField(default=uuid.uuid4)
    done = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "token"], name="one_attempt_per_token")]

    def __str__(self) -> str:
        return f"{self.token} of {self.key}"
