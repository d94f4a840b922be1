"""FetchXML page by page: cookies, simple paging, and where each ends."""

import xml.etree.ElementTree as ET
from urllib.parse import unquote
from xml.sax.saxutils import quoteattr

import pytest

from tests.sandbox.dataverse.languages import COOKIE, MORE, PAGING, all_pages, fetch, fetched, send_fetch

NAME = "<attribute name='name'/>"


def fetch_of(inner, options):
    return f"<fetch {options}><entity name='account'>{inner}</entity></fetch>"


def inner_cookie(page):
    outer = ET.fromstring(page[COOKIE])
    return outer, unquote(unquote(outer.get("pagingcookie")))


@pytest.mark.parametrize(
    "order",
    [
        "",
        "<order attribute='name'/>",
        "<order attribute='industrycode' descending='true'/><order attribute='name'/>",
        "<order attribute='primarycontactid'/>",
        "<order attribute='revenue'/>",
        "<order attribute='smp_none'/>".replace("smp_none", "creditonhold"),
        "<order attribute='createdon' descending='true'/>",
    ],
)
def test_cookies_lead_through_all_rows(api, order):
    everything = fetched(api, NAME + order)
    pages = list(all_pages(api, NAME + order, "count='700'"))
    assert [len(page["value"]) for page in pages[:-1]] == [700] * (len(pages) - 1)
    assert [row for page in pages for row in page["value"]] == everything
    assert all(COOKIE in page and page[MORE] is True for page in pages[:-1])
    assert COOKIE not in pages[-1]
    assert MORE not in pages[-1]


def test_the_cookie_is_as_documented(api):
    # Of names that begin with a letter: other tests leave some that are empty.
    named = (
        "<order attribute='name'/><filter><condition attribute='name' operator='like' value='a%'/></filter>"
    )
    page = fetch(api, fetch_of(NAME + named, "count='3' page='1'"), headers=PAGING)
    rows = page["value"]
    outer, inner = inner_cookie(page)
    assert outer.get("pagenumber") == "2"
    assert outer.get("istracking") == "False"
    assert page[COOKIE].startswith(
        '<cookie pagenumber="2" pagingcookie="%253ccookie%2520page%253d%25221%2522%253e'
    )
    cookie = ET.fromstring(inner)
    assert cookie.get("page") == "1"
    assert [part.tag for part in cookie] == ["name", "accountid"]
    assert cookie[0].attrib == {"last": rows[-1]["name"], "first": rows[0]["name"]}
    assert cookie[1].get("last") == "{" + rows[-1]["accountid"].upper() + "}"


def test_only_annotations_that_were_asked_for(api):
    page = fetch(api, fetch_of(NAME, "count='3'"))
    assert set(page) == {"@odata.context", "value"}


def test_a_joined_page_ends_between_rows_of_one_parent(api):
    inner = (
        NAME + "<link-entity name='contact' from='parentcustomerid' to='accountid' alias='c'>"
        "<attribute name='contactid'/><filter><condition attribute='lastname' operator='lt' value='M'/></filter>"
        "</link-entity>"
    )
    whole = [(r["accountid"], r["c.contactid"]) for r in fetched(api, inner)]
    pages = [
        (r["accountid"], r["c.contactid"]) for p in all_pages(api, inner, "count='499'") for r in p["value"]
    ]
    assert pages == whole
    assert len(set(pages)) == len(pages) > len({account for account, _ in pages})


@pytest.mark.parametrize(
    ("inner", "options"),
    [
        (
            NAME + "<link-entity name='contact' from='contactid' to='primarycontactid' alias='c'>"
            "<attribute name='fullname'/><order attribute='fullname'/></link-entity>",
            "",
        ),
        ("<attribute name='address1_city'/><attribute name='industrycode'/>", "distinct='true'"),
    ],
)
def test_without_a_cookie_pages_are_counted(api, inner, options):
    whole = fetched(api, inner, options)
    pages = list(all_pages(api, inner, f"{options} count='400'"))
    assert [row for page in pages for row in page["value"]] == whole
    assert not [page for page in pages if COOKIE in page]
    assert all(page[MORE] is True for page in pages[:-1])


def test_pages_by_number_alone(api):
    order = "<order attribute='name'/><order attribute='accountid'/>"
    first = fetched(api, NAME + order, "count='20'")
    assert fetched(api, NAME + order, "count='10' page='2'") == first[10:]
    assert fetched(api, NAME + order, "count='10' page='4000'") == []
    for options in ("count='5000' page='11'", "count='10' page='5001'"):
        api.error(send_fetch(api, fetch_of(NAME, options)), 400, "0x8004430A")


def test_a_cookie_of_another_page_is_ignored(api):
    page = fetch(api, fetch_of(NAME, "count='10' page='1'"), headers=PAGING)
    _, inner = inner_cookie(page)
    with_cookie = fetched(api, NAME, f"count='10' page='3' paging-cookie={quoteattr(inner)}")
    assert with_cookie == fetched(api, NAME, "count='10' page='3'")


@pytest.mark.parametrize(
    "cookie", ["nix", "<cookie page='1'/>", '<cookie page="1"><name last="x"/></cookie>']
)
def test_malformed_cookies(api, cookie):
    xml = fetch_of(NAME, f"count='10' page='2' paging-cookie={quoteattr(cookie)}")
    message = api.error(send_fetch(api, xml), 400, "0x8004E00D")
    assert message == "Malformed XML in the Paging Cookie"


ODD_TEXTS = (
    'A "quoted" & <odd>',
    "A\nbreak\tand more",
    "A 'single'",
    "{A2A070EA-269D-41AB-BFFE-AD6FA2DA6C05}",
    "{B2A070EA-269D-41AB-BFFE-AD6FA2DA6C05}",
    "a2a070ea-269d-41ab-bffe-ad6fa2da6c05",
)


def test_texts_with_quotes_and_breaks_and_like_ids_survive_in_a_cookie(api):
    for text in ODD_TEXTS:
        api.create("smp_projects", {"smp_name": text, "smp_code": text[:30], "smp_summary": "cookie"})
    order = (
        "<attribute name='smp_name'/><order attribute='smp_name'/>"
        "<filter><condition attribute='smp_summary' operator='eq' value='cookie'/></filter>"
    )
    names, number, cookie = [], 1, ""
    for _ in ODD_TEXTS:
        options = f"count='1' page='{number}'" + (f" paging-cookie={quoteattr(cookie)}" if cookie else "")
        xml = f"<fetch {options}><entity name='smp_project'>{order}</entity></fetch>"
        page = fetch(api, xml, "smp_projects", headers=PAGING)
        names += [row["smp_name"] for row in page["value"]]
        if MORE not in page:
            break
        number, cookie = number + 1, inner_cookie(page)[1]
    assert sorted(names) == sorted(ODD_TEXTS)


def test_the_size_of_a_page(api):
    assert len(fetched(api, "<attribute name='fullname'/>", entity="contact")) == 5000
    assert len(fetched(api, "<attribute name='fullname'/>", "count='9000'", entity="contact")) == 5000
    assert len(fetched(api, NAME, headers={"Prefer": "odata.maxpagesize=4"})) == 4
    assert len(fetched(api, NAME, "count='3'", headers={"Prefer": "odata.maxpagesize=4"})) == 3
