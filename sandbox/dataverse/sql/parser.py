"""A parser for the part of T-SQL that the SQL endpoint knows.

SELECT [DISTINCT] [TOP n] items FROM table [alias] {[INNER|LEFT] JOIN table [alias] ON …} [WHERE …]
[GROUP BY …] [ORDER BY …] [OFFSET n ROWS [FETCH NEXT m ROWS ONLY]]
"""

from sandbox.dataverse.errors import bad_query
from sandbox.dataverse.sql.conditions import ConditionParser
from sandbox.dataverse.sql.lexer import syntax_error, tokens, unsupported
from sandbox.dataverse.sql.tree import Call, Item, Join, Name, Ordering, Select, TableName

AGGREGATES = frozenset({"COUNT", "SUM", "AVG", "MIN", "MAX"})
# A bare word after a table or an item is an alias, unless it begins the next clause.
CLAUSES = frozenset(
    [
        "FROM",
        "WHERE",
        "GROUP",
        "ORDER",
        "OFFSET",
        "FETCH",
        "JOIN",
        "INNER",
        "LEFT",
        "RIGHT",
        "FULL",
        "CROSS",
        "OUTER",
        "ON",
        "UNION",
        "HAVING",
        "AND",
        "OR",
        "AS",
        "EXCEPT",
        "INTERSECT",
        "OPTION",
        "FOR",
    ]
)
LATER = {
    "HAVING": "HAVING",
    "UNION": "UNION",
    "EXCEPT": "EXCEPT",
    "INTERSECT": "INTERSECT",
    "RIGHT": "RIGHT JOIN",
    "FULL": "FULL OUTER JOIN",
    "CROSS": "CROSS JOIN",
}
WRITES = frozenset(
    [
        "INSERT",
        "UPDATE",
        "DELETE",
        "DROP",
        "TRUNCATE",
        "ALTER",
        "CREATE",
        "EXEC",
        "EXECUTE",
        "GRANT",
        "REVOKE",
        "MERGE",
    ]
)


class Parser(ConditionParser):
    """Parses one statement."""

    def select(self) -> Select:
        """The whole statement. Raises a 400."""
        self._begin()
        distinct, top = False, None
        for _ in range(2):
            distinct = self.accept("DISTINCT") or distinct
            top = self._top() if top is None and self.accept("TOP") else top
        items = [self._item()]
        while self.accept(","):
            items.append(self._item())
        self.expect("FROM")
        table = self._table()
        joins = self._joins()
        where = self.condition() if self.accept("WHERE") else None
        groups = self._groups()
        orders = self._orders()
        offset, fetch = self._window(ordered=bool(orders))
        if self.current.kind != "end":
            self._refuse_rest()
        return Select(distinct, top, tuple(items), table, tuple(joins), where, groups, orders, offset, fetch)

    def _begin(self) -> None:
        if self.current.upper in WRITES:
            raise bad_query("The SQL endpoint is read-only: only SELECT statements are allowed.")
        if self.current.upper == "WITH":
            raise unsupported("WITH")
        self.expect("SELECT")

    def _refuse_rest(self) -> None:
        word = self.current.upper
        if word in LATER:
            raise unsupported(LATER[word])
        if word in WRITES:
            raise bad_query("The SQL endpoint is read-only: only SELECT statements are allowed.")
        raise syntax_error(self.current.text)

    def _top(self) -> int:
        opened = self.accept("(")
        number = self.whole()
        if opened:
            self.expect(")")
        if self.current.upper == "PERCENT":
            raise unsupported("TOP … PERCENT")
        return number

    def _item(self) -> Item:
        if self.current.text == "*":
            raise bad_query("SELECT * is not supported. Specify the columns to return.")
        expression = self._expression()
        if self.accept("AS"):
            return Item(expression, self.alias())
        if self.current.kind == "quoted" or (
            self.current.kind == "word" and self.current.upper not in CLAUSES
        ):
            return Item(expression, self.alias())
        return Item(expression)

    def alias(self) -> str:
        if self.current.kind not in {"word", "quoted", "text"} or not self.current.text:
            raise syntax_error(self.current.text)
        return self.advance().text

    def _expression(self) -> Name | Call:
        token = self.current
        if token.kind == "word" and self.ahead.text == "(":
            if token.upper not in AGGREGATES:
                raise unsupported(f"The function {token.upper}")
            return self._call()
        if token.upper == "CASE" or token.kind in {"text", "number"} or token.text in {"(", "+", "-"}:
            raise unsupported("An expression in the select list")
        name = self.name()
        if self.current.text in {"+", "-", "*"}:
            raise unsupported("Arithmetic")
        return name

    def _call(self) -> Call:
        function = self.advance().upper.lower()
        self.expect("(")
        if self.current.text == "*" and function == "count":
            self.advance()
            self.expect(")")
            return Call(function, None)
        distinct = self.accept("DISTINCT")
        if distinct and function != "count":
            raise unsupported(f"DISTINCT in {function.upper()}")
        found = Call(function, self.name(), distinct)
        self.expect(")")
        if self.current.upper == "OVER":
            raise unsupported("OVER")
        return found

    def _table(self) -> TableName:
        if self.current.text == "(":
            raise unsupported("A subquery")
        first = self.identifier()
        if self.accept("."):  # dbo.account
            first = self.identifier()
        self.accept("AS")
        if self.current.kind == "quoted" or (
            self.current.kind == "word" and self.current.upper not in CLAUSES
        ):
            return TableName(first.lower(), self.advance().text.lower())
        return TableName(first.lower(), first.lower())

    def _joins(self) -> list[Join]:
        found: list[Join] = []
        while True:
            if self.accept(","):
                found.append(Join("inner", self._table(), None))
                continue
            kind = self._join_kind()
            if kind is None:
                return found
            table = self._table()
            self.expect("ON")
            found.append(Join(kind, table, self.condition()))

    def _join_kind(self) -> str | None:
        if self.current.upper in {"RIGHT", "FULL", "CROSS"}:
            raise unsupported(LATER[self.current.upper])
        if self.accept("LEFT"):
            self.accept("OUTER")
            self.expect("JOIN")
            return "left"
        if self.accept("INNER"):
            self.expect("JOIN")
            return "inner"
        return "inner" if self.accept("JOIN") else None

    def _groups(self) -> tuple[Name, ...]:
        if not self.accept("GROUP"):
            return ()
        self.expect("BY")
        found = [self.name()]
        while self.accept(","):
            found.append(self.name())
        return tuple(found)

    def _orders(self) -> tuple[Ordering, ...]:
        if not self.accept("ORDER"):
            return ()
        self.expect("BY")
        found = [self._ordering()]
        while self.accept(","):
            found.append(self._ordering())
        return tuple(found)

    def _ordering(self) -> Ordering:
        expression = self.whole() if self.current.kind == "number" else self._expression()
        down = self.accept("DESC")
        if not down:
            self.accept("ASC")
        return Ordering(expression, down)

    def _window(self, *, ordered: bool) -> tuple[int, int | None]:
        if not self.accept("OFFSET"):
            return 0, None
        if not ordered:
            raise syntax_error("OFFSET")
        offset = self.whole()
        self._rows()
        if not self.accept("FETCH"):
            return offset, None
        if not self.accept("NEXT"):
            self.expect("FIRST")
        fetch = self.whole()
        self._rows()
        self.expect("ONLY")
        return offset, fetch

    def _rows(self) -> None:
        if not self.accept("ROWS"):
            self.expect("ROW")


def parse(text: str) -> Select:
    """The statement of a text. Raises a 400."""
    return Parser(tokens(text)).select()
