import uuid
from typing import Any, Literal

from django.conf import settings
from django.db import models
from django.urls import reverse
from pydantic import BaseModel, ConfigDict

from accounts.models import Team
from core.fields import SealedTextField
from core.sealing import seal, unseal
from entities.models.stored import StoredFile
from integrations.models import Integration
from jobs.models import JobRun

DecimalSign = Literal[".", ","]
DateOrder = Literal["ymd", "dmy", "mdy"]


class Column(BaseModel):
    """What an import does with one column of the file."""

    model_config = ConfigDict(frozen=True)

    header: str
    attribute: str = ""  # the integration's name; "" is left out, RECORD_ID is the id itself
    found_by: str = "name"  # of a lookup: name, id, or an attribute of its target


class Reached(BaseModel):
    """How far an export has come: which file holds it, and where in the list it goes on ("" is the beginning)."""

    model_config = ConfigDict(frozen=True)

    file: str
    place: str = ""
    count: int = 0
    cut: int = 0


class Plan(BaseModel):
    """What is to be done, in the integration's names. Which parts count depends on the kind."""

    model_config = ConfigDict(frozen=True)

    # edit
    values: dict[str, Any] = {}
    # which records: edit, delete, export
    ids: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    query: str = ""
    # import
    columns: tuple[Column, ...] = ()
    mode: Literal["create", "update", "upsert"] = "create"
    match: str = ""  # RECORD_ID or an attribute
    blanks: Literal["keep", "clear"] = "keep"
    decimal: DecimalSign = "."
    dates: DateOrder = "ymd"
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    # export
    format: Literal["csv", "xlsx", "json"] = "csv"
    labels: bool = True
    attributes: tuple[str, ...] = ()
    reached: Reached | None = None


class Bulk(models.Model):
    """Work on many records that one person asked for: its plan, its rows, and the run that carries it out.

    Only that person sees it: what stands in its rows was read with their rights.
    """

    class Kind(models.TextChoices):
        EDIT = "edit", "Change records"
        DELETE = "delete", "Delete records"
        IMPORT = "import", "Import"
        EXPORT = "export", "Export"
        UNDO = "undo", "Undo"

    class Stage(models.TextChoices):
        DRAFT = "draft", "Not started"
        CHECK = "check", "Dry run"
        WORK = "work", "Started"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="bulks")
    stage_slug = models.SlugField(max_length=40)
    entity = models.CharField(max_length=128, help_text="The integration's name for it.")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.DRAFT)
    title = models.CharField(max_length=200)
    sealed_plan: "models.Field[str, str]" = SealedTextField(blank=True, default="", editable=False)
    file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+")
    undoes = models.ForeignKey("self", models.SET_NULL, null=True, related_name="undone_by")
    run = models.ForeignKey(JobRun, models.SET_NULL, null=True, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="bulks")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("entities:bulk", args=[self.integration_id, self.stage_slug, self.entity, self.pk])

    @property
    def team(self) -> Team:
        return self.integration.team

    @property
    def plan(self) -> Plan:
        return unseal(self, self.sealed_plan, Plan)

    @plan.setter
    def plan(self, plan: Plan) -> None:
        self.sealed_plan = seal(self, plan)

    @property
    def slug(self) -> str:
        return str(self.pk)

    @property
    def heading(self) -> str:
        """What the run under way, or the last one, is."""
        return "Dry run" if self.stage == self.Stage.CHECK else str(self.get_kind_display())

    @property
    def is_moving(self) -> bool:
        return self.run is not None and self.run.is_moving


class RowFacts(BaseModel):
    """What a row holds beside its state. Values are the JSON of `entities.plain`, by the integration's names."""

    model_config = ConfigDict(frozen=True)

    title: str = ""
    cells: list[str] = []  # of an import: the line as it stands in the file
    before: dict[str, Any] | None = None
    after: dict[str, Any] = {}
    version: str = (
        ""  # of a record that was created: as it was then; of one to be undone: as it was looked at
    )
    reason: str = ""


class BulkRow(models.Model):
    """One record of a bulk, or one line of an import."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent, not answered yet"
        PLANNED = "planned", "Would go through"
        DONE = "done", "Done"
        UNCHANGED = "unchanged", "Nothing to change"
        FAILED = "failed", "Failed"

    class Verb(models.TextChoices):
        CREATE = "create", "Create"
        UPDATE = "update", "Change"
        DELETE = "delete", "Delete"

    bulk = models.ForeignKey(Bulk, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    verb = models.CharField(max_length=10, choices=Verb.choices, blank=True)
    record_id = models.UUIDField(null=True)
    sealed_facts: "models.Field[str, str]" = SealedTextField(blank=True, default="", editable=False)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["bulk", "number"], name="one_row_per_number")]
        indexes = [models.Index(fields=["bulk", "state", "number"], name="rows_by_state")]

    def __str__(self) -> str:
        return f"row {self.number} of {self.bulk_id}"

    @property
    def facts(self) -> RowFacts:
        return RowFacts.model_validate_json(self.sealed_facts) if self.sealed_facts else RowFacts()

    @facts.setter
    def facts(self, facts: RowFacts) -> None:
        self.sealed_facts = facts.model_dump_json(exclude_defaults=True)
