"""What does not fit is refused before anything is sent, and every field is named."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.problems import BadInput
from integrations.records import Link
from integrations.values import body_for
from tests.integrations.samples import entity

SOMEONE = "6f3f2c9e-2b1a-4b3c-9d4e-000000000001"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("name", "x" * 21, "21 characters"),
        ("name", "🙂" * 11, "22 characters"),  # Dataverse counts UTF-16 units
        ("name", 7, "text"),
        ("name", "bell\x07", "control character"),
        ("name", "\ud800", "control character"),
        ("name", None, "required"),
        ("name", "", "required"),
        ("employees", "many", "whole number"),
        ("employees", True, "whole number"),
        ("employees", 1.5, "whole number"),
        ("employees", -1, "smallest"),
        ("employees", 1_000_001, "largest"),
        ("employees", 2**40, "too large"),
        ("revenue", 1.1, "floating point"),
        ("revenue", "1e3", "number"),
        ("revenue", "NaN", "number"),
        ("revenue", Decimal("Infinity"), "finite"),
        ("revenue", "0.00001", "more than 4 digits"),
        ("revenue", "1234567890123456789012345678.12345", "more than 4 digits"),
        ("revenue", "922337203685478", "largest"),
        ("longitude", float("nan"), "finite"),
        ("longitude", 181, "largest"),
        ("on_hold", "perhaps", "true or false"),
        ("on_hold", 1, "true or false"),
        ("colours", [1, 9], "1 (Red)"),
        ("colours", 1, "list"),
        ("birthday", "31.12.2025", "date"),
        ("birthday", datetime(2025, 1, 1, tzinfo=UTC), "without a time"),
        ("birthday", date(1752, 12, 31), "before 1753"),
        ("meeting", "2025-01-01T10:00:00", "time zone"),
        ("meeting", datetime(2025, 1, 1), "time zone"),  # noqa: DTZ001  that is the point
        ("meeting", "soon", "date and time"),
        ("meeting", "0001-01-01T00:00:00+14:00", "beyond"),
        ("opening", "2025-01-01T10:00:00+02:00", "offset"),
        ("contact", {"entity": "account", "id": SOMEONE}, "does not point to account"),
        ("contact", {"entity": "contact", "id": "me"}, "not the id"),
        ("customer", SOMEONE, "Say which entity"),
        ("customer", Link(SOMEONE, "lead"), "does not point to lead"),
        ("process", "me", "GUID"),
        ("created", "2025-01-01T10:00:00Z", "changed later"),
        ("secret", "x", "no such attribute"),
    ],
)
def test_it_says_what_is_wrong_with_a_field(name, value, says):
    with pytest.raises(BadInput) as caught:
        body_for(entity(), {name: value}, creating=False)

    assert list(caught.value.fields) == [name]
    assert says in caught.value.fields[name]


def test_all_fields_are_named_at_once_and_mandatory_ones_too():
    with pytest.raises(BadInput) as caught:
        body_for(entity(), {"employees": "x", "birthday": "y"}, creating=True)

    assert set(caught.value.fields) == {"name", "employees", "birthday"}


def test_what_can_only_be_changed_later_cannot_be_set_on_create():
    with pytest.raises(BadInput) as caught:
        body_for(entity(), {"name": "A", "state": 1}, creating=True)

    assert "created" in caught.value.fields["state"]
    assert body_for(entity(), {"state": 1}, creating=False) == {"statecode": 1}


def test_trailing_zeros_are_not_digits():
    precise = entity("revenue").attributes[0].model_copy(update={"precision": 2})
    account = entity("revenue").model_copy(update={"attributes": (precise,)})

    assert body_for(account, {"revenue": "10.5000"}, creating=False) == {"revenue": Decimal("10.5000")}


def test_a_bare_id_does_where_there_is_one_target():
    assert body_for(entity("contact"), {"contact": SOMEONE.upper()}, creating=False) == {
        "primarycontactid@odata.bind": f"/contacts({SOMEONE})"
    }
