import uuid

from django.conf import settings
from django.db import models
from pydantic import BaseModel

from accounts.models.team import Team
from core.fields import SealedTextField
from core.sealing import seal, unseal


class Delivery(BaseModel):
    """Where to, and with which key it is signed. Such addresses are often secrets themselves."""

    url: str = ""
    secret: str = ""

    def __repr__(self) -> str:
        return "Delivery(…)"

    __str__ = __repr__


class Webhook(models.Model):
    """A server that a team wants told about its things."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="webhooks")
    host = models.CharField(max_length=300, help_text="For display: the address itself is kept encrypted.")
    sealed: "models.Field[str, str]" = SealedTextField(blank=True, default="", editable=False)
    enabled = models.BooleanField(default=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True, help_text="Why the last try failed.")
    failing_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.host

    @property
    def delivery(self) -> Delivery:
        return unseal(self, self.sealed, Delivery)

    @delivery.setter
    def delivery(self, delivery: Delivery) -> None:
        self.sealed = seal(self, delivery)

    @property
    def state(self) -> str:
        """off, failing, works or new."""
        if not self.enabled:
            return "off"
        if self.failing_since:
            return "failing"
        return "works" if self.tried_at else "new"
