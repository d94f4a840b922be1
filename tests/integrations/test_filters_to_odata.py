"""A structured filter becomes OData that asks exactly that, and nothing that was not checked."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.problems import BadInput
from integrations.filters import AllOf, AnyOf, Operator, Where, as_json, filter_from
from integrations.searching.conditions import MAX_CONDITIONS, odata_filter
from tests.integrations.samples import entity

SOMEONE = "6f3f2c9e-2b1a-4b3c-9d4e-000000000001"
O = Operator  # noqa: E741


@pytest.mark.parametrize(
    ("where", "text"),
    [
        (Where("name", O.EQ, "O'Neill"), "name eq 'O''Neill'"),
        (Where("name", O.CONTAINS, "50%_[x]"), "contains(name,'50[%][_][[]x]')"),
        (Where("name", O.NOT_CONTAINS, "a"), "not (contains(name,'a'))"),
        (Where("name", O.STARTS_WITH, "a"), "startswith(name,'a')"),
        (Where("name", O.IN, ["a", "b"]), "(name eq 'a') or (name eq 'b')"),
        (Where("name", O.NOT_IN, ["a", "b"]), "(name ne 'a') and (name ne 'b')"),
        (Where("notes", O.EMPTY), "description eq null"),
        (Where("employees", O.GE, "10"), "numberofemployees ge 10"),
        (
            Where("employees", O.LE, 5_000_000),
            "numberofemployees le 5000000",
        ),  # beyond the range is a fair question
        (Where("revenue", O.GT, Decimal("1000000.50")), "revenue gt 1000000.50"),
        (Where("on_hold", O.EQ, "true"), "creditonhold eq true"),
        (Where("state", O.EQ, 1), "statecode eq 1"),
        (Where("birthday", O.EQ, "2000-02-29"), "birthdate eq 2000-02-29"),
        (
            Where("created", O.LT, dt.datetime(2025, 1, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=2)))),
            "createdon lt 2025-01-01T00:00:00Z",
        ),
        (
            Where("created", O.ON, "2025-01-01"),
            "Microsoft.Dynamics.CRM.On(PropertyName='createdon',PropertyValue='2025-01-01')",
        ),
        (
            Where("created", O.LAST_DAYS, "7"),
            "Microsoft.Dynamics.CRM.LastXDays(PropertyName='createdon',PropertyValue=7)",
        ),
        (
            Where("colours", O.HAS_ANY, [1, 7]),
            'Microsoft.Dynamics.CRM.ContainValues(PropertyName=\'colours\',PropertyValues=["1","7"])',
        ),
        (Where("contact", O.EQ, SOMEONE), f"_primarycontactid_value eq {SOMEONE}"),
        (
            Where("customer", O.EQ, {"entity": "account", "id": SOMEONE}),
            f"_customerid_value eq {SOMEONE}",
        ),
        (
            AllOf((Where("state", O.EQ, 0), AnyOf((Where("name", O.EQ, "a"), Where("name", O.EMPTY))))),
            "(statecode eq 0) and ((name eq 'a') or (name eq null))",
        ),
        (None, ""),
    ],
)
def test_it_asks(where, text):
    assert odata_filter(entity(), where) == text


@pytest.mark.parametrize(
    ("where", "says"),
    [
        (Where("secret", O.EQ, 1), "no such attribute"),
        (Where("name eq 'x' or name", O.EQ, 1), "no such attribute"),
        (Where("name", O.GT, "a"), "does not suit text"),
        (Where("state", O.CONTAINS, "a"), "does not suit choice"),
        (Where("employees", O.EQ, "1 or 1 eq 1"), "whole number"),
        (Where("state", O.EQ, 5), "one of the choices"),
        (Where("contact", O.EQ, "x) or (1 eq 1"), "not the id"),
        (Where("created", O.LAST_DAYS, "7) or (1 eq 1"), "number of days"),
        (Where("created", O.ON, "today"), "date"),
        (Where("name", O.EQ, None), "is empty"),
        (Where("name", O.IN, []), "at least one"),
        (Where("name", O.IN, None), "at least one"),
    ],
)
def test_an_impossible_question_names_its_attribute(where, says):
    with pytest.raises(BadInput) as caught:
        odata_filter(entity(), where)

    assert says in caught.value.fields[where.attribute]


def test_too_many_conditions_are_refused_before_dataverse_does():
    many = ["x"] * (MAX_CONDITIONS + 1)
    for values in (many, ",".join(many)):
        with pytest.raises(BadInput, match="conditions"):
            odata_filter(entity(), Where("name", O.IN, values))
    where = Where("name", O.NOT_IN, many)
    with pytest.raises(BadInput, match="conditions"):
        odata_filter(entity(), where)


@given(st.text(min_size=1).filter(lambda text: text.strip()))
def test_no_text_escapes_its_quotes(text):
    try:
        asked = odata_filter(entity(), Where("name", O.EQ, text))
    except BadInput:
        return  # control characters and lone surrogates
    assert asked.startswith("name eq '")
    assert asked.endswith("'")
    assert "'" not in asked.removeprefix("name eq '").removesuffix("'").replace("''", "")


conditions = st.builds(
    Where,
    st.sampled_from(["name", "notes"]),
    st.sampled_from(Operator),
    st.one_of(st.none(), st.text(), st.integers(), st.booleans(), st.lists(st.text(), max_size=3)),
)
filters = st.recursive(
    conditions,
    lambda inner: st.builds(
        lambda group, parts: group(tuple(parts)),
        st.sampled_from([AllOf, AnyOf]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)


@given(filters)
def test_json_says_the_same(where):
    assert filter_from(as_json(where)) == where


@pytest.mark.parametrize(
    "data",
    [
        [],
        "name eq 1",
        {"and": []},
        {"and": [], "or": []},
        {"and": {}},
        {"attribute": "name", "operator": "like"},
        {"operator": "eq"},
        {"attribute": 7},
    ],
)
def test_what_is_not_a_filter_is_refused(data):
    with pytest.raises(BadInput):
        filter_from(data)


def test_depth_has_a_bound():
    data = {"attribute": "name", "operator": "eq", "value": "x"}
    for _ in range(20):
        data = {"and": [data]}
    with pytest.raises(BadInput, match="deep"):
        filter_from(data)
