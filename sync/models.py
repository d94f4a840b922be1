import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from pydantic import BaseModel

from accounts.models import Team
from core.fields import SealedTextField
from core.sealing import seal, unseal
from integrations.models import Integration, Stage
from jobs.models import JobRun, Schedule


class Place(BaseModel):
    """Where a mirror lies, as far as it is secret: the address of a database holds a password."""

    url: str = ""


class Sync(models.Model):
    """A mirror of an integration's records on one stage: what, whereto and when."""

    class Destination(models.TextChoices):
        SQLITE = "sqlite", "SQLite file"
        POSTGRES = "postgres", "PostgreSQL"
        PARQUET = "parquet", "Parquet folder"

    class Drift(models.TextChoices):
        ADD = "add", "Follow: new columns are added, those that went are kept with what they hold"
        IGNORE = "ignore", "Ignore: keep the columns as they are"
        ASK = "ask", "Stop and ask"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    team = models.ForeignKey(Team, models.PROTECT, related_name="syncs")
    integration = models.ForeignKey(Integration, models.PROTECT, related_name="syncs")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="syncs")
    destination = models.CharField(max_length=10, choices=Destination, default=Destination.SQLITE)
    sealed_place: "models.Field[str, str]" = SealedTextField(blank=True, default="", editable=False)
    schema = models.CharField(max_length=60, blank=True, help_text="Of PostgreSQL.")
    soft_deletes = models.BooleanField(default=True)
    drift = models.CharField(max_length=8, choices=Drift, default=Drift.ADD)
    schedule = models.OneToOneField(Schedule, models.SET_NULL, null=True, blank=True, related_name="sync")
    lag_limit = models.PositiveIntegerField(null=True, blank=True, help_text="Seconds.")
    lag_told_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "name"],
                name="one_sync_per_name_and_team",
                violation_error_message="The team has a sync of this name already.",
            ),
            models.UniqueConstraint(
                fields=["schema"],
                condition=models.Q(destination="postgres"),
                name="one_sync_per_schema",
                violation_error_message="Another sync uses this schema.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("sync:detail", args=[self.pk])

    @property
    def place(self) -> Place:
        return unseal(self, self.sealed_place, Place)

    @place.setter
    def place(self, place: Place) -> None:
        self.sealed_place = seal(self, place)

    @property
    def paused(self) -> bool:
        return self.schedule is not None and not self.schedule.enabled


class SyncEntity(models.Model):
    """One mirrored entity. How far its mirror has come stands in the destination; here is what pages show of it."""

    class Strategy(models.TextChoices):
        BEST = "", "The best that the entity offers"
        TRACKED = "tracked", "Change tracking"
        WATERMARK = "watermark", "Time of change"
        FULL = "full", "Complete comparison"

    sync = models.ForeignKey(Sync, models.CASCADE, related_name="entities")
    logical_name = models.CharField(max_length=128)
    table = models.CharField(max_length=128, help_text="Its name in the destination, which it keeps.")
    enabled = models.BooleanField(default=True)
    strategy = models.CharField(max_length=10, choices=Strategy, blank=True, default="")
    run = models.ForeignKey(JobRun, models.SET_NULL, null=True, blank=True, related_name="+")
    full_wanted = models.BooleanField(default=False, help_text="The next run reads and compares everything.")
    rows = models.PositiveBigIntegerField(null=True, blank=True)
    as_of = models.DateTimeField(null=True, blank=True, help_text="The moment that the mirror shows.")
    chosen = models.JSONField(default=dict, blank=True, help_text="Which way was chosen, and why.")
    facts = models.JSONField(default=dict, blank=True, help_text="What Dynamics said about the entity.")
    accepted = models.JSONField(default=dict, blank=True, help_text="The columns that were mirrored last.")
    checked_at = models.DateTimeField(null=True, blank=True, help_text="When metadata were last compared.")
    drifted = models.JSONField(default=list, blank=True, help_text="Differences that wait for a decision.")
    proposed = models.JSONField(default=dict, blank=True, help_text="The columns as they would then be.")
    told = models.UUIDField(null=True, blank=True, help_text="The failed run of which the team was told.")

    class Meta:
        ordering = ["sync", "logical_name"]
        verbose_name_plural = "sync entities"
        constraints = [
            models.UniqueConstraint(fields=["sync", "logical_name"], name="one_mirror_per_entity_and_sync")
        ]

    def __str__(self) -> str:
        return f"{self.sync}: {self.logical_name}"

    def get_absolute_url(self) -> str:
        return reverse("sync:entity", args=[self.sync_id, self.pk])

    @property
    def team(self) -> Team:
        return self.sync.team

    @property
    def slug(self) -> str:
        return f"mirror-{self.pk}"

    @property
    def is_moving(self) -> bool:
        return self.run is not None and self.run.is_moving
