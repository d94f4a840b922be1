"""FetchXML: what it selects, filters, joins and sorts, and what it refuses."""

import pytest

from tests.sandbox.dataverse.api import EVERYTHING, FORMATTED
from tests.sandbox.dataverse.languages import MORE, fetch, fetched, send_fetch

CRM = "Microsoft.Dynamics.CRM."
NAMED = "@OData.Community.Display.V1.AttributeName"
NAME = "<attribute name='name'/>"


def condition(attribute, operator, *values, **rest):
    more = "".join(f" {key}='{value}'" for key, value in rest.items())
    if len(values) == 1:
        return f"<condition attribute='{attribute}' operator='{operator}' value='{values[0]}'{more}/>"
    inner = "".join(f"<value>{value}</value>" for value in values)
    return f"<condition attribute='{attribute}' operator='{operator}'{more}>{inner}</condition>"


def where(*conditions, kind="and"):
    return f"<filter type='{kind}'>{''.join(conditions)}</filter>"


def refused(api, xml, code, status=400, **rest):
    return api.error(send_fetch(api, xml, **rest), status, code)


def test_attributes_bring_the_key_and_an_etag(api):
    found = fetch(
        api, f"<fetch top='2'><entity name='account'>{NAME}<attribute name='revenue'/></entity></fetch>"
    )
    assert found["@odata.context"].startswith(f"{api.root}/$metadata#accounts(")
    for row in found["value"]:
        assert {"@odata.etag", "accountid", "name"} <= set(row)
        assert ("revenue" in row) <= ("_transactioncurrencyid_value" in row)


def test_nulls_are_absent(api):
    rows = fetched(api, f"{NAME}<attribute name='revenue'/>{where(condition('revenue', 'null'))}", "top='3'")
    assert rows
    assert not [row for row in rows if "revenue" in row]


@pytest.mark.parametrize("inner", ["", "<all-attributes/>"])
def test_no_attributes_are_all_attributes(api, inner):
    row = fetched(api, inner, "top='1'")[0]
    assert {"name", "createdon", "_ownerid_value", "statecode", "accountid"} <= set(row)


def test_attribute_alias(api):
    plain = fetched(api, NAME, "top='1'", headers=EVERYTHING)[0]
    row = fetched(api, "<attribute name='name' alias='title'/>", "top='1'", headers=EVERYTHING)[0]
    assert row["title"] == plain["name"]
    assert row[f"title{NAMED}"] == "name"
    assert "name" not in row


def test_annotations_as_asked(api):
    inner = f"<attribute name='primarycontactid'/><attribute name='industrycode'/>{where(condition('primarycontactid', 'not-null'), condition('industrycode', 'not-null'))}"
    plain = fetched(api, inner, "top='1'")[0]
    assert not [key for key in plain if "@" in key and key != "@odata.etag"]
    whole = fetched(api, inner, "top='1'", headers=EVERYTHING)[0]
    assert whole[f"_primarycontactid_value@{CRM}lookuplogicalname"] == "contact"
    assert whole[f"_primarycontactid_value@{CRM}associatednavigationproperty"] == "primarycontactid"
    assert whole[f"industrycode{FORMATTED}"]


def test_the_name_behind_a_lookup_filters_but_is_no_property(api):
    rows = fetched(
        api,
        f"<attribute name='primarycontactidname'/><attribute name='primarycontactid'/>{where(condition('primarycontactidname', 'begins-with', 'A'))}",
        headers=EVERYTHING,
    )
    assert rows
    assert "primarycontactidname" not in rows[0]
    assert {row[f"_primarycontactid_value{FORMATTED}"][0] for row in rows} == {"A"}


NUMBERS = {
    ("eq", 5): lambda n: n == 5,
    ("ne", 5): lambda n: n != 5,
    ("neq", 5): lambda n: n != 5,
    ("gt", 30): lambda n: n is not None and n > 30,
    ("ge", 30): lambda n: n is not None and n >= 30,
    ("lt", 3): lambda n: n is not None and n < 3,
    ("le", 3): lambda n: n is not None and n <= 3,
    ("in", 1, 2, 7): lambda n: n in {1, 2, 7},
    ("not-in", 1, 2, 7): lambda n: n not in {1, 2, 7},
    ("between", 3, 6): lambda n: n is not None and 3 <= n <= 6,
    ("not-between", 3, 6): lambda n: n is not None and not 3 <= n <= 6,
    ("null",): lambda n: n is None,
    ("not-null",): lambda n: n is not None,
}
TEXTS = {
    ("like", "%GRANITE%"): lambda t: "granite" in t,
    ("not-like", "%granite%"): lambda t: "granite" not in t,
    ("begins-with", "blue"): lambda t: t.startswith("blue"),
    ("not-begin-with", "blue"): lambda t: not t.startswith("blue"),
    ("ends-with", "GmbH"): lambda t: t.endswith("gmbh"),
    ("not-end-with", "GmbH"): lambda t: not t.endswith("gmbh"),
}


@pytest.fixture(scope="module")
def accounts(api):
    return api.rows("accounts", select="name,industrycode,createdon,_ownerid_value")


@pytest.mark.parametrize("spec", NUMBERS, ids=str)
def test_operators_on_numbers(api, accounts, spec):
    rows = fetched(api, where(condition("industrycode", *spec)) + NAME)
    expected = {r["accountid"] for r in accounts if NUMBERS[spec](r["industrycode"])}
    assert {row["accountid"] for row in rows} == expected != set()


@pytest.mark.parametrize("spec", TEXTS, ids=str)
def test_operators_on_texts(api, accounts, spec):
    rows = fetched(api, NAME + where(condition("name", *spec)))
    expected = {r["accountid"] for r in accounts if TEXTS[spec](r["name"].lower())}
    assert {row["accountid"] for row in rows} == expected != set()


@pytest.mark.parametrize(
    ("operator", "function"),
    [
        ("on", "On(PropertyName='createdon',PropertyValue='2023-05-04')"),
        ("on-or-before", "OnOrBefore(PropertyName='createdon',PropertyValue='2023-05-04')"),
        ("on-or-after", "OnOrAfter(PropertyName='createdon',PropertyValue='2023-05-04')"),
        ("last-x-years", "LastXYears(PropertyName='createdon',PropertyValue=4)"),
        ("olderthan-x-months", "OlderThanXMonths(PropertyName='createdon',PropertyValue=4)"),
        ("olderthan-x-minutes", "OlderThanXMinutes(PropertyName='createdon',PropertyValue=4)"),
        ("last-x-fiscal-periods", "LastXFiscalPeriods(PropertyName='createdon',PropertyValue=4)"),
        ("next-x-days", "NextXDays(PropertyName='createdon',PropertyValue=4)"),
        ("in-fiscal-year", "InFiscalYear(PropertyName='createdon',PropertyValue=2023)"),
        ("last-year", "LastYear(PropertyName='createdon')"),
        ("this-month", "ThisMonth(PropertyName='createdon')"),
        ("last-seven-days", "Last7Days(PropertyName='createdon')"),
        ("today", "Today(PropertyName='createdon')"),
        ("eq-userid", "EqualUserId(PropertyName='ownerid')"),
        ("ne-userid", "NotEqualUserId(PropertyName='ownerid')"),
        ("eq-useroruserteams", "EqualUserOrUserTeams(PropertyName='ownerid')"),
        ("eq-useroruserhierarchy", "EqualUserOrUserHierarchy(PropertyName='ownerid')"),
        ("eq-businessid", "EqualBusinessId(PropertyName='owningbusinessunit')"),
    ],
)
def test_operators_that_are_functions_in_odata(api, operator, function):
    column = function.split("'")[1]
    value = function.rpartition("=")[2].strip("')") if "PropertyValue" in function else None
    rows = fetched(api, NAME + where(condition(column, operator, *([value] if value else []))))
    expected = api.rows("accounts", select="name", filter=f"{CRM}{function}")
    assert {row["accountid"] for row in rows} == {row["accountid"] for row in expected}


def test_two_fiscal_values(api):
    rows = fetched(api, NAME + where(condition("createdon", "in-fiscal-period-and-year", 2, 2022)))
    function = f"{CRM}InFiscalPeriodAndYear(PropertyName='createdon',PropertyValue1=2,PropertyValue2=2022)"
    assert len(rows) == len(api.rows("accounts", select="name", filter=function)) > 0


def test_hierarchies_and_multiple_choices(api):
    top = api.create(
        "smp_projects", {"smp_name": "Top", "smp_code": "fx-1", "smp_channels": "727000000,727000001"}
    )
    child = api.create(
        "smp_projects",
        {"smp_name": "Child", "smp_code": "fx-2", "smp_ParentProjectId@odata.bind": f"/smp_projects({top})"},
    )

    def projects(*spec):
        rows = fetched(
            api,
            "<attribute name='smp_name'/>" + where(condition(*spec)),
            entity="smp_project",
            path="smp_projects",
        )
        return {row["smp_projectid"] for row in rows}

    assert projects("smp_projectid", "under", top) == {child}
    assert projects("smp_projectid", "eq-or-under", top) == {top, child}
    assert projects("smp_projectid", "above", child) == {top}
    assert top in projects("smp_channels", "contain-values", 727000001, 727000003)
    assert top not in projects("smp_channels", "not-contain-values", 727000001)
    counted = fetched(
        api,
        "<attribute name='smp_projectid' alias='children' rowaggregate='CountChildren'/>"
        + where(condition("smp_projectid", "eq", top)),
        entity="smp_project",
        path="smp_projects",
    )
    assert counted[0]["children"] == 1


def test_nested_filters(api, accounts):
    inner = where(
        condition("industrycode", "lt", 4),
        where(condition("name", "like", "b%"), condition("name", "like", "c%"), kind="or"),
    )
    expected = {
        r["accountid"]
        for r in accounts
        if r["industrycode"] is not None and r["industrycode"] < 4 and r["name"][0].lower() in "bc"
    }
    assert {row["accountid"] for row in fetched(api, NAME + inner)} == expected != set()


def test_columns_of_one_row_and_across_tables(api):
    rows = fetched(
        api,
        "<attribute name='createdon'/><attribute name='modifiedon'/>"
        + where("<condition attribute='modifiedon' operator='gt' valueof='createdon'/>"),
    )
    assert rows
    assert all(row["modifiedon"] > row["createdon"] for row in rows)
    crossed = fetched(
        api,
        "<attribute name='address1_city'/>"
        + where("<condition attribute='address1_city' operator='eq' valueof='c.address1_city'/>")
        + "<link-entity name='contact' from='contactid' to='primarycontactid' alias='c'><attribute name='address1_city'/></link-entity>",
    )
    assert all(row["address1_city"] == row["c.address1_city"] for row in crossed)


LINK = "<link-entity name='contact' from='contactid' to='primarycontactid' {options}>{inner}</link-entity>"


def test_inner_and_outer_links(api):
    linked = LINK.format(options="link-type='{}' alias='c'", inner="<attribute name='fullname'/>")
    inner = fetched(api, NAME + linked.format("inner"))
    outer = fetched(api, NAME + linked.format("outer"))
    everything = api.rows("accounts", select="_primarycontactid_value")
    assert len(outer) == len(everything)
    assert len(inner) == len([r for r in everything if r["_primarycontactid_value"]]) < len(outer)
    assert {row["accountid"] for row in outer if "c.fullname" in row} == {row["accountid"] for row in inner}


def test_a_filter_in_a_link_belongs_to_the_join(api):
    linked = LINK.format(
        options="link-type='outer' alias='c'",
        inner="<attribute name='fullname'/>" + where(condition("fullname", "begins-with", "A")),
    )
    rows = fetched(api, NAME + linked)
    assert len(rows) == len(api.rows("accounts", select="name"))
    assert {row["c.fullname"][0] for row in rows if "c.fullname" in row} == {"A"}
    after = fetched(api, NAME + where(condition("fullname", "begins-with", "A", entityname="c")) + linked)
    assert {row["c.fullname"][0] for row in after} == {"A"}


def test_default_alias_and_attribute_alias_in_a_link(api):
    rows = fetched(
        api,
        NAME
        + LINK.format(
            options="", inner="<attribute name='fullname'/><attribute name='ownerid' alias='who'/>"
        ),
        "top='1'",
        headers=EVERYTHING,
    )
    assert rows[0]["contact1.fullname"]
    assert rows[0][f"who@{CRM}lookuplogicalname"] in {"systemuser", "team"}
    assert rows[0][f"who{NAMED}"] == "ownerid"


def test_links_of_links_and_through_an_intersect(api):
    rows = fetched(
        api,
        "<attribute name='fullname'/>"
        "<link-entity name='systemuserroles' from='systemuserid' to='systemuserid' intersect='true'>"
        "<link-entity name='role' from='roleid' to='roleid' alias='r'><attribute name='name'/></link-entity></link-entity>",
        entity="systemuser",
        path="systemusers",
    )
    names = {row["fullname"]: row["r.name"] for row in rows}
    assert names["Ana Alvarez"] == "System Administrator"


@pytest.mark.parametrize(
    ("kind", "lambdas"),
    [
        ("any", "contact_customer_accounts/any(c:startswith(c/firstname,'A'))"),
        ("not any", "not contact_customer_accounts/any(c:startswith(c/firstname,'A'))"),
        ("all", "not contact_customer_accounts/any(c:not startswith(c/firstname,'A'))"),
        ("not all", "contact_customer_accounts/any(c:not startswith(c/firstname,'A'))"),
    ],
)
def test_links_in_filters(api, kind, lambdas):
    linked = f"<link-entity name='contact' from='parentcustomerid' to='accountid' link-type='{kind}'>{where(condition('firstname', 'begins-with', 'A'))}</link-entity>"
    rows = fetched(api, NAME + where(linked))
    expected = api.rows("accounts", select="name", filter=lambdas)
    assert {row["accountid"] for row in rows} == {row["accountid"] for row in expected} != set()


@pytest.mark.parametrize("kind", ["exists", "in"])
def test_links_that_only_restrict(api, kind):
    linked = f"<link-entity name='contact' from='parentcustomerid' to='accountid' link-type='{kind}'>{where(condition('firstname', 'begins-with', 'A'))}</link-entity>"
    rows = fetched(api, NAME + linked)
    expected = api.rows(
        "accounts", select="name", filter="contact_customer_accounts/any(c:startswith(c/firstname,'A'))"
    )
    assert sorted(row["accountid"] for row in rows) == sorted(row["accountid"] for row in expected)
    returning = linked.replace("<filter", "<attribute name='fullname'/><filter", 1)
    message = refused(api, f"<fetch><entity name='account'>{returning}</entity></fetch>", "0x80040303")
    assert "cannot return columns" in message


def test_first_match_only(api):
    linked = "<link-entity name='contact' from='parentcustomerid' to='accountid' link-type='matchfirstrowusingcrossapply' alias='c'><attribute name='fullname'/></link-entity>"
    rows = fetched(api, NAME + linked)
    assert len(rows) == len({row["accountid"] for row in rows}) == len(api.rows("accounts", select="name"))
    assert len([row for row in rows if "c.fullname" in row]) > 1000


def test_links_respect_rights(api, cleo):
    linked = "<link-entity name='contact' from='contactid' to='primarycontactid' link-type='outer' alias='c'><attribute name='fullname'/></link-entity>"
    seen = {row["contactid"] for row in cleo.rows("contacts", select="fullname")}
    rows = fetched(cleo, "<attribute name='primarycontactid'/>" + linked)
    assert {row["_primarycontactid_value"] for row in rows if "c.fullname" in row} <= seen
    tables = api.rows("EntityDefinitions?$select=LogicalName,EntitySetName,SchemaName")
    closed = next(t for t in tables if cleo.read(t["EntitySetName"], top=1).status_code == 403)
    link = f"<link-entity name='{closed['LogicalName']}' from='createdby' to='createdby'/>"
    message = cleo.error(
        send_fetch(cleo, f"<fetch><entity name='account'>{link}</entity></fetch>"), 403, "0x80040220"
    )
    assert f"prvRead{closed['SchemaName']}" in message


def test_choices_sort_by_label_unless_raw(api):
    inner = "<attribute name='ownershipcode'/><order attribute='ownershipcode'/>" + where(
        condition("ownershipcode", "not-null")
    )
    rows = fetched(api, inner, headers=EVERYTHING)
    labels = [row[f"ownershipcode{FORMATTED}"].lower() for row in rows]
    assert labels == sorted(labels)
    raw = [row["ownershipcode"] for row in fetched(api, inner, "useraworderby='true'")]
    assert raw == sorted(raw)
    assert raw != [row["ownershipcode"] for row in rows]


def test_orders_of_links_come_after_their_parents(api):
    linked = LINK.format(
        options="alias='c'",
        inner="<attribute name='fullname'/><order attribute='fullname' descending='true'/>",
    )
    rows = fetched(
        api, "<attribute name='statecode'/>" + linked + "<order attribute='statecode'/>", "useraworderby='1'"
    )
    keys = [(row["statecode"], row["c.fullname"].lower()) for row in rows]
    assert [k[0] for k in keys] == sorted(k[0] for k in keys)
    named = fetched(
        api,
        NAME
        + "<order entityname='c' attribute='fullname'/><order attribute='name'/>"
        + LINK.format(options="alias='c'", inner="<attribute name='fullname'/>"),
    )
    assert [r["c.fullname"] for r in named if r["c.fullname"].isascii()] == sorted(
        (r["c.fullname"] for r in named if r["c.fullname"].isascii()), key=str.lower
    )


def test_distinct(api, accounts):
    cities = fetched(
        api, "<attribute name='address1_city'/><order attribute='address1_city'/>", "distinct='true'"
    )
    assert len(cities) == len({row.get("address1_city") for row in cities}) < 100
    assert "accountid" not in cities[0]


def test_top_and_counts(api):
    assert len(fetched(api, NAME, "top='7'")) == 7
    assert fetched(api, NAME, "top='0'") == []
    counted = fetch(
        api,
        f"<fetch returntotalrecordcount='true' count='2'><entity name='account'>{NAME}</entity></fetch>",
        headers=EVERYTHING,
    )
    assert (
        counted["@odata.count"]
        == counted[f"@{CRM}totalrecordcount"]
        == len(api.rows("accounts", select="name"))
    )
    assert counted[f"@{CRM}totalrecordcountlimitexceeded"] is False
    assert counted[MORE] is True
    xml = "<fetch top='2'><entity name='contact'><attribute name='fullname'/></entity></fetch>"
    beside = fetch(api, xml, more="&$count=true", headers=EVERYTHING)
    assert beside["@odata.count"] == 5000
    assert beside[f"@{CRM}totalrecordcountlimitexceeded"] is True


def test_a_collection_of_a_row(api):
    parent = api.rows("accounts", select="name", filter="contact_customer_accounts/any()", top=1)[0][
        "accountid"
    ]
    xml = "<fetch><entity name='contact'><attribute name='parentcustomerid'/></entity></fetch>"
    rows = fetch(api, xml, path=f"accounts({parent})/contact_customer_accounts")["value"]
    assert {row["_parentcustomerid_value"] for row in rows} == {parent}


BOMB = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><fetch><entity name='account'><attribute name='&b;'/></entity></fetch>"
WRONG = {
    "": "0x80040303",
    "nix": "0x80040303",
    "<fetch>": "0x80040303",
    "<fetch/>": "0x80040303",
    "<fetch><entity/></fetch>": "0x80040303",
    "<query><entity name='account'/></query>": "0x80040303",
    "<fetch><entity name='account'/><entity name='account'/></fetch>": "0x80040303",
    "<fetch><entity name='account'><nix/></entity></fetch>": "0x80040303",
    "<fetch><entity name='contact'/></fetch>": "0x80040303",
    BOMB: "0x80040303",
    "<!DOCTYPE fetch SYSTEM 'file:///etc/passwd'><fetch><entity name='account'/></fetch>": "0x80040303",
    "<fetch top='x'><entity name='account'/></fetch>": "0x80040303",
    "<fetch top='5001'><entity name='account'/></fetch>": "0x80040303",
    "<fetch top='-1'><entity name='account'/></fetch>": "0x80040303",
    "<fetch distinct='maybe'><entity name='account'/></fetch>": "0x80040303",
    "<fetch top='1' page='1'><entity name='account'/></fetch>": "0x80040203",
    "<fetch top='1' count='1'><entity name='account'/></fetch>": "0x80040203",
    "<fetch page='0'><entity name='account'/></fetch>": "0x80040203",
    "<fetch><entity name='nix'/></fetch>": "0x80041102",
    "<fetch><entity name='account'><attribute name='nix'/></entity></fetch>": "0x80041103",
    "<fetch><entity name='account'><attribute name='Name'/></entity></fetch>": "0x80041103",
    "<fetch><entity name='account'><order attribute='nix'/></entity></fetch>": "0x80041103",
    "<fetch><entity name='account'><order/></entity></fetch>": "0x80040303",
    "<fetch><entity name='account'><attribute name='name' alias='accountid'/></entity></fetch>": "0x80040303",
    "<fetch><entity name='account'><link-entity name='nix' from='a' to='b'/></entity></fetch>": "0x80041102",
    "<fetch><entity name='account'><link-entity name='contact' from='nix' to='accountid'/></entity></fetch>": "0x80041103",
    "<fetch><entity name='account'><link-entity name='contact' to='accountid'/></entity></fetch>": "0x80040303",
    "<fetch><entity name='account'><link-entity name='contact' from='contactid' to='primarycontactid' link-type='nix'/></entity></fetch>": "0x80040303",
}


@pytest.mark.parametrize("xml", WRONG, ids=lambda xml: xml[:70])
def test_faults(api, xml):
    refused(api, xml, WRONG[xml], path="accounts")


def test_a_missing_attribute_is_named(api):
    message = refused(
        api, "<fetch><entity name='account'><attribute name='nix'/></entity></fetch>", "0x80041103"
    )
    assert (
        message == "'Account' entity doesn't contain attribute with Name = 'nix' and NameMapping = 'Logical'."
    )


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        (("name", "nix", "x"), "0x80040303"),
        (("revenue", "eq", "x"), "0x80040203"),
        (("accountid", "eq", "x"), "0x80040203"),
        (("createdon", "on", "yesterday"), "0x80040203"),
        (("createdon", "last-x-days", "x"), "0x80040203"),
        (("createdon", "last-x-days", "-1"), "0x80040203"),
        (("createdon", "last-x-days", "99999999"), "0x80040203"),
        (("name", "today"), "0x80040203"),
        (("name", "eq-userid"), "0x80040203"),
        (("revenue", "like", "1%"), "0x80040203"),
        (("name", "contain-values", 1), "0x80040203"),
        (("name", "eq"), "0x80040203"),
        (("name", "in"), "0x80040203"),
        (("revenue", "between", 1), "0x80040203"),
        (("industrycode", "under", 1), "0x80040203"),
        (("primarycontactid", "under", "11111111-1111-1111-1111-111111111111"), "0x80040203"),
        (("nix", "eq", 1), "0x80041103"),
    ],
)
def test_wrong_conditions(api, spec, code):
    refused(api, f"<fetch><entity name='account'>{where(condition(*spec))}</entity></fetch>", code)


def test_a_condition_on_an_unknown_link(api):
    xml = f"<fetch><entity name='account'>{where(condition('name', 'eq', 1, entityname='nix'))}</entity></fetch>"
    assert "nix" in refused(api, xml, "0x80040303")


def test_limits(api):
    links = "<link-entity name='contact' from='contactid' to='primarycontactid'/>" * 16
    message = refused(api, f"<fetch><entity name='account'>{links}</entity></fetch>", "0x8004430D")
    assert message == "Number of link entities in query exceeded maximum limit."
    many = "<condition attribute='name' operator='null'/>" * 501
    refused(api, f"<fetch><entity name='account'><filter>{many}</filter></entity></fetch>", "0x8004430C")
    values = "<value/>" * 2001
    listed = f"<condition attribute='name' operator='in'>{values}</condition>"
    refused(api, f"<fetch><entity name='account'><filter>{listed}</filter></entity></fetch>", "0x8004430E")
    deep = "<filter>" * 60 + "</filter>" * 60
    assert "deeply" in refused(api, f"<fetch><entity name='account'>{deep}</entity></fetch>", "0x80040303")


@pytest.mark.parametrize("option", ["$select=name", "$filter=name eq 'x'", "$top=1", "savedQuery=1", "sql=x"])
def test_nothing_else_beside_it(api, option):
    response = send_fetch(api, f"<fetch><entity name='account'>{NAME}</entity></fetch>", more=f"&{option}")
    api.error(response, 400, "0x80060888")
