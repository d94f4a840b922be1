"""The same question in $filter, FetchXML and SQL has the same answer, and it is Python's."""

from datetime import datetime
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.dataverse.languages import all_pages, fetched, sql

COLUMNS = "accountid,name,industrycode,revenue,creditonhold,createdon,address1_city,emailaddress1"
CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
ORDERED = {
    "eq": ("=", lambda a, b: a == b),
    "ne": ("<>", lambda a, b: a != b),
    "gt": (">", lambda a, b: a > b),
    "ge": (">=", lambda a, b: a >= b),
    "lt": ("<", lambda a, b: a < b),
    "le": ("<=", lambda a, b: a <= b),
}
OPPOSITE = {"eq": "ne", "ne": "eq", "gt": "le", "le": "gt", "lt": "ge", "ge": "lt"}
TEXTS = ["name", "address1_city", "emailaddress1"]
WORDS = st.sampled_from(
    ["a", "AB", "o'", "ü", "É", "Gmb", "inc", "zz", "東", "@", "Brno", "GRANITE", '"', "&<"]
)
PATTERNS = {
    "contains": ("like", "%{}%", lambda text, word: word in text),
    "startswith": ("begins-with", "{}%", lambda text, word: text.startswith(word)),
    "endswith": ("ends-with", "%{}", lambda text, word: text.endswith(word)),
}
NEGATED = {"like": "not-like", "begins-with": "not-begin-with", "ends-with": "not-end-with"}


class Rows(list):
    """Shown in a word: failing examples are about conditions."""

    def __repr__(self):
        return f"{len(self)} rows"


@pytest.fixture(scope="module")
def accounts(api):
    return Rows(api.rows("accounts", select=COLUMNS))


def quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def lowered(value):
    return value.lower() if isinstance(value, str) else value


class Leaf:
    """One condition. `truth` is Python's answer: True, False, or None where there is nothing to compare."""

    def __init__(self, odata, condition, opposite, statement, column, truth, *, negative=False):
        self.odata, self.condition, self.opposite, self.statement = odata, condition, opposite, statement
        self.column, self.truth, self.negative = column, truth, negative

    def filter(self):
        return self.odata

    def fetch(self, negated=False):
        """FetchXML has no `not`: the opposite, and rows without a value where it leaves them out."""
        if not negated:
            return self.condition
        if self.negative:
            return self.opposite
        null = f"<condition attribute='{self.column}' operator='null'/>"
        return f"<filter type='or'>{self.opposite}{null}</filter>"

    def sql(self):
        """In SQL what is compared with nothing is left out, so a negative says that it means it."""
        return f"({self.statement} OR {self.column} IS NULL)" if self.negative else self.statement

    def two(self, row):
        """With rows without a value on the side of `not`."""
        found = self.truth(row)
        return self.negative if found is None else found

    def three(self, row):
        return self.truth(row)

    def plain_sql(self):
        return self.statement


class Both:
    def __init__(self, word, *items):
        self.word, self.items = word, items

    def filter(self):
        return "(" + f" {self.word} ".join(item.filter() for item in self.items) + ")"

    def fetch(self, negated=False):
        word = {"and": "or", "or": "and"}[self.word] if negated else self.word
        return f"<filter type='{word}'>" + "".join(item.fetch(negated) for item in self.items) + "</filter>"

    def sql(self):
        return "(" + f" {self.word.upper()} ".join(item.sql() for item in self.items) + ")"

    def plain_sql(self):
        return "(" + f" {self.word} ".join(item.plain_sql() for item in self.items) + ")"

    def two(self, row):
        return (all if self.word == "and" else any)(item.two(row) for item in self.items)

    def three(self, row):
        values = [item.three(row) for item in self.items]
        decisive = self.word == "or"
        if decisive in values:
            return decisive
        return None if None in values else not decisive


class Neither:
    def __init__(self, item):
        self.item = item

    def filter(self):
        return f"not ({self.item.filter()})"

    def fetch(self, negated=False):
        return self.item.fetch(not negated)

    def sql(self):
        return None

    def plain_sql(self):
        return f"NOT ({self.item.plain_sql()})"

    def two(self, row):
        return not self.item.two(row)

    def three(self, row):
        found = self.item.three(row)
        return None if found is None else not found


def compared(column, operator, shown, value, written=None):
    """`shown` is OData's literal, `written` SQL's, `value` Python's."""
    sign, compare = ORDERED[operator]
    text = quoteattr(str(shown) if written is None else written.strip("'").replace("''", "'"))
    return Leaf(
        f"{column} {operator} {shown}",
        f"<condition attribute='{column}' operator='{operator}' value={text}/>",
        f"<condition attribute='{column}' operator='{OPPOSITE[operator]}' value={text}/>",
        f"{column} {sign} {written or shown}",
        column,
        lambda row: None if row[column] is None else compare(lowered(row[column]), lowered(value)),
        negative=operator == "ne",
    )


def matched(function, column, word):
    operator, pattern, test = PATTERNS[function]
    value = quoteattr(pattern.format(word) if operator == "like" else word)
    return Leaf(
        f"{function}({column},{quote(word)})",
        f"<condition attribute='{column}' operator='{operator}' value={value}/>",
        f"<condition attribute='{column}' operator='{NEGATED[operator]}' value={value}/>",
        f"{column} LIKE {quote(pattern.format(word))}",
        column,
        lambda row: None if row[column] is None else test(row[column].lower(), word.lower()),
    )


def listed(column, numbers):
    values = "".join(f"<value>{n}</value>" for n in numbers)
    strings = ",".join(f'"{n}"' for n in numbers)
    return Leaf(
        f"Microsoft.Dynamics.CRM.In(PropertyName='{column}',PropertyValues=[{strings}])",
        f"<condition attribute='{column}' operator='in'>{values}</condition>",
        f"<condition attribute='{column}' operator='not-in'>{values}</condition>",
        f"{column} IN ({', '.join(map(str, numbers))})",
        column,
        lambda row: None if row[column] is None else row[column] in numbers,
    )


def ranged(column, low, high):
    low, high = min(low, high), max(low, high)
    return Leaf(
        f'Microsoft.Dynamics.CRM.Between(PropertyName=\'{column}\',PropertyValues=["{low}","{high}"])',
        f"<condition attribute='{column}' operator='between'><value>{low}</value><value>{high}</value></condition>",
        f"<condition attribute='{column}' operator='not-between'><value>{low}</value><value>{high}</value></condition>",
        f"{column} BETWEEN {low} AND {high}",
        column,
        lambda row: None if row[column] is None else low <= row[column] <= high,
    )


SIGNS = st.sampled_from(list(ORDERED))
COMPARISONS = st.one_of(
    st.builds(lambda op, n: compared("industrycode", op, n, n), SIGNS, st.integers(0, 35)),
    st.builds(lambda op, n: compared("revenue", op, f"{n}.25", n + 0.25), SIGNS, st.integers(0, 9 * 10**7)),
    st.builds(
        lambda op, b: compared("creditonhold", op, str(b).lower(), b, str(int(b))),
        st.sampled_from(["eq", "ne"]),
        st.booleans(),
    ),
    st.builds(
        lambda op, d: compared(
            "createdon", op, f"{d:%Y-%m-%dT%H:%M:%SZ}", f"{d:%Y-%m-%dT%H:%M:%SZ}", f"'{d:%Y-%m-%dT%H:%M:%SZ}'"
        ),
        SIGNS,
        st.datetimes(datetime.fromisoformat("2021-01-01"), datetime.fromisoformat("2025-01-01")),
    ),
    st.builds(
        lambda op, c, w: compared(c, op, quote(w), w, quote(w)),
        st.sampled_from(["eq", "ne"]),
        st.sampled_from(TEXTS),
        WORDS,
    ),
    st.builds(matched, st.sampled_from(list(PATTERNS)), st.sampled_from(TEXTS), WORDS),
)
# OData has no `not` for these.
FUNCTIONS = st.one_of(
    st.builds(listed, st.just("industrycode"), st.lists(st.integers(0, 35), min_size=1, max_size=5)),
    st.builds(ranged, st.just("industrycode"), st.integers(0, 35), st.integers(0, 35)),
)
LEAVES = st.one_of(COMPARISONS, FUNCTIONS)
JOINED = [
    lambda inner: st.builds(Both, st.just("and"), inner, inner),
    lambda inner: st.builds(Both, st.just("or"), inner, inner, inner),
]
POSITIVE = st.recursive(LEAVES, lambda inner: st.one_of(*(join(inner) for join in JOINED)), max_leaves=5)


def with_negations(leaves):
    return st.recursive(
        leaves,
        lambda inner: st.one_of(*(join(inner) for join in JOINED), st.builds(Neither, inner)),
        max_leaves=5,
    )


def ids(rows):
    return {row["accountid"] for row in rows}


def examples(count, **strategies):
    """Makes a test of a claim: so many examples of what the strategies draw."""
    chosen = settings(max_examples=count, deadline=None, derandomize=True, suppress_health_check=CHECKS)
    return lambda claim: chosen(given(**strategies)(claim))


def agree_in_three_languages(api, accounts, node):
    expected = {row["accountid"] for row in accounts if node.two(row)}
    assert ids(api.rows("accounts", select="accountid", filter=node.filter())) == expected
    inner = f"<attribute name='accountid'/><filter>{node.fetch()}</filter>"
    assert ids(fetched(api, inner)) == expected, node.fetch()
    assert ids(sql(api, f"SELECT accountid FROM account WHERE {node.sql()}")) == expected, node.sql()


def agree_when_negated(api, accounts, node):
    expected = {row["accountid"] for row in accounts if node.two(row)}
    assert ids(api.rows("accounts", select="accountid", filter=node.filter())) == expected, node.filter()
    inner = f"<attribute name='accountid'/><filter>{node.fetch()}</filter>"
    assert ids(fetched(api, inner)) == expected, node.fetch()


def has_three_truths(api, accounts, node):
    expected = {row["accountid"] for row in accounts if node.three(row) is True}
    assert ids(sql(api, f"SELECT accountid FROM account WHERE {node.plain_sql()}")) == expected, (
        node.plain_sql()
    )


SORTABLE = st.sampled_from(["name", "revenue", "industrycode", "createdon", "creditonhold", "address1_city"])
ORDERS = st.lists(st.tuples(SORTABLE, st.booleans()), min_size=1, max_size=3, unique_by=lambda o: o[0])


def agree_on_pages_and_orders(api, orders, size):
    prefer = {"Prefer": f"odata.maxpagesize={size}"}
    text = ",".join(f"{name} {'desc' if down else 'asc'}" for name, down in orders)
    page = api.get("accounts", select="accountid", orderby=text, headers=prefer)
    odata = page["value"]
    while "@odata.nextLink" in page:
        page = api.get(page["@odata.nextLink"], headers=prefer)
        odata = odata + page["value"]
    marks = "".join(f"<order attribute='{name}' descending='{str(down).lower()}'/>" for name, down in orders)
    inner = "<attribute name='accountid'/>" + marks
    fetchxml = [
        row for p in all_pages(api, inner, f"count='{size}' useraworderby='true'") for row in p["value"]
    ]
    statement = f"SELECT accountid FROM account ORDER BY {text}"
    in_order = [row["accountid"] for row in odata]
    assert [row["accountid"] for row in fetchxml] == in_order
    assert [row["accountid"] for row in sql(api, statement, headers=prefer)] == in_order
    assert len(set(in_order)) == len(in_order)


NEGATIVE, THREEFOLD = with_negations(COMPARISONS), with_negations(LEAVES)
SIZES = st.sampled_from([499, 811, 2399])
test_three_languages_agree = examples(30, node=POSITIVE)(agree_in_three_languages)
test_negations_agree_between_odata_and_fetchxml = examples(30, node=NEGATIVE)(agree_when_negated)
test_sql_has_three_truths = examples(30, node=THREEFOLD)(has_three_truths)
test_pages_and_orders_agree = examples(6, orders=ORDERS, size=SIZES)(agree_on_pages_and_orders)


@pytest.mark.long
class TestAtLength:
    test_three_languages = staticmethod(examples(500, node=POSITIVE)(agree_in_three_languages))
    test_negations = staticmethod(examples(500, node=NEGATIVE)(agree_when_negated))
    test_three_truths = staticmethod(examples(500, node=THREEFOLD)(has_three_truths))
    test_pages = staticmethod(examples(60, orders=ORDERS, size=SIZES)(agree_on_pages_and_orders))
