import uuid
from typing import Any, NoReturn

from django.conf import settings
from django.db import models

from core.fields import SealedTextField


class AppendOnly(TypeError):  # noqa: N818  it names what the table is
    """The audit trail is only ever added to."""

    def __init__(self) -> None:
        super().__init__("The audit trail is append-only: record another event instead.")


class AuditQuerySet(models.QuerySet["AuditEvent"]):
    def update(self, **_changes: Any) -> NoReturn:
        raise AppendOnly

    def delete(self) -> NoReturn:
        raise AppendOnly

    def bulk_create(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise AppendOnly

    def bulk_update(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise AppendOnly


class AuditEvent(models.Model):
    """Append-only. An intent is written before a change that reaches out, its outcome after."""

    class Outcome(models.TextChoices):
        INTENDED = "intended", "Intended"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"
        DONE = "done", "Done"  # a change within our own database: intent and outcome are one

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField()
    # The chain covers these ids as well, so they stay as they are when their row is deleted.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    actor_label = models.CharField(max_length=200)
    acted_as = models.CharField(max_length=200, blank=True)
    verb = models.CharField(max_length=80)
    outcome = models.CharField(max_length=12, choices=Outcome)
    intent = models.OneToOneField("self", models.PROTECT, null=True, related_name="result")
    team = models.ForeignKey(
        "accounts.Team", models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=80, blank=True)
    subject_label = models.CharField(max_length=300, blank=True)
    fields = models.JSONField(default=list, help_text="Names of what changed; the values stand beside.")
    message = models.TextField(blank=True)
    ids = models.JSONField(default=dict, help_text="Correlation ids that Microsoft support asks for.")
    values_digest = models.CharField(max_length=64, blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"]),
            models.Index(fields=["team", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.actor_label} {self.verb} {self.subject_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise AppendOnly


class AuditValues(models.Model):
    """Before and after, beside the chain, so that personal data can be erased and the chain still holds."""

    event = models.OneToOneField(AuditEvent, models.CASCADE, related_name="values")
    document = SealedTextField(editable=False)

    class Meta:
        verbose_name_plural = "audit values"

    def __str__(self) -> str:
        return f"values of event {self.event_id}"


class AuditChain(models.Model):
    """One row: the newest link. Locking it puts writers in line; its count shows a tail that was cut off."""

    hash = models.CharField(max_length=64, blank=True)
    length = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.length} events"
