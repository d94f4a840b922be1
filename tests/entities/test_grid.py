"""The grid on the sandbox: order, filters, pages, columns, the count, and what cannot be asked."""

import re
import time
from html import unescape
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from entities.trail import MAX_WALK, PAGE_SIZE
from integrations.definition import READ_ONLY
from integrations.filters import Operator, Where

FILTERS = [
    "name~contains~co",
    "name~not_contains~co",
    "name~starts_with~A",
    "name~empty~",
    "revenue~ge~1000000",
    "revenue~lt~0.5",
    "numberofemployees~gt~100",
    "creditonhold~eq~true",
    "industrycode~in~1,2,3",
    "industrycode~not_empty~",
    "statecode~eq~0",
    "createdon~last_days~3650",
    "createdon~on_or_before~2030-01-31",
    "modifiedon~on~2020-02-29",
    "primarycontactid~empty~",
    "primarycontactid~eq~00000000-0000-4000-8000-00000000dead",
    "description~ends_with~.",
]
IMPOSSIBLE = [
    "?where=revenue~ge~abc",
    "?where=createdon~on~yesterday",
    "?where=createdon~last_days~-1",
    "?where=industrycode~eq~999999",
    "?where=primarycontactid~eq~nobody",
    "?where=name~eq~",
    "?where=name",
    "?where=name~drop~x",
    "?where=fax~eq~1",
    "?where=accountid~eq~1",
    "?sort=fax",
    "?sort=name;drop",
    "?columns=fax",
    "?column=fax",
    "?page=0",
    "?page=x",
    "?attribute=fax&operator=eq&value=1",
]


def names(answer):
    rows = re.findall(r'<th scope="row"[^>]*>.*?<bdi>(.*?)</bdi>', answer.content.decode(), re.DOTALL)
    return [unescape(name) for name in rows]


def text(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def query(**fields):
    return "?" + urlencode(fields, doseq=True)


def test_a_page_of_records_with_the_name_first(ana, at):
    answer = ana.get(at("account"))

    assert answer.status_code == 200
    assert len(names(answer)) == PAGE_SIZE
    assert "1\u201350" in text(answer)
    heads = re.findall(r'<a class="sort"[^>]*>([^<]+)', answer.content.decode())
    assert heads[0] == "Account Name"


def test_values_are_shown_as_dynamics_formats_them(ana, at, accounts):
    industry = accounts.entity.attribute("industrycode").options[2]
    name = "Formatted & Söhne"
    record = accounts.create({"name": name, "revenue": "1234567.5", "industrycode": industry.value})

    page = text(ana.get(at("account") + query(where=f"name~eq~{name}", columns="name,revenue,industrycode")))

    assert name in page
    assert "1,234,567.50" in page
    assert industry.label in page
    accounts.delete(record)


@pytest.mark.parametrize(
    ("sort", "column", "backwards"),
    [
        ("name", "name", False),
        ("-name", "name", True),
        ("-revenue", "revenue", True),
        ("numberofemployees", "numberofemployees", False),
        ("-createdon", "createdon", True),
    ],
)
def test_it_sorts(ana, at, accounts, sort, column, backwards):
    answer = ana.get(at("account") + query(sort=sort, where=f"{column}~not_empty~", columns=f"name,{column}"))

    direction = "desc" if backwards else "asc"
    first = accounts.search(Where(column, Operator.NOT_EMPTY), order_by=[(column, direction)], top=PAGE_SIZE)
    assert names(answer) == [str(record.values["name"]) for record in first.records]
    values = [record.values[column] for record in first.records]
    if column != "name":  # how Dynamics collates text is its own business
        assert values == sorted(values, reverse=backwards)
    assert f'aria-sort="{"descending" if backwards else "ascending"}"' in answer.content.decode()


def test_it_filters_every_kind_of_attribute(ana, at, accounts):
    for where in FILTERS:
        name, operator, value = where.split("~")
        answer = ana.get(at("account") + query(where=where))
        expected = accounts.search(Where(name, Operator(operator), value or None), top=PAGE_SIZE).records

        assert answer.status_code == 200, where
        assert names(answer) == [str(record.values["name"]) for record in expected], where
        assert 'class="chip chip-filter"' in answer.content.decode(), where


def test_filters_are_joined_and_each_can_be_removed(ana, at):
    answer = ana.get(at("account") + query(where=["name~contains~a", "statecode~eq~0"]))

    assert {"Account Name contains a", "Status is Active"} <= set(
        re.findall(
            r'class="chip-change"[^>]*><bdi>([^<]*)</bdi>', answer.content.decode().replace("&amp;", "&")
        )
    )
    without = re.findall(r'class="chip-remove" href="([^"]+)"', answer.content.decode())
    assert [unescape(url) for url in without] == ["?where=statecode~eq~0", "?where=name~contains~a"]


def test_the_panel_adds_a_filter_to_those_in_force(ana, at):
    answer = ana.get(
        at("account")
        + query(where="name~contains~a", sort="-name", attribute="revenue", operator="ge", value="5")
    )

    assert answer.status_code == 302
    assert answer["Location"].endswith("?where=name~contains~a&where=revenue~ge~5&sort=-name")


def test_several_ticked_values_are_one_filter(ana, at):
    answer = ana.get(at("account") + query(attribute="industrycode", operator="in", value=["1", "3"]))

    assert answer["Location"].endswith("?where=industrycode~in~1%2C3")


def test_a_value_that_does_not_fit_is_explained_in_the_panel(ana, at):
    answer = ana.get(
        at("account") + query(where="name~contains~a", attribute="revenue", operator="ge", value="many")
    )

    page = answer.content.decode()
    assert answer.status_code == 400
    assert "data-drop open" in page
    assert 'value="many"' in page
    assert "This must be a number" in page
    assert "Account Name contains a" in page


def test_the_panel_asks_what_suits_the_attribute(ana, at):
    def asked(**fields):
        return ana.get(at("account") + query(ask=1, **fields)).content.decode()

    assert "Consulting" in asked(attribute="industrycode")
    assert 'type="checkbox"' in asked(attribute="industrycode", operator="in")
    assert 'id="filter-value"' not in asked(attribute="name", operator="empty")
    assert 'type="date"' in asked(attribute="createdon")
    assert 'inputmode="numeric"' in asked(attribute="createdon", operator="last_days")
    assert 'role="combobox"' in asked(attribute="primarycontactid")
    assert 'role="combobox"' not in asked(attribute="ownerid")  # users are not published
    assert "is at least" in asked(attribute="revenue")


def test_a_chip_of_a_lookup_says_the_records_name(ana, at, accounts, contacts):
    contact = contacts.create({"firstname": "Chip", "lastname": "Named"})
    account = accounts.create({"name": "Chipped", "primarycontactid": f"{contact}"})

    added = ana.get(
        at("account") + query(attribute="primarycontactid", operator="eq", value=f"contact:{contact}")
    )
    answer = ana.get(added["Location"])

    assert names(answer) == ["Chipped"]
    assert "Primary Contact is Chip Named" in text(answer)
    accounts.delete(account)
    contacts.delete(contact)


def test_pages_go_forth_and_back(ana, at):
    first = ana.get(at("account") + "?sort=name")
    second = ana.get(at("account") + "?sort=name&page=2")
    third = ana.get(at("account") + "?sort=name&page=3")
    again = ana.get(at("account") + "?sort=name&page=2")

    assert 'rel="prev"' not in first.content.decode()
    assert 'href="?sort=name&amp;page=2"' in first.content.decode()
    assert "51\u2013100" in text(second)
    assert len(set(names(first) + names(second) + names(third))) > 140
    assert names(again) == names(second)


def test_a_link_to_a_page_far_in_is_walked_to(ana, person, at):
    for page in range(1, 4):
        walked = ana.get(at("account") + f"?page={page}")
    colleague = person("ben", Role.VIEWER)

    assert names(colleague.get(at("account") + "?page=3")) == names(walked)


def test_a_walk_has_its_bound(ana, at):
    too_far = ana.get(at("contact") + f"?page={MAX_WALK + 2}")
    assert too_far.status_code == 400
    assert "too far in" in text(too_far)

    beyond = ana.get(at("account") + query(where="name~starts_with~A", page=40))
    assert beyond.status_code == 400
    assert "There is no page 40" in text(beyond)
    assert "Show the whole list" in text(beyond)


def test_looking_at_a_list_again_writes_nothing(ana, at, monkeypatch):
    ana.get(at("account") + "?sort=name")
    later = time.time() + 60  # a cursor bears its second
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    with CaptureQueriesContext(connection) as asked:
        ana.get(at("account") + "?sort=name")
    assert [each["sql"] for each in asked if not each["sql"].startswith("SELECT")] == []


def test_a_trail_of_an_older_version_does_not_lead_astray(ana, at, republish):
    ana.get(at("account") + "?sort=name")
    second = ana.get(at("account") + "?sort=name&page=2")
    republish("account", READ_ONLY, ["name"])

    assert names(ana.get(at("account") + "?sort=name&page=2")) == names(second)


def test_cursors_that_no_longer_hold_are_replaced(ana, at):
    ana.get(at("account") + "?sort=name")
    second = ana.get(at("account") + "?sort=name&page=2")
    session = ana.session
    session["grid_trails"] = {key: ["spoilt"] for key in session["grid_trails"]}
    session.save()

    assert names(ana.get(at("account") + "?sort=name&page=2")) == names(second)


def test_columns_are_chosen(ana, at):
    answer = ana.get(at("account") + query(column=["revenue", "industrycode"]))

    heads = re.findall(r'<a class="sort"[^>]*>([^<]+)', answer.content.decode())
    assert set(heads) == {"Industry", "Annual Revenue"}
    assert "columns=revenue%2Cindustrycode" in answer.content.decode()  # what the links on the page keep


def test_the_count_comes_by_itself_and_is_honest(ana, at, accounts, republish):
    page = ana.get(at("account")).content.decode()
    assert 'hx-get="?&amp;count=1"' in page
    fragment = ana.get(at("account") + "?count=1").content.decode().strip()
    assert fragment == f"of {accounts.tally()}"
    # Dataverse counts to 5,000 at once; what there is in all it tells only of a list without filters.
    total = accounts.service.client.total("contact")
    assert total > 5000
    assert ana.get(at("contact") + "?count=1").content.decode().strip() == f"of about {total:,}"
    filtered = ana.get(at("contact") + "?count=1&where=lastname~not_empty").content.decode().strip()
    assert filtered == "of more than 5,000"

    republish("account", READ_ONLY - {"count"}, ["name"])
    assert "grid-count" not in ana.get(at("account")).content.decode()
    assert ana.get(at("account") + "?count=1").content.decode().strip() == ""


def test_nothing_found_and_what_then(ana, at):
    answer = ana.get(at("account") + query(where="name~eq~no such name"))
    assert "Nothing matches" in text(answer)


def test_what_cannot_be_asked_is_a_clear_400(ana, at):
    for address in IMPOSSIBLE:
        answer = ana.get(at("account") + address)

        assert answer.status_code == 400, address
        assert "Traceback" not in text(answer), address
        assert "Show the whole list" in text(answer), address


def test_strangers_and_unknown_places_are_404(ana, person, at, sample_integration):
    stranger = person("dara", None)
    for parts in [("account",), ("account", "new"), ("account", sample_integration.pk)]:
        answer = stranger.get(at(*parts))
        assert answer.status_code == 404
        assert "team you are not in" in text(answer)
    assert text(stranger.get("/records/")).count("Sales sample") == 0

    assert ana.get(at("lead")).status_code == 404
    assert ana.get(at("account").replace("development", "production")).status_code == 404
    assert ana.get(at("account").replace(str(sample_integration.pk)[:8], "00000000")).status_code == 404


def test_the_doors_to_what_can_be_browsed(ana, at):
    page = ana.get("/records/").content.decode()

    assert f'href="{at("account")}"' in page
    assert f'href="{at("contact")}"' in page


def test_the_joint_between_two_chips_switches_them(ana, at):
    page = ana.get(at("account") + "?where=name~contains~a&where=statecode~eq~1").content.decode()
    switch = unescape(re.search(r'<a class="chip-joint" href="([^"]+)"[^>]*>and</a>', page)[1])
    either = ana.get(at("account") + switch).content.decode()

    assert "chip-any" in either
    back = unescape(re.search(r'<a class="chip-joint" href="([^"]+)"[^>]*>or</a>', either)[1])
    assert "chip-any" not in ana.get(at("account") + back).content.decode()
