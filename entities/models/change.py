import uuid
from typing import Any

from django.conf import settings
from django.db import models
from pydantic import BaseModel, ConfigDict

from connections.models import Environment
from core.fields import SealedTextField
from core.sealing import seal, unseal
from integrations.models import Integration
from jobs.models import JobRun


class ChangedValues(BaseModel):
    """What a change did, by the attributes' logical names, in the JSON of `entities.plain`.

    An attribute that `before` lacks was written without having been read: what stood there is not known.
    """

    model_config = ConfigDict(frozen=True)

    title: str = ""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}


class RecordChange(models.Model):
    """One change of one record, made through Isthmus and accepted by Dynamics."""

    class Kind(models.TextChoices):
        CREATE = "create", "Created"
        UPDATE = "update", "Changed"
        DELETE = "delete", "Deleted"
        LINK = "link", "Linked"
        UNLINK = "unlink", "Unlinked"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="record_changes")
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    stage = models.SlugField(max_length=40)
    entity = models.CharField(max_length=128, help_text="The logical name.")
    record_id = models.UUIDField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    fields = models.JSONField(default=list, help_text="Logical names of the attributes that were written.")
    sealed_values: "models.Field[str, str]" = SealedTextField(blank=True, default="", editable=False)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    actor_label = models.CharField(max_length=200)
    acted_as = models.CharField(max_length=200, help_text="As whom Dynamics saw it.")
    run = models.ForeignKey(JobRun, models.SET_NULL, null=True, related_name="record_changes")
    reverts = models.ForeignKey("self", models.SET_NULL, null=True, related_name="reverted_by")

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["integration", "-at"], name="changes_of_an_integration"),
            models.Index(fields=["integration", "entity", "record_id", "-at"], name="changes_of_a_record"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.entity} {self.record_id}"

    @property
    def values(self) -> ChangedValues:
        return unseal(self, self.sealed_values, ChangedValues)

    @values.setter
    def values(self, values: ChangedValues) -> None:
        self.sealed_values = seal(self, values)
