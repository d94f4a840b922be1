"""What Python writes, the Web API's JSON carries, and Python reads back: the same value, digit for digit."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.kinds import column
from integrations.records import Link
from integrations.values import body_for, record_reader
from microsoft.wire import decode_json, encode_json
from tests.integrations.samples import ATTRIBUTES, COLOURS, STATES, entity

# Naive on purpose: each test says what the zone is.
EARLY, LATE = datetime(1753, 1, 1), datetime(9999, 12, 30)  # noqa: DTZ001
SECONDS = st.datetimes(EARLY, LATE).map(lambda moment: moment.replace(microsecond=0))
TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], max_codepoint=0xFFFD), max_size=20
)
EXACT = {
    "revenue": st.decimals("-922337203685477", "922337203685477", places=4),
    "rate": st.decimals("-100000000000", "100000000000", places=10),
}
SCALARS = {
    **EXACT,
    "notes": TEXT.filter(lambda text: text != ""),
    "employees": st.integers(0, 1_000_000),
    "longitude": st.floats(-180, 180, allow_nan=False),
    "on_hold": st.booleans(),
    "birthday": st.dates(date(1753, 1, 1)),
    "meeting": SECONDS.map(lambda moment: moment.replace(tzinfo=UTC)),
    "opening": SECONDS,
    "colours": st.lists(st.sampled_from([each.value for each in COLOURS]), unique=True, min_size=1),
    "process": st.uuids().map(str),
}


def through_the_wire(name: str, value: object) -> object:
    """Write one attribute, send it as JSON, read it from a record that holds what was sent."""
    attribute = ATTRIBUTES[name]
    body = decode_json(encode_json(body_for(entity(name), {name: value}, creating=False)))
    raw = {"accountid": "0" * 8, column(attribute): body[attribute.logical_name]}
    return record_reader(entity(name), [attribute])(raw).values[name]


@given(st.sampled_from(sorted(SCALARS)).flatmap(lambda name: st.tuples(st.just(name), SCALARS[name])))
def test_every_scalar_survives(pair):
    name, value = pair
    read = through_the_wire(name, value)

    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("text", ["922337203685477.0000", "-922337203685477.0000", "0.0001", "1234567.8900"])
def test_money_keeps_every_digit(text):
    assert str(through_the_wire("revenue", Decimal(text))) == text


@given(st.sampled_from(sorted(EXACT)).flatmap(lambda name: st.tuples(st.just(name), EXACT[name])))
def test_text_that_stands_for_a_number_is_the_number(pair):
    name, value = pair
    assert through_the_wire(name, format(value, "f")) == value


@pytest.mark.parametrize("target", ["account", "contact"])
def test_a_lookup_is_bound_by_its_target_and_read_as_a_link(target):
    link = Link("6f3f2c9e-2b1a-4b3c-9d4e-000000000001", target)
    body = body_for(entity("customer"), {"customer": link}, creating=False)
    assert body == {f"customerid_{target}@odata.bind": f"/{target}s({link.id})"}

    raw = {
        "accountid": "A",
        "_customerid_value": link.id.upper(),
        "_customerid_value@Microsoft.Dynamics.CRM.lookuplogicalname": target,
        "_customerid_value@OData.Community.Display.V1.FormattedValue": "Contoso",
    }
    record = record_reader(entity("customer"), [ATTRIBUTES["customer"]])(raw)
    assert record.values["customer"] == Link(link.id, target, "Contoso")
    assert record.links == {"customer": Link(link.id, target, "Contoso")}


def test_clearing_and_not_setting_a_lookup():
    assert body_for(entity("contact"), {"contact": None}, creating=False) == {
        "primarycontactid@odata.bind": None
    }
    assert body_for(entity("contact"), {"contact": None}, creating=True) == {}


def test_labels_stand_beside_the_values_they_speak_of():
    raw = {
        "accountid": "0A",
        "@odata.etag": 'W/"7"',
        "statecode": 0,
        "statecode@OData.Community.Display.V1.FormattedValue": STATES[0].label,
        "name": "Adventure Works",
        "name@OData.Community.Display.V1.FormattedValue": "Adventure Works",
    }
    record = record_reader(entity("name", "state"), [ATTRIBUTES["name"], ATTRIBUTES["state"]])(raw)

    assert record.values == {"name": "Adventure Works", "state": 0}
    assert record.labels == {"state": "Active"}
    assert (record.id, record.etag) == ("0a", 'W/"7"')


def test_what_dynamics_leaves_empty_is_none():
    raw = {"accountid": "a", **{column(each): None for each in ATTRIBUTES.values()}}
    record = record_reader(entity(), ATTRIBUTES.values())(raw)

    assert set(record.values.values()) == {None}
    assert record.labels == {}
    assert record.links == {}
