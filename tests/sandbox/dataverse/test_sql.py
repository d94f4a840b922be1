"""?sql=: the statements of Microsoft's SDK and its samples, and what the endpoint refuses."""

from collections import Counter
from decimal import Decimal

import pytest

from tests.sandbox.dataverse.api import EVERYTHING, FORMATTED
from tests.sandbox.dataverse.languages import send_sql, sql


@pytest.fixture(scope="module")
def accounts(api):
    return api.rows(
        "accounts", select="name,revenue,industrycode,address1_city,_primarycontactid_value,createdon"
    )


def refused(api, statement, code="0x80060888", path="accounts"):
    return api.error(send_sql(api, statement, path), 400, code)


def test_only_what_is_selected_and_no_nulls(api):
    rows = sql(api, "SELECT TOP 3 name, revenue FROM account WHERE revenue IS NULL")
    assert [set(row) for row in rows] == [{"name"}] * 3
    body = send_sql(api, "SELECT TOP 1 name FROM account").json()
    assert body["@odata.context"] == f"{api.root}/$metadata#accounts(name)"


def test_aliases_and_lookups(api, accounts):
    statement = "SELECT a.name AS title, a.[revenue] amount, a.primarycontactid FROM account AS a WHERE a.primarycontactid IS NOT NULL"
    rows = sql(api, statement)
    expected = {(a["name"], a["_primarycontactid_value"]) for a in accounts if a["_primarycontactid_value"]}
    assert {(row["title"], row["_primarycontactid_value"]) for row in rows} == expected


def test_words_are_case_insensitive(api):
    found = sql(api, "select Top 2 NAME from ACCOUNT order by Name desc")
    assert found == sql(api, "SELECT TOP 2 name FROM account ORDER BY name DESC")
    assert set(found[0]) == {"name"}


def test_top_order_and_distinct(api, accounts):
    amounts = sorted((a["revenue"] for a in accounts if a["revenue"] is not None), reverse=True)
    assert [
        r["revenue"] for r in sql(api, "SELECT TOP 3 revenue FROM account ORDER BY revenue DESC")
    ] == amounts[:3]
    assert [r["revenue"] for r in sql(api, "SELECT TOP (2) revenue FROM account ORDER BY 1 DESC")] == amounts[
        :2
    ]
    assert sql(api, "SELECT TOP 0 name FROM account") == []
    cities = sql(api, "SELECT DISTINCT address1_city FROM account")
    assert {row.get("address1_city") for row in cities} == {a["address1_city"] for a in accounts}
    assert len(cities) == len({a["address1_city"] for a in accounts})
    assert len(sql(api, "SELECT DISTINCT TOP 2 address1_city FROM account")) == 2


def test_choices_and_lookups_sort_by_what_is_stored(api):
    numbers = [
        r["industrycode"]
        for r in sql(api, "SELECT industrycode FROM account WHERE industrycode > 0 ORDER BY industrycode")
    ]
    assert numbers == sorted(numbers)
    owners = [r["_ownerid_value"] for r in sql(api, "SELECT ownerid FROM account ORDER BY ownerid")]
    assert owners == sorted(owners)


def test_aggregates(api, accounts):
    amounts = [Decimal(str(a["revenue"])) for a in accounts if a["revenue"] is not None]
    text = send_sql(
        api,
        "SELECT COUNT(*) as cnt, SUM(revenue) as total, AVG(revenue) as mean, MIN(revenue) as low, MAX(createdon) as last FROM account",
    ).text
    assert f'"total":{sum(amounts):.4f}' in text
    assert f'"mean":{sum(amounts) / len(amounts):.4f}' in text
    row = sql(api, "SELECT COUNT(*), COUNT(revenue), COUNT(DISTINCT industrycode) kinds FROM account")[0]
    assert row == {
        "count": len(accounts),
        "count_revenue": len(amounts),
        "kinds": len({a["industrycode"] for a in accounts} - {None}),
    }
    assert sql(api, "SELECT SUM(marketcap) s, COUNT(*) n FROM account WHERE name = 'nobody'") == [{"n": 0}]


def test_groups(api, accounts):
    statement = "SELECT industrycode, COUNT(*) AS n FROM account GROUP BY industrycode ORDER BY COUNT(*) DESC, industrycode"
    rows = sql(api, statement)
    assert {row.get("industrycode"): row["n"] for row in rows} == Counter(a["industrycode"] for a in accounts)
    assert [row["n"] for row in rows] == sorted((row["n"] for row in rows), reverse=True)
    hidden = sql(api, "SELECT COUNT(*) AS n FROM account GROUP BY industrycode")
    assert sorted(row["n"] for row in hidden) == sorted(row["n"] for row in rows)
    assert set(hidden[0]) == {"n"}


def test_joins(api):
    contacts = {
        c["contactid"]: c
        for c in api.rows(
            "contacts", select="fullname,_parentcustomerid_value", filter="startswith(lastname,'S')"
        )
    }
    rows = sql(
        api,
        "SELECT a.name, c.fullname, c.contactid FROM account a "
        "INNER JOIN contact c ON a.accountid = c.parentcustomerid WHERE c.lastname LIKE 'S%'",
    )
    names = {a["accountid"]: a["name"] for a in api.rows("accounts", select="name")}
    expected = {
        (names[c["_parentcustomerid_value"]], c["fullname"], key)
        for key, c in contacts.items()
        if c["_parentcustomerid_value"] in names
    }
    assert {(row["name"], row["fullname"], row["contactid"]) for row in rows} == expected != set()
    comma = "SELECT c.contactid FROM account a, contact c WHERE c.parentcustomerid = a.accountid AND c.lastname LIKE 'S%'"
    assert {row["contactid"] for row in sql(api, comma)} == {key for _, _, key in expected}


def test_left_joins_and_several(api, accounts):
    rows = sql(
        api,
        "SELECT a.name, creator.fullname as created_by, modifier.fullname as modified_by, p.fullname "
        "FROM account a JOIN systemuser creator ON a.createdby = creator.systemuserid "
        "JOIN systemuser modifier ON a.modifiedby = modifier.systemuserid "
        "LEFT OUTER JOIN contact p ON p.contactid = a.primarycontactid AND p.fullname LIKE 'A%'",
    )
    assert len(rows) == len(accounts)
    assert {row["fullname"][0].upper() for row in rows if "fullname" in row} == {"A"}
    assert all(row["created_by"] and row["modified_by"] for row in rows)


def test_polymorphic_lookups_join_by_kind(api):
    users = sql(
        api,
        "SELECT a.accountid, u.fullname AS o FROM account a INNER JOIN systemuser u ON a.ownerid = u.systemuserid",
    )
    teams = sql(
        api, "SELECT a.accountid, t.name AS o FROM account a INNER JOIN team t ON a.ownerid = t.teamid"
    )
    assert {row["accountid"] for row in users} & {row["accountid"] for row in teams} == set()
    assert len(users) + len(teams) == len(api.rows("accounts", select="name"))


def test_groups_over_joins(api):
    rows = sql(
        api,
        "SELECT a.accountid, COUNT(c.contactid) as cnt FROM account a "
        "JOIN contact c ON a.accountid = c.parentcustomerid GROUP BY a.accountid ORDER BY cnt DESC, a.accountid",
    )
    first = rows[0]
    assert first["cnt"] == len(
        api.rows(f"accounts({first['accountid']})/contact_customer_accounts", select="fullname")
    )


def test_offset_and_fetch(api):
    everything = sql(api, "SELECT name, accountid FROM account ORDER BY name, accountid")
    page = sql(
        api,
        "SELECT name, accountid FROM account ORDER BY name, accountid OFFSET 30 ROWS FETCH NEXT 10 ROWS ONLY",
    )
    assert page == everything[30:40]
    rest = sql(
        api,
        "SELECT name, accountid FROM account ORDER BY name, accountid OFFSET 2350 ROWS",
        headers={"Prefer": "odata.maxpagesize=20"},
    )
    assert rest == everything[2350:]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT name FROM account",
        "SELECT a.name, c.fullname FROM account a JOIN contact c ON a.accountid = c.parentcustomerid WHERE c.lastname < 'F'",
        "SELECT DISTINCT name, address1_city FROM account",
        "SELECT name, COUNT(*) AS n FROM account GROUP BY name",
        "SELECT name FROM account ORDER BY revenue DESC, name",
    ],
)
def test_links_lead_through_all_rows(api, statement):
    whole = send_sql(api, statement).json()
    assert "@odata.nextLink" not in whole
    assert sql(api, statement, headers={"Prefer": "odata.maxpagesize=300"}) == whole["value"]


def test_links_stay_on_the_host_and_their_cookies_move(api):
    prefer = {"Prefer": "odata.maxpagesize=500"}
    links, response = [], send_sql(api, "SELECT name FROM account ORDER BY name", headers=prefer)
    while "@odata.nextLink" in response.json():
        links.append(response.json()["@odata.nextLink"])
        response = api.send("GET", links[-1], headers=prefer)
    assert all(link.startswith(f"{api.root}/accounts?sql=") for link in links)
    assert len(links) == len({link.split("pagingcookie=")[1] for link in links}) == 4


def test_annotations_as_asked(api):
    row = send_sql(
        api, "SELECT TOP 1 revenue AS r, ownerid FROM account WHERE revenue > 0", headers=EVERYTHING
    ).json()["value"][0]
    assert row[f"r{FORMATTED}"].startswith("$")
    assert row["_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] in {"systemuser", "team"}


def test_rows_are_those_the_caller_may_see(api, cleo):
    assert {row["name"] for row in sql(cleo, "SELECT name FROM account")} == {
        row["name"] for row in cleo.rows("accounts", select="name")
    }
    assert (
        sql(cleo, "SELECT COUNT(*) n FROM account")[0]["n"]
        < sql(api, "SELECT COUNT(*) n FROM account")[0]["n"]
    )


def test_literals(api):
    found = sql(
        api,
        "SELECT name FROM account WHERE name = 'O''Neill & Sons' OR name LIKE N'100[%]%' OR revenue = -1.5e3",
    )
    assert found
    key = api.rows("accounts", select="name", top=1)[0]["accountid"]
    assert len(sql(api, f"SELECT name /* one */ FROM account WHERE accountid IN ('{key}', NULL) -- end")) == 1
    assert (
        sql(api, "SELECT name FROM account WHERE name = NULL OR name <> NULL OR accountid NOT IN (NULL)")
        == []
    )
    assert (
        len(sql(api, "SELECT name FROM account WHERE creditonhold = 0 AND createdon >= '2021-01-01'")) > 1000
    )


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("SELECT * FROM account", "SELECT * is not supported"),
        ("SELECT a.* FROM account a", "SELECT * is not supported"),
        ("INSERT INTO account VALUES (1)", "read-only"),
        ("SELECT name FROM account; DELETE FROM account", "semicolon"),
        ("WITH x AS (SELECT name FROM account) SELECT name FROM x", "WITH"),
        ("SELECT name FROM account UNION SELECT fullname FROM contact", "UNION"),
        ("SELECT name, COUNT(*) FROM account GROUP BY name HAVING COUNT(*) > 1", "HAVING"),
        ("SELECT name FROM account WHERE accountid IN (SELECT accountid FROM contact)", "subquery"),
        ("SELECT name FROM account WHERE EXISTS (SELECT 1)", "EXISTS"),
        ("SELECT name FROM (SELECT name FROM account) x", "subquery"),
        (
            "SELECT a.name FROM account a RIGHT JOIN contact c ON a.accountid = c.parentcustomerid",
            "RIGHT JOIN",
        ),
        (
            "SELECT a.name FROM account a FULL OUTER JOIN contact c ON a.accountid = c.parentcustomerid",
            "FULL OUTER JOIN",
        ),
        ("SELECT a.name FROM account a CROSS JOIN contact c", "CROSS JOIN"),
        ("SELECT a.name FROM account a, contact c", "needs a condition"),
        ("SELECT a.name FROM account a JOIN contact c ON a.revenue > c.creditlimit", "needs a condition"),
        ("SELECT CASE WHEN 1=1 THEN 1 END FROM account", "not supported"),
        ("SELECT UPPER(name) FROM account", "UPPER"),
        ("SELECT name FROM account WHERE YEAR(createdon) = 2024", "YEAR"),
        ("SELECT ROW_NUMBER() OVER (ORDER BY name) FROM account", "ROW_NUMBER"),
        ("SELECT COUNT(*) OVER () FROM account", "near"),
        ("SELECT revenue * 2 FROM account", "Arithmetic"),
        ("SELECT 1 FROM account", "expression"),
        ("SELECT TOP 5001 name FROM account", "5001"),
        ("SELECT TOP 5 PERCENT name FROM account", "PERCENT"),
        ("SELECT TOP 5 name FROM account ORDER BY name OFFSET 1 ROWS", "TOP"),
        ("SELECT name FROM account OFFSET 1 ROWS", "OFFSET"),
        ("SELECT name FROM account ORDER BY name OFFSET 0 ROWS FETCH NEXT 5001 ROWS ONLY", "5001"),
        ("SELECT name, COUNT(*) FROM account", "GROUP BY clause"),
        ("SELECT DISTINCT name FROM account ORDER BY 2", "position"),
        ("SELECT name AS a, fax AS a FROM account", "more than once"),
        ("SELECT a.name FROM account a JOIN account a ON a.accountid = a.accountid", "more than once"),
        ("SELECT b.name FROM account a", "could not be bound"),
        ("SELECT createdon FROM account a JOIN contact c ON a.accountid = c.parentcustomerid", "Ambiguous"),
        ("SELECT name FROM account WHERE revenue = 'x'", "Conversion failed"),
        ("SELECT name FROM account WHERE accountid = 'x'", "Conversion failed"),
        ("SELECT name FROM account WHERE revenue LIKE '1%'", "LIKE"),
        ("SELECT name FROM account WHERE name = createdon", "different types"),
        ("SELECT name FROM account WHERE name = 'x", "Unclosed quotation mark"),
        ("SELECT name FROM account WHERE", "near"),
        ("SELECT name FROM account WHERE (name = 'x'", "near"),
        ("SELECT name, FROM account", "near"),
        ("SELECT FROM account", "near"),
        ("SELECT name account", "near"),
        ("nix", "near"),
        ("", "near"),
        ("SELECT fullname FROM contact", "does not match the entity set"),
    ],
)
def test_what_is_refused(api, statement, said):
    assert said in refused(api, statement)


def test_unknown_names(api):
    refused(api, "SELECT nix FROM account", "0x80041103")
    refused(api, "SELECT _primarycontactid_value FROM account", "0x80041103")
    refused(api, "SELECT primarycontactidname FROM account", "0x80041103")
    refused(api, "SELECT name FROM nix", "0x80041102")
    refused(api, "SELECT DISTINCT name FROM account ORDER BY revenue", "0x80048D16")
    refused(api, "SELECT SUM(name) FROM account", "0x80040203")


def test_limits(api):
    many = " OR ".join(["fax IS NULL"] * 501)
    refused(api, f"SELECT name FROM account WHERE {many}", "0x8004430C")
    joins = " ".join(f"JOIN contact c{n} ON a.accountid = c{n}.parentcustomerid" for n in range(16))
    refused(api, f"SELECT a.name FROM account a {joins}", "0x8004430D")
    assert "deeply" in refused(api, f"SELECT name FROM account WHERE {'(' * 60}fax IS NULL{')' * 60}")


def test_nothing_else_beside_it(api):
    statement = "SELECT name FROM account"
    for option in ("$top=1", "$select=name", "fetchXml=x"):
        api.error(api.send("GET", f"accounts?sql={statement}&{option}"), 400, "0x80060888")
    parent = api.rows("accounts", select="name", top=1)[0]["accountid"]
    path = f"accounts({parent})/contact_customer_accounts"
    assert "entity sets only" in refused(api, "SELECT fullname FROM contact", path=path)
    refused(api, statement, "0x80060888", "contacts")
