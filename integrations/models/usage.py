from django.db import models

from integrations.models.integration import Integration

# Upper ends in milliseconds; one more bucket takes what is slower.
BUCKETS = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)


def no_calls() -> list[int]:
    return [0] * (len(BUCKETS) + 1)


class UsageHour(models.Model):
    """The calls of one hour by one caller of one operation. `caller` is the id of a key, empty for strangers."""

    integration = models.ForeignKey(Integration, models.CASCADE, related_name="usage")
    hour = models.DateTimeField()
    caller = models.CharField(max_length=36, blank=True)
    entity = models.CharField(max_length=128, blank=True)
    operation = models.CharField(max_length=20, blank=True)
    calls = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    milliseconds = models.PositiveBigIntegerField(default=0)
    buckets = models.JSONField(default=no_calls)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["integration", "hour", "caller", "entity", "operation"], name="usage_once_an_hour"
            )
        ]

    def __str__(self) -> str:
        return f"{self.calls} calls of {self.operation} {self.entity}"


class RecentCall(models.Model):
    """One of the latest calls: when, what, how it ended, and which ids to quote. Nothing of what was sent."""

    integration = models.ForeignKey(Integration, models.CASCADE, related_name="recent_calls")
    at = models.DateTimeField()
    caller = models.CharField(max_length=36, blank=True)
    method = models.CharField(max_length=10)
    entity = models.CharField(max_length=128, blank=True)
    operation = models.CharField(max_length=20, blank=True)
    version = models.PositiveIntegerField(null=True)
    status = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40, blank=True)
    milliseconds = models.PositiveIntegerField()
    request_id = models.CharField(max_length=36)
    microsoft_request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["integration", "-at"], name="recent_calls_by_time")]

    def __str__(self) -> str:
        return f"{self.method} {self.entity}: {self.status}"
