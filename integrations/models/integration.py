import uuid

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse

from accounts.models import Team
from connections.models import Environment
from core.fields import SealedTextField
from core.sealing import seal, unseal
from integrations.definition import Definition


class Integration(models.Model):
    """A named choice of entities, attributes and operations of one environment: a draft, and versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    service_name = models.CharField(
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(r"^[a-z][a-z0-9_]*$", "Use small letters, digits and _, beginning with a letter.")
        ],
    )
    team = models.ForeignKey(Team, models.PROTECT, related_name="integrations")
    environment = models.ForeignKey(Environment, models.PROTECT, related_name="integrations")
    sealed_draft: "models.Field[str, str]" = SealedTextField(blank=True, default="")
    revision = models.PositiveIntegerField(default=0, help_text="Counts edits, to notice concurrent ones.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "name"],
                name="one_integration_per_name_and_team",
                violation_error_message="The team has an integration of this name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("integrations:detail", args=[self.pk])

    @property
    def draft(self) -> Definition:
        return unseal(self, self.sealed_draft, Definition)

    @draft.setter
    def draft(self, definition: Definition) -> None:
        self.sealed_draft = seal(self, definition)
