"""The address bar holds the state of a grid, and what it cannot hold is refused by name."""

from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.utils import timezone

from core.problems import BadInput
from entities.dynamics.fetchxml import Unlike, query_from
from entities.query import Condition, GridQuery, read_added, read_query
from entities.wording import describe
from integrations.definition import Attribute, Entity, Option
from integrations.filters import Operator

NAME = Attribute(logical_name="name", name="name", label="Name", type="String", primary_name=True)
REVENUE = Attribute(logical_name="revenue", name="turnover", label="Turnover", type="Money")
INDUSTRY = Attribute(
    logical_name="industrycode",
    name="industry",
    label="Industry",
    type="Picklist",
    options=(Option(value=1, label="Accounting"), Option(value=2, label="Baking")),
)
HIDDEN = Attribute(logical_name="secret", name="secret", type="String", can_read=False)
ACCOUNT = Entity(
    logical_name="account",
    entity_set="accounts",
    name="account",
    primary_id="accountid",
    attributes=(NAME, REVENUE, INDUSTRY, HIDDEN),
)


def read(text: str) -> GridQuery:
    return read_query(ACCOUNT, QueryDict(text))


def test_a_query_survives_the_address_bar():
    query = GridQuery(
        sort=("-turnover",),
        conditions=(Condition("name", Operator.CONTAINS, "a~b & c=d"), Condition("industry", Operator.EMPTY)),
        columns=("name", "industry"),
        page=3,
    )

    assert read(query.address.removeprefix("?")) == query


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sort=secret", "secret"),
        ("sort=-nothing", "nothing"),
        ("columns=secret", "secret"),
        ("where=secret~eq~1", "secret"),
        ("where=name~drop~1", "drop"),
        ("where=turnover~contains~1", "contains"),
        ("page=0", "0"),
        ("page=-1", "-1"),
        ("page=²", "²"),
        ("page=99999999999", "99999999999"),
    ],
)
def test_what_the_definition_does_not_publish_is_refused_by_name(text, said):
    with pytest.raises(BadInput) as caught:
        read(text)
    assert said in str(caught.value)


def test_a_column_sorts_up_then_down_then_not_at_all():
    up = GridQuery().sorted_by("name")
    down = up.sorted_by("name")

    assert (up.sort, down.sort, down.sorted_by("name").sort) == (("name",), ("-name",), ())


def test_a_new_filter_begins_at_the_first_page_and_is_not_doubled():
    condition = Condition("name", Operator.EQ, "x")

    query = GridQuery(page=4).plus(condition).plus(condition)

    assert query.page == 1
    assert query.conditions == (condition,)
    assert query.without(condition).conditions == ()


def test_pages_of_one_list_share_a_trail_and_other_lists_do_not():
    query = GridQuery(sort=("name",))

    assert query.digest == query.at(7).digest
    assert query.digest != query.sorted_by("turnover").digest
    assert query.digest != query.plus(Condition("name", Operator.EQ, "x")).digest


def test_a_chip_reads_as_people_speak():
    assert describe(Condition("industry", Operator.EQ, "2"), INDUSTRY) == "Industry is Baking"
    assert describe(Condition("name", Operator.EMPTY), NAME) == "Name is empty"


@pytest.mark.parametrize(
    ("operator", "value", "said"),
    [
        (Operator.GE, "1234567.50", "Turnover is at least 1,234,567.50"),
        (Operator.BETWEEN, "1000..20000", "Turnover is between 1,000 and 20,000"),
        (Operator.EQ, "not a number", "Turnover is not a number"),
        (Operator.EQ, "NaN", "Turnover is NaN"),
    ],
)
def test_a_chip_writes_numbers_as_the_list_does(operator, value, said):
    assert describe(Condition("turnover", operator, value), REVENUE) == said


def test_a_chip_writes_moments_in_the_persons_zone():
    since = Attribute(
        logical_name="createdon", name="since", label="Since", type="DateTime", behavior="UserLocal"
    )
    with timezone.override(ZoneInfo("Europe/Berlin")):
        said = describe(Condition("since", Operator.GE, "2026-01-31T23:30:00Z"), since)
    assert said.endswith("2026-02-01 00:30")
    assert describe(Condition("since", Operator.ON, "2026-01-31"), since).endswith("2026-01-31")


def test_and_and_or_are_turned_round():
    """Any of these and any of those: what is joined by “or” stands together, and all groups must hold."""
    query = read("where=name~eq~a&where=turnover~ge~1&where=|industry~eq~2")
    _, turnover, industry = query.conditions

    assert [len(group) for group in query.groups] == [1, 2]
    assert [len(group) for group in query.rejoined(turnover).groups] == [3]
    assert [len(group) for group in query.rejoined(industry).groups] == [1, 1, 1]
    once = query.rejoined(industry)
    assert once.rejoined(once.conditions[2]) == query


def test_the_add_filter_form_becomes_a_condition():
    data = QueryDict("attribute=turnover&operator=ge&value= 100 ")

    assert read_added(ACCOUNT, data) == Condition("turnover", Operator.GE, "100")
    assert read_added(ACCOUNT, QueryDict("operator=ge")) is None


CONDITION = '<condition attribute="name" operator="eq" value="a"/>'


@pytest.mark.parametrize(
    "conditions",
    [
        '<filter type="or">' + f"<filter>{CONDITION * 9}</filter>" * 9 + "</filter>",
        "<filter>" * 3000 + CONDITION + "</filter>" * 3000,
    ],
)
def test_a_view_of_dynamics_that_would_never_be_worked_out_is_refused_at_once(conditions):
    entity = Entity(logical_name="account", entity_set="accounts", name="account", primary_id="accountid")
    named = entity.model_copy(
        update={"attributes": (Attribute(logical_name="name", name="name", type="String"),)}
    )
    with pytest.raises(Unlike, match="nested too deep"):
        query_from(named, f'<fetch><entity name="account">{conditions}</entity></fetch>')
