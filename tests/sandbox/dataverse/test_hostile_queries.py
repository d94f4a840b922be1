"""FetchXML and SQL that mean harm or nothing: Microsoft's error shape and a 4xx, and never a hang."""

import random
import sqlite3

import pytest

from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.query.operators import Sql
from sandbox.dataverse.records.deadline import timed_rows
from tests.sandbox.dataverse.languages import send_fetch, send_sql

FETCH = """<fetch > </fetch> <entity name='account'> <entity name='nix'> </entity> <attribute name='name'/> <attribute
 name='revenue' alias='r'/> <attribute name='createdon' groupby='true' alias='g'/> dategrouping='week' aggregate='sum'
 aggregate='true' distinct='true' top='3' top='-1' count='99999999999' page='2' page='0' paging-cookie='x'
 paging-cookie='&lt;cookie page="1">&lt;accountid last="x"/>&lt;/cookie>' <all-attributes/> <order attribute='name'/>
 <order alias='g'/> <filter> <filter type='or'> <filter type='x'> </filter> <condition attribute='name' operator='like'
 value='%[a'/> <condition attribute='createdon' operator='last-x-days' value='9'/> <condition attribute='createdon'
 operator='on' value='9999-12-31'/> <condition attribute='createdon' operator='next-x-years' value='99999'/>
 <condition attribute='industrycode' operator='in'> <value>1</value> <value>x</value> </condition> <condition
 attribute='ownerid' operator='eq-userid'/> <condition attribute='primarycontactid' operator='under' value='x'/>
 <condition attribute='revenue' operator='eq' valueof='c.creditlimit'/> <condition attribute='name' operator='eq'
 entityname='c' value='1'/> <link-entity name='contact' from='parentcustomerid' to='accountid' alias='c'>
 <link-entity name='contact' from='contactid' to='primarycontactid' link-type='outer'> </link-entity> <link-entity
 name='systemuser' from='systemuserid' to='ownerid' link-type='any'/> <!-- c --> <![CDATA[ ]]> &amp; &nix; &#0; &#55296;
 <!DOCTYPE x> <?xml version="1.0"?> <?php ?> é 🍋 ' " < > = / \x01""".split(" ")  # noqa: SIM905
SQL = """SELECT DISTINCT TOP 3 99999999999999 * name revenue createdon a.name c.fullname COUNT(*) COUNT( SUM(revenue) MIN(name) AVG(
 DISTINCT AS FROM account contact a c , JOIN LEFT INNER ON a.accountid = c.parentcustomerid WHERE AND OR NOT ( ) IN
 (1,2) ('x',NULL) BETWEEN 1 5 LIKE '%[a' IS NULL = <> != >= < 'x' '' ''' N'é' 1e999 -1 .5 1.5.5 GROUP BY ORDER name DESC
 OFFSET ROWS FETCH NEXT ONLY ; -- /* */ [name] [ "name" UNION HAVING CASE EXISTS(SELECT dbo. 🍋 \x00 \\ % $ @x
 '2024-01-01' '9999-99-99'""".split()  # noqa: SIM905
STARTS = ["SELECT name FROM account WHERE ", "SELECT name FROM account ", "SELECT ", ""]


def times(usual, at_length):
    """Parametrises a test by seed and count."""
    long = pytest.param(2, at_length, marks=pytest.mark.long)
    return pytest.mark.parametrize(("seed", "count"), [(20260104, usual), long])


def check(response, note):
    assert response.status_code < 500, f"{note}: {response.text[:300]}"
    if response.status_code >= 400:
        assert set(response.json()["error"]) == {"code", "message"}, note


@times(100, 2000)
def test_hostile_fetchxml(api, seed, count):
    generator = random.Random(seed)
    seen = set()
    for _ in range(count):
        pieces = generator.choices(FETCH, k=generator.randint(1, 25))
        inner = " ".join(pieces)
        # Half of them have a frame, so that more than the XML parser is tried.
        xml = f"<fetch><entity name='account'>{inner}</entity></fetch>" if generator.random() < 0.5 else inner
        response = send_fetch(api, xml, "accounts")
        seen.add(response.status_code)
        check(response, xml)
    assert 400 in seen


BLOCKS = [
    "<attribute name='name'/>",
    "<attribute name='revenue' alias='r{n}' aggregate='{use}'/>",
    "<attribute name='createdon' alias='g{n}' groupby='true' dategrouping='{part}'/>",
    "<attribute name='ownerid' alias='o{n}'/>",
    "<order attribute='{column}' descending='{flag}'/>",
    "<order alias='r{n}'/>",
    "<filter type='or'><condition attribute='{column}' operator='{operator}' value='{value}'/></filter>",
    "<filter><condition attribute='{column}' operator='in'><value>{value}</value><value>{value}</value></condition></filter>",
    "<filter><link-entity name='contact' from='parentcustomerid' to='accountid' link-type='not any'/></filter>",
    "<link-entity name='contact' from='{key}' to='{key}' alias='l{n}' link-type='{kind}'><attribute name='fullname'/></link-entity>",
    "<link-entity name='systemuser' from='systemuserid' to='ownerid' alias='u{n}'><attribute name='fullname' alias='f{n}'/></link-entity>",
]
CHOICES = {
    "use": ["sum", "avg", "min", "max", "count", "countcolumn", "nix"],
    "part": ["day", "week", "month", "fiscal-period", "nix"],
    "column": [
        "name",
        "revenue",
        "createdon",
        "ownerid",
        "primarycontactid",
        "contactid",
        "accountid",
        "industrycode",
    ],
    # Selective ones: a join of everything with everything is meant to run into the timeout.
    "key": ["accountid", "contactid", "primarycontactid", "parentcustomerid", "nix"],
    "flag": ["true", "false", "x"],
    "operator": [
        "eq",
        "ne",
        "lt",
        "like",
        "begins-with",
        "on",
        "last-x-days",
        "in-fiscal-year",
        "eq-userid",
        "under",
        "between",
    ],
    "value": [
        "1",
        "x",
        "2024-01-01",
        "-5",
        "",
        "11111111-1111-1111-1111-111111111111",
        "%",
        "[",
        "99999999999999999999",
    ],
    "kind": ["inner", "outer", "exists", "in", "matchfirstrowusingcrossapply", "any"],
    "n": ["1", "2", "3"],
}


@times(100, 2000)
def test_well_formed_but_odd_fetchxml(api, seed, count):
    generator = random.Random(seed)
    seen = set()
    for _ in range(count):
        inner = ""
        for block in generator.choices(BLOCKS, k=generator.randint(1, 5)):
            inner += block.format(**{name: generator.choice(values) for name, values in CHOICES.items()})
        options = generator.choice(
            ["", "aggregate='true'", "distinct='true'", "count='5' page='3'", "top='2'"]
        )
        xml = f"<fetch {options}><entity name='account'>{inner}</entity></fetch>"
        response = send_fetch(api, xml, "accounts", headers={"Prefer": 'odata.include-annotations="*"'})
        seen.add(response.status_code)
        check(response, xml)
    assert {200, 400} <= seen


@times(150, 3000)
def test_hostile_sql(api, seed, count):
    generator = random.Random(seed)
    seen = set()
    for _ in range(count):
        statement = generator.choice(STARTS) + " ".join(generator.choices(SQL, k=generator.randint(1, 16)))
        response = send_sql(api, statement)
        seen.add(response.status_code)
        check(response, statement)
    assert {200, 400} <= seen


@pytest.mark.parametrize(
    "statement", ["SELECT " + "(" * 3000, "SELECT name FROM account WHERE " + "NOT " * 5000, "'" * 9001]
)
def test_deep_sql(api, statement):
    check(send_sql(api, statement), statement[:60])


class Endless:
    """As much of a session as a statement needs, on a database of its own."""

    def __init__(self):
        self.connection = sqlite3.connect(":memory:")

    def rows(self, statement):
        return self.connection.execute(statement.text, statement.params).fetchall()


def test_a_statement_that_would_never_end_is_cut_off():
    session = Endless()
    counting = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with pytest.raises(ApiError) as refused:
        timed_rows(session, Sql(counting), seconds=0.2)
    assert (refused.value.status, refused.value.code) == (500, "0x80044151")
    assert timed_rows(session, Sql("SELECT 1"), seconds=0.2) == [(1,)]
