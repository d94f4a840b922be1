"""Dynamics names what it complains about in its own words; the page says it beside the field."""

import pytest

from core.problems import BadInput, Clash, NotPermitted
from entities.troubles import concerned
from tests.integrations.samples import entity

LENGTH = (
    "A validation error occurred. The length of the 'numberofemployees' attribute of the 'account' entity exceeded "
    "the maximum allowed length of '160'."
)


def test_the_attribute_in_quotes_is_meant_by_its_name_here():
    found = concerned(entity(), BadInput(LENGTH, advice="Shorten it."))

    assert found == {"employees": f"{LENGTH} Shorten it."}


@pytest.mark.parametrize(
    "problem",
    [
        BadInput("The 'accountratingcode' attribute is not one that was published."),
        BadInput("Something else is wrong."),
        NotPermitted(LENGTH),
        Clash(LENGTH),
    ],
)
def test_what_concerns_no_field_stands_above_the_form(problem):
    assert concerned(entity(), problem) == {}
