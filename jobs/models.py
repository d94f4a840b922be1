import uuid

from django.conf import settings
from django.db import models

from accounts.models import Team
from jobs import handlers


class Schedule(models.Model):
    """When a kind of job falls due: cron text or an interval, in a time zone."""

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=80)
    payload = models.JSONField(default=dict, blank=True, help_text="Ids only, never secrets.")
    cron = models.CharField(max_length=120, blank=True)
    interval = models.PositiveIntegerField(null=True, blank=True, help_text="Seconds.")
    time_zone = models.CharField(max_length=60, default="UTC")
    enabled = models.BooleanField(default=True)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+")
    next_slot = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="schedule_is_cron_or_interval",
                condition=(~models.Q(cron="") & models.Q(interval__isnull=True))
                | (models.Q(cron="") & models.Q(interval__gt=0)),
            )
        ]

    def __str__(self) -> str:
        return self.name


class JobRun(models.Model):
    """What is to be done, and what came of it. The broker only wakes a worker up to look here."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        WAITING = "waiting", "Waiting for a person"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    FINISHED = (State.SUCCEEDED, State.FAILED, State.CANCELLED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=80)
    key = models.CharField(max_length=200, unique=True, help_text="Asking twice with one key is asking once.")
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=80, blank=True)
    subject_label = models.CharField(max_length=300, blank=True)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="job_runs")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="job_runs"
    )
    duty = models.CharField(max_length=60, blank=True, help_text="The system's reason, where nobody asked.")
    schedule = models.ForeignKey(Schedule, models.SET_NULL, null=True, blank=True, related_name="runs")
    slot = models.DateTimeField(null=True, blank=True)
    payload = models.JSONField(default=dict, help_text="Ids only, never secrets.")
    priority = models.SmallIntegerField(default=0, help_text="Higher goes first.")

    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0, help_text="Transient ones in a row, for the back-off.")
    crashes = models.PositiveIntegerField(default=0, help_text="How often a worker died with it.")
    worker = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField()
    cancel_requested_at = models.DateTimeField(null=True, blank=True)

    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    step = models.CharField(max_length=80, blank=True)
    message = models.TextField(blank=True)
    result = models.JSONField(default=dict)
    error = models.JSONField(default=dict, help_text="message, advice, code, ids, remedy")

    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["state", "not_before", "-priority"]),
            models.Index(fields=["state", "lease_until"]),
            models.Index(fields=["subject_type", "subject_id", "-created_at"]),
            models.Index(fields=["team", "-created_at"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "slot"], name="one_run_per_schedule_slot"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_label}".strip()

    @property
    def is_finished(self) -> bool:
        return self.state in self.FINISHED

    @property
    def is_moving(self) -> bool:
        """Whether it may change without anybody doing something: pages poll exactly then."""
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def slug(self) -> str:
        return str(self.pk)

    @property
    def says(self) -> str:
        """Step and message as one line."""
        return ": ".join(part for part in (self.step, self.message) if part)

    @property
    def title(self) -> str:
        return handlers.title(self.kind)

    @property
    def asked_by(self) -> str:
        return str(self.requested_by) if self.requested_by else f"Isthmus ({self.duty})"

    @property
    def is_stopping(self) -> bool:
        return self.state == self.State.RUNNING and self.cancel_requested_at is not None


class Pulse(models.Model):
    """When a long-lived part last showed that it is alive; the doctor reads it."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
