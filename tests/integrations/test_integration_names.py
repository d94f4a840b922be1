"""Names become addresses and identifiers; nobody is surprised by one that cannot."""

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.names import MAX_NAME, clashes, default_name, service_name_for, service_trouble, trouble


@pytest.mark.parametrize(
    "name",
    ["", "1st", "_x", "a-b", "naïve", "two words", "class", "None", "ID", "etag", "a" * (MAX_NAME + 1)],
)
def test_it_refuses(name):
    assert trouble(name)


@pytest.mark.parametrize("name", ["a", "Account", "new_custom1", "a" * MAX_NAME, "ids"])
def test_it_accepts(name):
    assert trouble(name) == ""


@given(st.text(max_size=200))
def test_there_is_a_usable_name_for_everything(logical_name):
    assert trouble(default_name(logical_name)) == ""


@given(st.from_regex(r"[a-z][a-z0-9_]{0,49}", fullmatch=True))
def test_a_logical_name_stays_what_it_is(logical_name):
    kept = default_name(logical_name)
    assert kept == logical_name or keyword.iskeyword(logical_name) or kept == f"{logical_name}_"


@given(st.text(min_size=1, max_size=120), st.sets(st.just("sales_is")))
def test_a_service_name_is_valid_and_free(name, taken):
    found = service_name_for(name, taken)
    assert service_trouble(found) == ""
    assert found not in taken
    assert found.endswith("_is")


def test_service_names_are_numbered_when_taken():
    assert service_name_for("Säles & more") == "sales_more_is"
    assert service_name_for("Sales", ["sales_is", "SALES_2_is"]) == "sales_3_is"
    assert len(service_name_for("x" * 200, [service_name_for("x" * 200)])) <= 60


def test_clashes_do_not_see_case():
    found = clashes([("a", "Name"), ("b", "name"), ("c", "other")])
    assert set(found) == {"a", "b"}
