"""The conditions of WHERE and ON."""

from decimal import Decimal

from sandbox.dataverse.errors import bad_query
from sandbox.dataverse.sql.lexer import END, Token, syntax_error, unsupported
from sandbox.dataverse.sql.tree import Comparison, Expression, Junction, Literal, Name, Negation, Test

DEEPEST = 40
SIGNS = {"=": "eq", "<>": "ne", "!=": "ne", ">": "gt", ">=": "ge", "<": "lt", "<=": "le"}
RESERVED = frozenset(
    [
        "SELECT",
        "FROM",
        "WHERE",
        "GROUP",
        "ORDER",
        "BY",
        "JOIN",
        "INNER",
        "LEFT",
        "ON",
        "AND",
        "OR",
        "NOT",
        "IN",
        "LIKE",
        "BETWEEN",
        "IS",
        "NULL",
        "AS",
        "HAVING",
        "UNION",
        "DISTINCT",
        "TOP",
        "EXISTS",
        "CASE",
    ]
)


class ConditionParser:
    """Walks over tokens. `depth` bounds how deep conditions nest."""

    def __init__(self, found: list[Token]) -> None:
        self.tokens = found
        self.at = 0
        self.depth = 0

    @property
    def current(self) -> Token:
        return self.tokens[self.at]

    @property
    def ahead(self) -> Token:
        return self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else END

    def advance(self) -> Token:
        token = self.current
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def accept(self, text: str) -> bool:
        """Step over a word or a sign if it comes next."""
        if self.current.kind in {"word", "sign"} and self.current.upper == text:
            self.advance()
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise syntax_error(self.current.text)

    def whole(self) -> int:
        token = self.current
        if token.kind != "number" or not token.text.isdigit() or len(token.text) > 9:
            raise syntax_error(token.text)
        return int(self.advance().text)

    def identifier(self) -> str:
        token = self.current
        if token.kind == "quoted" or (token.kind == "word" and token.upper not in RESERVED):
            return self.advance().text
        if token.upper == "CASE":
            raise unsupported("CASE")
        raise syntax_error(token.text)

    def name(self) -> Name:
        """[table.]column, in lower case as logical names are."""
        first = self.identifier()
        if self.current.text == "(":
            raise unsupported(f"The function {first.upper()}")
        if not self.accept("."):
            return Name("", first.lower())
        if self.current.text == "*":
            raise bad_query("SELECT * is not supported. Specify the columns to return.")
        return Name(first.lower(), self.identifier().lower())

    def condition(self) -> Expression:
        items = [self._conjunction()]
        while self.accept("OR"):
            items.append(self._conjunction())
        return items[0] if len(items) == 1 else Junction("or", tuple(items))

    def _conjunction(self) -> Expression:
        items = [self._negation()]
        while self.accept("AND"):
            items.append(self._negation())
        return items[0] if len(items) == 1 else Junction("and", tuple(items))

    def _negation(self) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            raise bad_query("The condition is nested too deeply.")
        found = Negation(self._negation()) if self.accept("NOT") else self._primary()
        self.depth -= 1
        return found

    def _primary(self) -> Expression:
        if self.current.upper == "EXISTS":
            raise unsupported("EXISTS")
        if self.accept("("):
            if self.current.upper == "SELECT":
                raise unsupported("A subquery")
            found = self.condition()
            self.expect(")")
            return found
        if self.current.kind in {"text", "number"}:
            raise unsupported("A literal on the left of a comparison")
        return self._predicate(self.name())

    def _predicate(self, left: Name) -> Expression:
        if self.accept("IS"):
            negated = self.accept("NOT")
            self.expect("NULL")
            return Test(left, "null", (), negated)
        negated = self.accept("NOT")
        if self.accept("LIKE"):
            pattern = self._text()
            if self.current.upper == "ESCAPE":
                raise unsupported("ESCAPE")
            return Test(left, "like", (pattern,), negated)
        if self.accept("BETWEEN"):
            low = self._literal()
            self.expect("AND")
            return Test(left, "between", (low, self._literal()), negated)
        if self.accept("IN"):
            return Test(left, "in", self._list(), negated)
        operator = SIGNS.get(self.current.text) if self.current.kind == "sign" else None
        if operator is None or negated:
            raise syntax_error(self.current.text)
        self.advance()
        return Comparison(left, operator, self._operand())

    def _operand(self) -> Name | Literal:
        if self.current.kind in {"text", "number"} or self.current.text in {"-", "+"}:
            return self._literal()
        if self.current.upper == "NULL":
            return self._literal()
        if self.current.text == "(":
            raise unsupported("A subquery or an expression on the right of a comparison")
        return self.name()

    def _literal(self) -> Literal:
        if self.accept("NULL"):
            return Literal(None)
        if self.current.kind == "text":
            return Literal(self.advance().text)
        sign = -1 if self.current.text == "-" else 1
        if self.current.text in {"-", "+"}:
            self.advance()
        if self.current.kind != "number":
            raise syntax_error(self.current.text)
        return Literal(sign * Decimal(self.advance().text))

    def _text(self) -> Literal:
        if self.current.kind != "text":
            raise syntax_error(self.current.text)
        return Literal(self.advance().text)

    def _list(self) -> tuple[Literal, ...]:
        self.expect("(")
        if self.current.upper == "SELECT":
            raise unsupported("A subquery")
        items = [self._literal()]
        while self.accept(","):
            items.append(self._literal())
        self.expect(")")
        return tuple(items)
