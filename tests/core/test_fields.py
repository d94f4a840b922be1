"""The encrypted column: it refuses whatever would lose or leak a value."""

import pytest
from cryptography.fernet import Fernet, MultiFernet
from django.core.exceptions import FieldError
from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Upper

from core import fields
from core.fields import Undecryptable
from core.models import Canary

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def stored(canary: Canary) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT song FROM core_canary WHERE id = %s", [canary.pk])
        return cursor.fetchone()[0]


@pytest.fixture
def canary() -> Canary:
    return Canary.objects.create(pk=2, song="a quiet song")


def test_a_value_is_encrypted_in_the_database_and_clear_in_python(canary):
    assert "quiet" not in stored(canary)
    assert Canary.objects.get(pk=canary.pk).song == "a quiet song"


def test_a_wrong_key_raises_instead_of_returning_ciphertext(canary, monkeypatch):
    before = stored(canary)

    monkeypatch.setattr(fields, "CRYPTER", MultiFernet([Fernet(Fernet.generate_key())]))

    with pytest.raises(Undecryptable) as caught:
        Canary.objects.get(pk=canary.pk)
    assert before not in str(caught.value)
    assert stored(canary) == before


def test_a_plain_value_in_the_database_is_not_taken_for_a_secret(canary):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_canary SET song = 'planted' WHERE id = %s", [canary.pk])

    with pytest.raises(Undecryptable):
        Canary.objects.get(pk=canary.pk)


@pytest.mark.parametrize("expression", [F("song"), Upper("song"), Value("x")])
def test_expressions_are_refused(canary, expression):
    before = stored(canary)

    with pytest.raises(FieldError, match="encrypted"), transaction.atomic():
        Canary.objects.update(song=expression)

    assert stored(canary) == before


def test_bulk_update_is_refused_because_it_would_store_an_expression(canary):
    canary.song = "another"

    with pytest.raises(FieldError, match="encrypted"), transaction.atomic():
        Canary.objects.bulk_update([canary], ["song"])


@pytest.mark.parametrize("lookup", ["song", "song__icontains", "song__in", "song__gt"])
def test_searching_is_refused(lookup):
    with pytest.raises(FieldError, match="cannot be searched"):
        list(Canary.objects.filter(**{lookup: ["x"] if lookup.endswith("in") else "x"}))


def test_empty_and_null_can_be_told_apart(canary):
    assert list(Canary.objects.filter(song__isnull=True)) == []


def test_a_ciphertext_that_is_typed_in_stays_text(canary):
    token = stored(canary)

    copy = Canary.objects.create(pk=canary.pk + 1, song=token)

    assert Canary.objects.get(pk=copy.pk).song == token
