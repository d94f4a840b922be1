"""Typed documents in encrypted columns, bound to the row they were written for.

Fernet authenticates a ciphertext but not its place: without the row's own id inside, a value copied
from one row into another would open there.
"""

from typing import TypeVar

from django.db import models
from pydantic import BaseModel

from core.fields import Undecryptable

Document = TypeVar("Document", bound=BaseModel)


class _Envelope(BaseModel):
    row: str
    data: str


def seal(row: models.Model, document: BaseModel) -> str:
    """The text to put into a SealedTextField of this row. The row must have its primary key."""
    if row.pk is None:
        raise ValueError("A row needs its primary key before something can be sealed to it.")
    return _Envelope(row=_name(row), data=document.model_dump_json()).model_dump_json()


def unseal(row: models.Model, text: str | None, kind: type[Document]) -> Document:
    """The document that `seal` put there, or an empty one where nothing was stored yet.

    Raises:
        Undecryptable: when the text was sealed for another row.

    """
    if not text:
        return kind()
    envelope = _Envelope.model_validate_json(text)
    if envelope.row != _name(row):
        raise Undecryptable(f"{row._meta.label} {row.pk} holds a value of another row, which")
    return kind.model_validate_json(envelope.data)


def _name(row: models.Model) -> str:
    return f"{row._meta.label_lower}:{row.pk}"
