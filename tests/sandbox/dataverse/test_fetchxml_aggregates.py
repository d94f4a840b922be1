"""Aggregates in FetchXML, checked against the rows themselves."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest

from tests.sandbox.dataverse.api import EVERYTHING, FORMATTED
from tests.sandbox.dataverse.languages import fetched, send_fetch

NAMED = "@OData.Community.Display.V1.AttributeName"


def attribute(name, alias, **options):
    more = "".join(f" {key}='{value}'" for key, value in options.items())
    return f"<attribute name='{name}' alias='{alias}'{more}/>"


def aggregated(api, inner, **rest):
    return fetched(api, inner, "aggregate='true'", **rest)


def refused(api, inner, code, options="aggregate='true'"):
    return api.error(
        send_fetch(api, f"<fetch {options}><entity name='account'>{inner}</entity></fetch>"), 400, code
    )


@pytest.fixture(scope="module")
def accounts(api):
    return api.rows(
        "accounts", select="revenue,numberofemployees,industrycode,createdon,statecode,_ownerid_value"
    )


def test_one_row_of_all_aggregates(api, accounts):
    uses = ("avg", "count", "countcolumn", "max", "min", "sum")
    row = aggregated(api, "".join(attribute("numberofemployees", use, aggregate=use) for use in uses))
    numbers = [a["numberofemployees"] for a in accounts if a["numberofemployees"] is not None]
    assert row == [
        {
            "avg": sum(numbers) // len(numbers),
            "count": len(accounts),
            "countcolumn": len(numbers),
            "max": max(numbers),
            "min": min(numbers),
            "sum": sum(numbers),
        }
    ]


def test_money_is_summed_exactly(api, accounts):
    inner = attribute("revenue", "total", aggregate="sum") + attribute("revenue", "mean", aggregate="avg")
    text = send_fetch(api, f"<fetch aggregate='1'><entity name='account'>{inner}</entity></fetch>").text
    amounts = [Decimal(str(a["revenue"])) for a in accounts if a["revenue"] is not None]
    assert f'"total":{sum(amounts):.4f}' in text
    assert f'"mean":{sum(amounts) / len(amounts):.4f}' in text


def test_groups_without_a_value_lack_their_key(api, accounts):
    inner = (
        attribute("industrycode", "kind", groupby="true")
        + attribute("accountid", "n", aggregate="count")
        + "<order alias='kind'/>"
    )
    rows = aggregated(api, inner, headers=EVERYTHING)
    counts = defaultdict(int)
    for account in accounts:
        counts[account["industrycode"]] += 1
    assert {row.get("kind"): row["n"] for row in rows} == counts
    blank = [row for row in rows if "kind" not in row]
    assert len(blank) == 1
    assert not [key for key in blank[0] if key.startswith("kind")]
    assert all(
        row[f"kind{NAMED}"] == "industrycode" and row[f"kind{FORMATTED}"] for row in rows if "kind" in row
    )


def test_the_sum_of_nothing_is_zero(api):
    inner = attribute("marketcap", "s", aggregate="sum") + attribute("marketcap", "a", aggregate="avg")
    assert aggregated(api, inner) == [{"s": 0}]


def test_order_by_an_aggregate_and_a_group(api):
    inner = (
        attribute("ownerid", "owner", groupby="true")
        + attribute("revenue", "total", aggregate="sum")
        + "<order alias='total' descending='true'/>"
    )
    rows = aggregated(api, inner, headers=EVERYTHING)
    totals = [row["total"] for row in rows]
    assert totals == sorted(totals, reverse=True)
    assert rows[0]["owner@Microsoft.Dynamics.CRM.lookuplogicalname"] in {"systemuser", "team"}
    by_name = aggregated(
        api, inner.replace("alias='total' descending='true'", "alias='owner'"), headers=EVERYTHING
    )
    names = [row[f"owner{FORMATTED}"].lower() for row in by_name]
    assert names == sorted(names)


def sunday_week(day: date) -> int:
    """SQL Server's week: the one with January 1 is the first, each begins on a Sunday."""
    first = date(day.year, 1, 1)
    return ((day - first).days + (first.weekday() + 1) % 7) // 7 + 1


PARTS = {
    "day": lambda d: d.day,
    "week": sunday_week,
    "month": lambda d: d.month,
    "quarter": lambda d: (d.month + 2) // 3,
    "year": lambda d: d.year,
    "fiscal-year": lambda d: d.year,
    "fiscal-period": lambda d: f"Quarter {(d.month + 2) // 3} FY{d.year}",
}


@pytest.mark.parametrize("part", PARTS)
def test_parts_of_dates(api, accounts, part):
    inner = attribute("createdon", "part", groupby="true", dategrouping=part)
    inner += attribute("accountid", "n", aggregate="count")
    expected = defaultdict(int)
    for account in accounts:
        expected[PARTS[part](date.fromisoformat(account["createdon"][:10]))] += 1
    assert {row["part"]: row["n"] for row in aggregated(api, inner)} == expected


def test_the_documented_weeks():
    assert (sunday_week(date(2023, 3, 25)), sunday_week(date(2023, 8, 27))) == (12, 35)


def test_distinct_counts_and_dates(api, accounts):
    inner = attribute("industrycode", "kinds", aggregate="countcolumn", distinct="true")
    inner += attribute("createdon", "first", aggregate="min") + attribute(
        "createdon", "last", aggregate="max"
    )
    found = aggregated(api, inner)[0]
    moments = [a["createdon"] for a in accounts]
    assert found["kinds"] == len({a["industrycode"] for a in accounts} - {None})
    assert (found["first"], found["last"]) == (min(moments), max(moments))


def test_aggregates_over_links_and_filters(api):
    inner = (
        "<filter><condition attribute='statecode' operator='eq' value='0'/></filter>"
        "<link-entity name='contact' from='parentcustomerid' to='accountid' alias='c'>"
        "<filter><condition attribute='lastname' operator='lt' value='M'/></filter>"
        + attribute("contactid", "people", aggregate="count")
        + attribute("address1_country", "country", groupby="true")
        + "</link-entity>"
    )
    contacts = api.rows(
        "contacts",
        select="address1_country",
        filter="lastname lt 'M' and parentcustomerid_account/statecode eq 0",
    )
    expected = defaultdict(int)
    for contact in contacts:
        expected[contact["address1_country"]] += 1
    assert {row.get("country"): row["people"] for row in aggregated(api, inner)} == expected


def test_the_ceiling(api):
    inner = attribute("accountid", "n", aggregate="count")
    refused(api, inner, "0x8004E023", "aggregate='true' aggregatelimit='10'")
    every_pair = "<link-entity name='contact' from='statecode' to='statecode'/>"
    message = refused(api, inner + every_pair, "0x8004E023")
    assert "AggregateQueryRecordLimit exceeded" in message


def test_pages_of_groups(api):
    inner = attribute("name", "name", groupby="true") + attribute("accountid", "n", aggregate="count")
    whole = aggregated(api, inner)
    first = fetched(api, inner, "aggregate='true' count='100' page='1'")
    second = fetched(api, inner, "aggregate='true' count='100' page='2'")
    assert first + second == whole[:200]


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ("<attribute name='name'/>", "0x80040303"),
        ("<attribute name='name' alias='n'/>", "0x80040303"),
        ("<attribute name='name' aggregate='count'/>", "0x80040303"),
        ("<all-attributes/>", "0x80040303"),
        (attribute("name", "n", aggregate="nix"), "0x80040303"),
        (attribute("name", "n", aggregate="sum"), "0x80040203"),
        (attribute("industrycode", "n", aggregate="avg"), "0x80040203"),
        (attribute("name", "n", groupby="true", dategrouping="day"), "0x80040203"),
        (attribute("createdon", "n", groupby="true", dategrouping="nix"), "0x80040203"),
        (attribute("name", "n", aggregate="count") + "<order attribute='name'/>", "0x80040303"),
        (attribute("name", "n", aggregate="count") + "<order alias='nix'/>", "0x80040303"),
        (attribute("name", "n", aggregate="count") + attribute("fax", "n", aggregate="count"), "0x80040303"),
    ],
)
def test_faults(api, inner, code):
    refused(api, inner, code)


def test_aggregates_need_to_be_announced(api):
    for inner in (attribute("name", "n", aggregate="count"), attribute("name", "n", groupby="true")):
        refused(api, inner, "0x80040303", "")
