"""OData text over the integration's names: read, checked and written anew, never passed on."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.problems import BadInput
from integrations.searching.advanced import parse
from integrations.searching.conditions import odata_filter
from tests.integrations.samples import entity

ACCOUNT = entity()


def written(text: str) -> str:
    return odata_filter(ACCOUNT, parse(text))


@pytest.mark.parametrize(
    ("text", "odata"),
    [
        ("name eq 'O''Neill'", "name eq 'O''Neill'"),
        ("employees gt 5 and employees le 10", "(numberofemployees gt 5) and (numberofemployees le 10)"),
        ("revenue ge 922337203685477.0000", "revenue ge 922337203685477.0000"),
        ("rate lt -0.0000000001", "rate lt -0.0000000001"),
        (
            "name eq 'a' or name eq 'b' and on_hold eq true",
            "(name eq 'a') or ((name eq 'b') and (creditonhold eq true))",
        ),
        (
            "not (contains(name,'x') or endswith(name,'y'))",
            "not ((contains(name,'x')) or (endswith(name,'y')))",
        ),
        ("not not on_hold eq false", "not (not (creditonhold eq false))"),
        ("notes eq null", "description eq null"),
        ("notes ne null", "description ne null"),
        ("state in (0, 1)", "(statecode eq 0) or (statecode eq 1)"),
        ("state eq 'Active'", "statecode eq 0"),
        ("birthday ge 2024-02-29", "birthdate ge 2024-02-29"),
        ("created lt 2024-02-29T12:00:00+01:00", "createdon lt 2024-02-29T11:00:00Z"),
        (
            "contact eq 6F3F2C9E-2B1A-4B3C-9D4E-000000000001",
            "_primarycontactid_value eq 6f3f2c9e-2b1a-4b3c-9d4e-000000000001",
        ),
        ("contains(name, '100%_[x]')", "contains(name,'100[%][_][[]x]')"),
        ("  name   eq   'it is ''quoted'''  ", "name eq 'it is ''quoted'''"),
    ],
)
def test_what_it_means(text, odata):
    assert written(text) == odata


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name eq",
        "name eq 'unclosed",
        "name eq 'a' or",
        "(name eq 'a'",
        "name eq 'a')",
        "name eq 'a' name eq 'b'",
        "name eq name",
        "name gt null",
        "employees eq 5 or 1 eq 1",
        "telephone1 eq 'not published'",
        "accountid ne null",
        "primarycontactid/fullname eq 'x'",
        "name eq 'a'; $top=1",
        "name eq 'a'&$expand=owninguser",
        "Microsoft.Dynamics.CRM.EqualUserId(PropertyName='ownerid')",
        "name eq @p",
        "name eq 'a' eq 'b'",
        "state in ()",
        "employees eq 'many'",
        "employees eq 1e5",
        "contact eq 'not an id'",
        "created lt 2024-02-29T12:00:00",
        "name eq '\x00'",
        "name eq 'a'\x00",
        "\uff4eame eq 'fullwidth'",
        "name eq \u201ccurly\u201d",
        "(" * 200 + "name eq 'a'" + ")" * 200,
        "not " * 2000 + "name eq 'a'",
        "name eq 'a'" + " or name eq 'a'" * 600,
        "name eq '" + "x" * 9000 + "'",
        "employees eq " + "9" * 41,
    ],
)
def test_what_is_refused(text):
    with pytest.raises(BadInput):
        written(text)


@given(st.text(max_size=60))
def test_no_text_means_more_than_it_says(text):
    """Whatever stands in a quoted value stays one value."""
    quoted = "'" + text.replace("'", "''") + "'"
    try:
        odata = written(f"notes eq {quoted}")
    except BadInput:
        return
    assert odata == f"description eq {quoted}"


@given(st.text(alphabet="()' ,notandreqcis0129-.TZ:$&@/", max_size=80))
def test_nothing_breaks_it(text):
    with suppress(BadInput):
        written(text)
