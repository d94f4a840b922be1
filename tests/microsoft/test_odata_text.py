import datetime as dt
import re
import uuid
from decimal import Decimal
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as some

from microsoft import odata
from microsoft.errors import Invalid
from microsoft.odata import (
    and_,
    build_url,
    compare,
    contains,
    eq,
    guid,
    in_,
    not_,
    or_,
    query_function,
    quote,
)

ID = "0F8FAD5B-D9CB-469F-A165-70867728950E"


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (Decimal("20000.0000"), "20000.0000"),
        (Decimal("1E+5"), "100000"),
        (1.5, "1.5"),
        ("O'Neill & Söhne", "'O''Neill & Söhne'"),
        ("", "''"),
        (uuid.UUID(ID), ID.lower()),
        (dt.date(2023, 4, 7), "2023-04-07"),
        (dt.datetime(2023, 4, 7, 21, 59, 1, tzinfo=dt.UTC), "2023-04-07T21:59:01Z"),
        (dt.datetime(2023, 4, 7, 21, 59, 1), "2023-04-07T21:59:01Z"),  # noqa: DTZ001
        (dt.datetime(2023, 4, 7, 23, 0, tzinfo=dt.timezone(dt.timedelta(hours=2))), "2023-04-07T21:00:00Z"),
    ],
)
def test_literals(value, literal):
    assert quote(value) == literal


@pytest.mark.parametrize("value", [float("nan"), Decimal("Infinity"), object(), ["a"], b"x", "\ud800"])
def test_what_is_no_literal_is_refused(value):
    with pytest.raises(Invalid):
        quote(value)


@given(some.text())
def test_a_text_never_leaves_its_quotes(text):
    literal = quote(text)
    assert re.fullmatch(r"'(?:[^']|'')*'", literal, re.DOTALL)
    assert literal[1:-1].replace("''", "'") == text


@pytest.mark.parametrize("value", [ID, f"{{{ID}}}", f" {ID} ", uuid.UUID(ID), ID.replace("-", "")])
def test_a_guid_has_one_spelling(value):
    assert guid(value) == ID.lower()
    assert eq("accountid", guid(value)) == f"accountid eq {ID.lower()}"


@pytest.mark.parametrize("value", ["", "1", "x' or 1 eq 1", f"{ID})/x(", None])
def test_what_is_no_guid_is_refused(value):
    with pytest.raises(Invalid):
        guid(value)


@pytest.mark.parametrize("bad", ["", "a b", "a)", "a/b/", "1a", "a'", "$x", "a\n", "é"])
def test_what_is_no_name_is_refused(bad):
    with pytest.raises(Invalid):
        eq(bad, 1)
    with pytest.raises(Invalid):
        odata.name(bad)


def test_filters():
    wanted = and_(
        eq("statecode", 0), or_(contains("name", "O'N"), not_(eq("primarycontactid/fullname", "x"))), ""
    )
    assert (
        wanted == "(statecode eq 0) and ((contains(name,'O''N')) or (not (primarycontactid/fullname eq 'x')))"
    )
    assert and_() == ""
    assert and_("", "a eq 1") == "a eq 1"
    with pytest.raises(Invalid):
        compare("name", "eq 1 or", 1)


def test_query_functions_take_double_quoted_lists():
    assert in_("name", ["O'Neill", 'say "hi"']) == (
        'Microsoft.Dynamics.CRM.In(PropertyName=\'name\',PropertyValues=["O\'Neill","say \\"hi\\""])'
    )
    assert in_("numberofemployees", [5, 2000]) == (
        'Microsoft.Dynamics.CRM.In(PropertyName=\'numberofemployees\',PropertyValues=["5","2000"])'
    )
    assert query_function("LastXDays", "createdon", 7) == (
        "Microsoft.Dynamics.CRM.LastXDays(PropertyName='createdon',PropertyValue=7)"
    )
    assert query_function("Today", "createdon") == "Microsoft.Dynamics.CRM.Today(PropertyName='createdon')"


@given(some.dictionaries(some.sampled_from(["$filter", "$select", "$expand", "tag"]), some.text(min_size=1)))
def test_addresses_keep_every_value(params):
    parts = urlsplit(build_url("https://h", "/api/accounts", params))
    assert dict(parse_qsl(parts.query, keep_blank_values=True)) == params
    assert parts.fragment == ""


def test_addresses():
    url = build_url(
        "https://h/api", "/accounts", {"$select": "name,revenue", "$filter": "name eq 'a b+c;d'", "$top": ""}
    )
    assert url == "https://h/api/accounts?$select=name,revenue&$filter=name%20eq%20'a%20b%2Bc%3Bd'"
    assert build_url("https://h/x?a=1", params={"b": "2"}) == "https://h/x?a=1&b=2"
    with pytest.raises(Invalid):
        build_url("https://h", "/x", {"$filter": "x" * 40_000})


@pytest.mark.parametrize("relative", ["/a/../b", "/./a", "/a?b", "/a#b", "/a b", "/a\n", "/é", "/a\\b"])
def test_a_path_is_checked_not_mended(relative):
    with pytest.raises(Invalid):
        build_url("https://h", relative)


@given(some.text())
def test_a_key_never_leaves_its_place(text):
    relative = f"/applications(uniqueName={odata.key(text)})"
    parts = urlsplit(build_url("https://h", relative))
    assert (parts.path, parts.query, parts.fragment) == (relative, "", "")
    assert unquote(odata.key(text)) == quote(text)
