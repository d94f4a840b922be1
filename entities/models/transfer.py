import uuid

from django.conf import settings
from django.db import models
from pydantic import BaseModel

from core.fields import SealedTextField
from core.sealing import seal, unseal
from integrations.models import Integration


class Destination(BaseModel):
    """Where the pieces of a file go. The address is as good as a key, so it never reaches a browser."""

    location: str = ""
    piece_size: int = 0
    file_name: str = ""


class FileTransfer(models.Model):
    """A file on its way from a browser to Dataverse, so that it can go on after a break. Its bytes are not kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="+")
    stage_slug = models.SlugField(max_length=40)
    entity = models.CharField(max_length=128, help_text="The integration's name for it.")
    record_id = models.UUIDField()
    attribute = models.CharField(max_length=128)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    sealed_destination: "models.Field[str, str]" = SealedTextField(blank=True, default="", editable=False)
    size = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.attribute} of {self.entity} {self.record_id}"

    @property
    def destination(self) -> Destination:
        return unseal(self, self.sealed_destination, Destination)

    @destination.setter
    def destination(self, destination: Destination) -> None:
        self.sealed_destination = seal(self, destination)
