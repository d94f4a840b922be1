"""Writing everything that is encrypted anew with the first key of FIELD_ENCRYPTION_KEY.

Row by row, each by compare-and-set: a writer that was faster is not overwritten, its row is looked at again. What is
written with the first key already is left alone, so that a run that was interrupted simply starts again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models.functions import Cast
from encrypted_model_fields.fields import CRYPTER

from core.fields import SealedTextField

BATCH = 200
TRIES = 20


@dataclass
class Tally:
    """What became of one column. `unreadable` holds primary keys, never values."""

    column: str
    rewritten: int = 0
    current: int = 0
    unreadable: list[str] = field(default_factory=list)
    contended: list[str] = field(default_factory=list)


def columns() -> Iterator[tuple[type[models.Model], str]]:
    """Every encrypted column of every installed app."""
    for model in apps.get_models():
        for column in model._meta.local_concrete_fields:
            if isinstance(column, SealedTextField) and not model._meta.proxy:
                yield model, column.name


def rewrite(model: type[models.Model], name: str, *, dry_run: bool = False) -> Iterator[Tally]:
    """Bring one column to the first key; yields the tally so far after each batch. Nothing is locked in between."""
    tally = Tally(f"{model._meta.label}.{name}")
    rows = model._base_manager.annotate(ciphertext=Cast(name, models.TextField())).exclude(
        **{f"{name}__isnull": True}
    )
    last = None
    while True:
        batch = rows if last is None else rows.filter(pk__gt=last)
        found = list(batch.order_by("pk").values_list("pk", "ciphertext")[:BATCH])
        if not found:
            yield tally
            return
        for pk, ciphertext in found:
            _bring(rows, name, pk, ciphertext, tally, dry_run=dry_run)
        last = found[-1][0]
        yield tally


def _bring(
    rows: "models.QuerySet[models.Model]",
    name: str,
    pk: object,
    ciphertext: str,
    tally: Tally,
    *,
    dry_run: bool,
) -> None:
    first = Fernet(settings.FIELD_ENCRYPTION_KEY[0])
    for _ in range(TRIES):
        if _opens(first, ciphertext):
            tally.current += 1
            return
        try:
            text = CRYPTER.decrypt(ciphertext.encode()).decode()
        except (InvalidToken, UnicodeError):
            tally.unreadable.append(str(pk))
            return
        if dry_run or rows.filter(pk=pk, ciphertext=ciphertext).update(**{name: text}):
            tally.rewritten += 1
            return
        again = rows.filter(pk=pk).values_list("ciphertext", flat=True).first()
        if again is None:
            return  # the row has gone, or its value has
        ciphertext = again
    tally.contended.append(str(pk))


def _opens(key: Fernet, ciphertext: str) -> bool:
    try:
        key.decrypt(ciphertext.encode())
    except InvalidToken:
        return False
    return True
