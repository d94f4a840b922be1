import base64
import uuid
import zlib

from django.conf import settings
from django.db import models

from core.fields import SealedTextField
from integrations.models import Integration


class StoredFile(models.Model):
    """A file that somebody sent to be imported, or that an export made for them. It goes away by itself.

    It lies in the database, encrypted and in pieces, because the worker that reads it may be on another machine.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="stored_files")
    name: "models.Field[str, str]" = SealedTextField()
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class FilePart(models.Model):
    """Some bytes of a stored file: compressed, then encrypted."""

    file = models.ForeignKey(StoredFile, models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    sealed_content: "models.Field[str, str]" = SealedTextField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="one_part_per_number")]

    def __str__(self) -> str:
        return f"part {self.number} of {self.file_id}"

    @property
    def content(self) -> bytes:
        return zlib.decompress(base64.b64decode(self.sealed_content))

    @content.setter
    def content(self, content: bytes) -> None:
        self.sealed_content = base64.b64encode(zlib.compress(content, 1)).decode()
