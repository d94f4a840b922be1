"""Documents in encrypted columns open only in the row they were written for."""

import pytest
from pydantic import BaseModel

from core.fields import Undecryptable
from core.models import Canary
from core.sealing import seal, unseal


class Note(BaseModel):
    text: str = "nothing yet"


def test_a_document_opens_in_its_own_row():
    row = Canary(pk=7)

    assert unseal(row, seal(row, Note(text="hello")), Note).text == "hello"


def test_a_value_moved_to_another_row_is_refused():
    sealed = seal(Canary(pk=7), Note(text="hello"))

    with pytest.raises(Undecryptable):
        unseal(Canary(pk=8), sealed, Note)


def test_an_empty_column_is_an_empty_document():
    assert unseal(Canary(pk=7), "", Note).text == "nothing yet"


def test_a_row_without_a_key_cannot_hold_a_sealed_value():
    with pytest.raises(ValueError, match="primary key"):
        seal(Canary(), Note())
