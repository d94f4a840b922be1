import uuid

from django.db import models
from pydantic import BaseModel

from connections.models.connection import Connection
from core.fields import SealedTextField
from core.sealing import seal, unseal


class PrivateKey(BaseModel):
    pem: str = ""

    def __repr__(self) -> str:
        return "PrivateKey(…)"

    __str__ = __repr__


class Certificate(models.Model):
    """One key pair of a connection, with its own life."""

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        PUBLISHED = "published", "Published"
        ACTIVE = "active", "Active"
        RETIRING = "retiring", "Retiring"
        REMOVED = "removed", "Removed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="certificates")
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    thumbprint_sha1 = models.CharField(max_length=40)
    thumbprint_sha256 = models.CharField(max_length=64)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    public_pem = models.TextField()
    sealed_key: "models.Field[str, str]" = SealedTextField(blank=True, default="", editable=False)
    entra_key_id = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    proofs = models.PositiveSmallIntegerField(default=0, help_text="Successful ones in a row.")
    proven_at = models.DateTimeField(null=True, blank=True)
    activated_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    left_behind = models.BooleanField(
        default=False, help_text="Its public half is still in Entra: an administrator has to delete it there."
    )
    compromised_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when somebody else may hold the private key."
    )

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=models.Q(state="active"),
                name="one_active_certificate_per_connection",
            )
        ]

    def __str__(self) -> str:
        return self.thumbprint_sha1

    @property
    def private_key(self) -> PrivateKey:
        return unseal(self, self.sealed_key, PrivateKey)

    @private_key.setter
    def private_key(self, key: PrivateKey) -> None:
        self.sealed_key = seal(self, key)
