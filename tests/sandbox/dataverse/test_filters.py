"""$filter: every operator and function, compared with a naive evaluation in Python."""

import uuid
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.dataverse.api import Api

COLUMNS = "accountid,name,industrycode,revenue,creditonhold,createdon,numberofemployees,address1_city,_ownerid_value,emailaddress1"
ORDERED = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "gt": lambda a, b: a is not None and a > b,
    "ge": lambda a, b: a is not None and a >= b,
    "lt": lambda a, b: a is not None and a < b,
    "le": lambda a, b: a is not None and a <= b,
}


@pytest.fixture(scope="module")
def accounts(api):
    return api.rows("accounts", select=COLUMNS)


def lowered(text):
    return text.lower() if text is not None else None


def quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


TEXTS = st.sampled_from(["name", "address1_city", "emailaddress1"])
WORDS = st.sampled_from(["a", "AB", "o'", "ü", "É", "Gmb", "inc", "zz", "東", "é", "@", "Brno", "GRANITE"])


def comparisons():
    numbers = st.builds(
        lambda op, n: (f"industrycode {op} {n}", lambda r: ORDERED[op](r["industrycode"], n)),
        st.sampled_from(list(ORDERED)),
        st.integers(0, 35),
    )
    amounts = st.builds(
        lambda op, n: (f"revenue {op} {n}.25", lambda r: ORDERED[op](r["revenue"], n + 0.25)),
        st.sampled_from(list(ORDERED)),
        st.integers(0, 9 * 10**7),
    )
    flags = st.builds(
        lambda op, b: (f"creditonhold {op} {str(b).lower()}", lambda r: ORDERED[op](r["creditonhold"], b)),
        st.sampled_from(["eq", "ne"]),
        st.booleans(),
    )
    moments = st.builds(
        lambda op, d: (
            f"createdon {op} {d:%Y-%m-%dT%H:%M:%SZ}",
            lambda r: ORDERED[op](r["createdon"], f"{d:%Y-%m-%dT%H:%M:%SZ}"),
        ),
        st.sampled_from(list(ORDERED)),
        st.datetimes(datetime.fromisoformat("2021-01-01"), datetime.fromisoformat("2025-01-01")),
    )
    texts = st.builds(
        lambda op, c, w: (f"{c} {op} {quote(w)}", lambda r: ORDERED[op](lowered(r[c]), w.lower())),
        st.sampled_from(["eq", "ne"]),
        TEXTS,
        WORDS,
    )
    functions = st.builds(
        lambda f, c, w: (
            f"{f}({c},{quote(w)})",
            lambda r: (
                r[c] is not None
                and {
                    "contains": w.lower() in r[c].lower(),
                    "startswith": r[c].lower().startswith(w.lower()),
                    "endswith": r[c].lower().endswith(w.lower()),
                }[f]
            ),
        ),
        st.sampled_from(["contains", "startswith", "endswith"]),
        TEXTS,
        WORDS,
    )
    nulls = st.builds(
        lambda op, c: (f"{c} {op} null", lambda r: ORDERED[op](r[c], None)),
        st.sampled_from(["eq", "ne"]),
        st.sampled_from(["industrycode", "revenue", "address1_city", "emailaddress1"]),
    )
    return st.one_of(numbers, amounts, flags, moments, texts, functions, nulls)


def junction(word):
    both = (lambda x, y: x and y) if word == "and" else (lambda x, y: x or y)
    return lambda a, b: (f"({a[0]} {word} {b[0]})", lambda r: both(a[1](r), b[1](r)))


FILTERS = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.builds(junction("and"), inner, inner),
        st.builds(junction("or"), inner, inner),
        st.builds(lambda a: (f"not ({a[0]})", lambda r: not a[1](r)), inner),
    ),
    max_leaves=5,
)


def agree_with_python(api, accounts, found):
    text, naive = found
    expected = {row["accountid"] for row in accounts if naive(row)}
    actual = {row["accountid"] for row in api.rows("accounts", select="accountid", filter=text)}
    assert actual == expected, text


def examples(count):
    checks = [HealthCheck.function_scoped_fixture]
    chosen = settings(max_examples=count, deadline=None, derandomize=True, suppress_health_check=checks)
    return chosen(given(found=FILTERS)(agree_with_python))


test_filters_agree_with_python = examples(50)
test_many_more_filters_agree_with_python = pytest.mark.long(examples(1000))


def test_wildcards_in_values(api):
    assert api.rows("accounts", select="name", filter="name eq '100% Natural_Foods [EU]'")
    assert api.rows("accounts", select="name", filter="contains(name,'natural%foods')")
    assert api.rows("accounts", select="name", filter="contains(name,'Natural[_]Foods')")
    assert api.rows("accounts", select="name", filter="startswith(name,'[0-9]__[%]')")
    assert not api.rows("accounts", select="name", filter="startswith(name,'[^0-9]00')")


def test_column_with_column(api):
    rows = api.rows("accounts", select="createdon,modifiedon", filter="modifiedon gt createdon")
    assert rows
    assert all(row["modifiedon"] > row["createdon"] for row in rows)


def test_guids_bare_and_quoted(api):
    row = api.rows("accounts", select="accountid,_ownerid_value", top=1)[0]
    for literal in (row["accountid"], f"'{row['accountid']}'", row["accountid"].upper()):
        assert len(api.rows("accounts", select="name", filter=f"accountid eq {literal}")) == 1
    assert api.rows("accounts", select="name", filter=f"_ownerid_value eq '{row['_ownerid_value']}'")


def test_paths_through_lookups(api):
    rows = api.rows(
        "contacts",
        select="fullname",
        filter="parentcustomerid_account/primarycontactid/lastname eq 'Weber'",
        expand="parentcustomerid_account($expand=primarycontactid($select=lastname))",
    )
    assert rows
    assert {row["parentcustomerid_account"]["primarycontactid"]["lastname"] for row in rows} == {"Weber"}


def test_any_all_and_empty_any(api):
    text = "contact_customer_accounts/any(c:startswith(c/lastname,'Zh') and c/gendercode eq 2)"
    found = {row["accountid"] for row in api.rows("accounts", select="name", filter=text)}
    expected = {
        row["_parentcustomerid_value"]
        for row in api.rows(
            "contacts",
            select="_parentcustomerid_value",
            filter="startswith(lastname,'Zh') and gendercode eq 2",
        )
    }
    accounts = {row["accountid"] for row in api.rows("accounts", select="name")}
    assert found == expected & accounts != set()
    some = api.rows("accounts", select="name", filter="contact_customer_accounts/any()")
    every = api.rows(
        "accounts", select="name", filter="contact_customer_accounts/all(c:c/gendercode eq null)"
    )
    assert 0 < len(every) < len(some) < len(accounts)
    none = api.rows("accounts", select="name", filter="not contact_customer_accounts/any()")
    assert len(some) + len(none) == len(accounts)


def test_any_through_many_to_many(api):
    role = "systemuserroles_association/any(r:r/name eq 'System Administrator')"
    assert [row["fullname"] for row in api.rows("systemusers", select="fullname", filter=role)] == [
        "Ana Alvarez"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "name",
        "name eq",
        "name eq 'x",
        "name eq 1",
        "industrycode eq '7'",
        "revenue gt 'x'",
        "createdon gt 'yesterday'",
        "creditonhold eq 1",
        "nix eq 1",
        "primarycontactid eq 'x'",
        "ownerid eq 'x'",
        "length(name) gt 3",
        "tolower(name) eq 'x'",
        "year(createdon) eq 2024",
        "revenue add 1 gt 2",
        "contains(industrycode,'x')",
        "contains(name)",
        "contact_customer_accounts/lastname eq 'x'",
        "primarycontactid/any(c:c/lastname eq 'x')",
        "primarycontactid/contact_customer_contacts/any(c:c/lastname eq 'x')",
        "contact_customer_accounts/any(c:lastname eq 'x')",
        "not Microsoft.Dynamics.CRM.Today(PropertyName='createdon')",
        "Microsoft.Dynamics.CRM.Nix(PropertyName='createdon')",
        "(" * 500 + "name eq 'x'" + ")" * 500,
    ],
)
def test_refused_filters(api, text):
    api.refused("accounts", filter=text)


def test_the_words_of_two_errors(api):
    assert api.refused("accounts", filter="name eq 'x").startswith(
        "There is an unterminated literal at position "
    )
    assert api.refused("accounts", filter="industrycode eq '7'") == (
        "A binary operator with incompatible types was detected. Found operand types 'Edm.Int32' and 'Edm.String' "
        "for operator kind 'Equal'."
    )


def test_too_many_conditions(api):
    text = " or ".join(["industrycode eq 1"] * 501)
    api.refused("accounts", filter=text, code="0x8004430C")


def crm(name: str, **values: str) -> str:
    parts = ",".join(f"{key}={value}" for key, value in values.items())
    return f"Microsoft.Dynamics.CRM.{name}({parts})"


def made(api: Api, name: str, **columns) -> str:
    return api.create("accounts", {"name": name, **columns})


def test_in_between_and_their_opposites(api, accounts):
    codes = '["3","7"]'
    inside = api.rows(
        "accounts",
        select="industrycode",
        filter=crm("In", PropertyName="'industrycode'", PropertyValues=codes),
    )
    assert {row["industrycode"] for row in inside} == {3, 7}
    outside = api.rows(
        "accounts",
        select="industrycode",
        filter=crm("NotIn", PropertyName="'industrycode'", PropertyValues=codes),
    )
    assert not {3, 7} & {row["industrycode"] for row in outside}
    between = api.rows(
        "accounts",
        select="numberofemployees",
        filter=crm("Between", PropertyName="'numberofemployees'", PropertyValues='["5","2000"]'),
    )
    assert between
    assert all(5 <= row["numberofemployees"] <= 2000 for row in between)
    aliased = api.send(
        "GET",
        'accounts?$select=numberofemployees&$filter=Microsoft.Dynamics.CRM.Between(PropertyName=@p1,PropertyValues=@p2)&@p1=\'numberofemployees\'&@p2=["5","2000"]',
    )
    assert aliased.json()["value"] == between
    single = api.rows(
        "accounts",
        select="name",
        filter=crm("In", PropertyName="'name'", PropertyValues="['litware foods ag','nix']"),
    )
    assert {row["name"].lower() for row in single} <= {"litware foods ag"}
    broken = api.refused("accounts", filter=crm("In", PropertyName="'name'", PropertyValues="['O'Brien']"))
    assert broken.startswith("Invalid JSON. A comma character") or "unterminated" in broken


def test_relative_dates(api):
    mark = str(uuid.uuid4())
    now = api.world.clock.now()
    old = made(api, mark, overriddencreatedon="2020-01-05T10:00:00Z")
    new = made(api, mark)

    def named(function: str, **values: str) -> set[str]:
        condition = crm(function, PropertyName="'createdon'", **values)
        text = f"name eq '{mark}' and {condition}"
        return {row["accountid"] for row in api.rows("accounts", select="name", filter=text)}

    for name in (
        "Today",
        "ThisWeek",
        "ThisMonth",
        "ThisYear",
        "ThisFiscalYear",
        "ThisFiscalPeriod",
        "Last7Days",
    ):
        assert named(name) == {new}, name
    for name in (
        "Yesterday",
        "Tomorrow",
        "LastWeek",
        "NextMonth",
        "LastYear",
        "NextFiscalYear",
        "LastFiscalPeriod",
    ):
        assert named(name) == set(), name
    assert named("LastXDays", PropertyValue="3") == {new}
    assert named("LastXHours", PropertyValue="1") == {new}
    assert named("LastXYears", PropertyValue="9") == {old, new}
    assert named("OlderThanXMonths", PropertyValue="6") == {old}
    assert named("OlderThanXMinutes", PropertyValue="60") == {old}
    assert named("On", PropertyValue="'2020-01-05'") == {old}
    assert named("OnOrBefore", PropertyValue="'2020-01-05'") == {old}
    assert named("OnOrAfter", PropertyValue=f"'{now:%Y-%m-%d}'") == {new}
    assert named("InFiscalYear", PropertyValue="2020") == {old}
    assert named("InFiscalPeriodAndYear", PropertyValue1="1", PropertyValue2="2020") == {old}
    assert named("InOrBeforeFiscalPeriodAndYear", PropertyValue1="1", PropertyValue2="2020") == {old}


def test_about_the_caller(api, cleo):
    me = cleo.get("WhoAmI")
    mine = cleo.rows("accounts", select="_ownerid_value", filter=crm("EqualUserId", PropertyName="'ownerid'"))
    assert mine
    assert {row["_ownerid_value"] for row in mine} == {me["UserId"]}
    others = cleo.rows(
        "accounts", select="_ownerid_value", filter=crm("NotEqualUserId", PropertyName="'ownerid'")
    )
    assert others
    assert me["UserId"] not in {row["_ownerid_value"] for row in others}
    with_teams = cleo.rows(
        "accounts", select="name", filter=crm("EqualUserOrUserTeams", PropertyName="'ownerid'")
    )
    assert len(with_teams) > len(mine)
    unit = cleo.rows(
        "accounts",
        select="_owningbusinessunit_value",
        filter=crm("EqualBusinessId", PropertyName="'owningbusinessunit'"),
    )
    assert {row["_owningbusinessunit_value"] for row in unit} == {me["BusinessUnitId"]}


def test_hierarchies(api):
    top = made(api, "Top")
    middle = made(api, "Middle", **{"parentaccountid@odata.bind": f"/accounts({top})"})
    leaf = made(api, "Leaf", **{"parentaccountid@odata.bind": f"/accounts({middle})"})

    def found(function: str, value: str) -> set[str]:
        text = crm(function, PropertyName="'accountid'", PropertyValue=f"'{value}'")
        return {row["accountid"] for row in api.rows("accounts", select="name", filter=text)}

    assert found("Under", top) == {middle, leaf}
    assert found("UnderOrEqual", top) == {top, middle, leaf}
    assert found("Above", leaf) == {top, middle}
    assert found("AboveOrEqual", leaf) == {top, middle, leaf}
    assert top not in found("NotUnder", middle) or leaf not in found("NotUnder", middle)


def test_multi_select(api):
    both = api.rows(
        "smp_projects",
        select="smp_channels",
        filter=crm("ContainValues", PropertyName="'smp_channels'", PropertyValues='["727000001"]'),
    )
    assert both
    assert all("727000001" in row["smp_channels"] for row in both)
    neither = api.rows(
        "smp_projects",
        select="smp_channels",
        filter=crm("DoesNotContainValues", PropertyName="'smp_channels'", PropertyValues='["727000001"]'),
    )
    assert neither
    assert all("727000001" not in (row["smp_channels"] or "") for row in neither)
