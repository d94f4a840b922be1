import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from pydantic import BaseModel

from accounts.models import Team
from accounts.reach import Reach
from connections.base_privileges import least_role
from connections.models.environment import Environment
from connections.models.queries import ConnectionQuerySet
from core.fields import SealedTextField
from core.sealing import seal, unseal

if TYPE_CHECKING:
    from microsoft.dataverse import Dataverse


class Identifiers(BaseModel):
    """What a connection is called at Microsoft. Filled step by step while it is provisioned."""

    client_id: str = ""
    application_id: str = ""  # the application's object id
    service_principal_id: str = ""
    application_user_id: str = ""
    business_unit_id: str = ""
    role_name: str = ""  # noted before the role is created, so that a crash and a renaming cannot lose it
    role_id: str = ""
    former_role_id: str = ""  # used before the present one, and to be taken from the application user


class Connection(models.Model):
    """An app registration, a certificate and an application user: how calls authenticate at run time."""

    class Kind(models.TextChoices):
        AUTOMATIC = "automatic", "Automatic"
        MANUAL = "manual", "Manual"

    class Depth(models.TextChoices):
        """Whose records the connection may touch. Its user is in the root business unit."""

        ORGANIZATION = "Global", "The whole organization"
        BUSINESS_UNIT = "Local", "The root business unit"
        OWN = "Basic", "Its own records"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PROVISIONING = "provisioning", "Provisioning"
        READY = "ready", "Ready"
        DEGRADED = "degraded", "Degraded"
        ROLE_PENDING = "role_pending", "Role pending"
        EXPIRED = "expired", "Expired"
        DISABLED = "disabled", "Disabled"
        REMOVING = "removing", "Removing"
        REMOVED = "removed", "Removed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    team = models.ForeignKey(Team, models.PROTECT, related_name="connections")
    environment = models.ForeignKey(Environment, models.PROTECT, related_name="connections")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.AUTOMATIC)
    sealed_identifiers: "models.Field[str, str]" = SealedTextField(blank=True, default="", editable=False)
    wanted_privileges = models.JSONField(
        default=dict, blank=True, help_text="Privilege name → depth, as the bound integrations need them."
    )
    applied_privileges = models.JSONField(
        default=dict, blank=True, help_text="What the role held when it was last written."
    )
    depth = models.CharField(max_length=8, choices=Depth, default=Depth.ORGANIZATION)
    narrowest_depths = models.JSONField(
        default=dict,
        blank=True,
        help_text="Privilege name → the narrowest depth that the environment knows for it, where not its own records.",
    )
    existing_role = models.CharField(
        max_length=100, blank=True, help_text="A role of the environment that is used instead of one of ours."
    )
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    reason = models.TextField(blank=True, help_text="Why the state is what it is, for people.")
    revision = models.PositiveIntegerField(default=0, help_text="Counts edits, to notice concurrent ones.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    proven_at = models.DateTimeField(null=True, blank=True)
    tested_at = models.DateTimeField(null=True, blank=True)
    test_error = models.JSONField(
        default=dict, blank=True, help_text="Why the last test failed: message, advice, code, ids."
    )

    checked_at = models.DateTimeField(null=True, blank=True)
    links = models.JSONField(default=list, blank=True, help_text="The chain as the last check found it.")
    broken_link = models.CharField(max_length=24, blank=True, help_text="The first one that does not hold.")
    broken_since = models.DateTimeField(null=True, blank=True)
    warned = models.JSONField(
        default=dict, blank=True, help_text="The last warning of expiry: which certificate, days left."
    )

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "name"],
                condition=~models.Q(state="removed"),
                name="one_connection_per_name_and_team",
                violation_error_message="The team has a connection of this name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def identifiers(self) -> Identifiers:
        return unseal(self, self.sealed_identifiers, Identifiers)

    @identifiers.setter
    def identifiers(self, identifiers: Identifiers) -> None:
        self.sealed_identifiers = seal(self, identifiers)

    @property
    def wanted_role(self) -> dict[str, str]:
        """What the security role must hold, the base included: privilege name → depth."""
        return least_role(self.wanted_privileges, self.depth, self.narrowest_depths)

    @property
    def is_manual(self) -> bool:
        """An administrator has registered the application; Isthmus may not change it in Entra."""
        return self.kind == self.Kind.MANUAL

    @property
    def reach(self) -> Reach:
        """How far the authorization of whoever changes it must reach."""
        return Reach.IDENTITY if self.is_manual else Reach.GRAPH

    def dataverse(self, priority: str = "person") -> "Dataverse":
        """A client that knows how to authenticate as this connection; nobody passes credentials.

        Raises:
            core.problems.Unavailable: when the connection has no active certificate or is disabled.

        """
        from connections.clients import dataverse_for

        return dataverse_for(self, priority)
