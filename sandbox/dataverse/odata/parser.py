"""From tokens to a tree. A small recursive descent, bounded in depth."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from sandbox.dataverse.errors import ApiError, bad_query
from sandbox.dataverse.odata.lexer import Token, tokenize
from sandbox.dataverse.odata.tree import (
    Comparison,
    Function,
    Junction,
    Lambda,
    Literal,
    Negation,
    Node,
    Path,
    QueryFunction,
)

COMPARISONS = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})
FUNCTIONS = frozenset({"contains", "startswith", "endswith"})
KEYWORDS: dict[str, Literal] = {
    "null": Literal(None, "null"),
    "true": Literal(value=True, kind="bool"),
    "false": Literal(value=False, kind="bool"),
}
NAMESPACE = "Microsoft.Dynamics.CRM."
DEEPEST = 60
Aliases = Mapping[str, str]


class Parser:
    """One expression. `aliases` are the @p=… of the query string."""

    def __init__(self, source: str, aliases: Aliases, depth: int = 0) -> None:
        self._source = source
        self._aliases = aliases
        self._tokens = tokenize(source)
        self._at = 0
        self._depth = depth

    def parse(self) -> Node:
        node = self._disjunction()
        if self._peek().kind != "end":
            raise self._unexpected()
        return node

    def _peek(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _is(self, text: str) -> bool:
        token = self._peek()
        return token.kind in {"sign", "name"} and token.text == text

    def _take(self, text: str) -> bool:
        if self._is(text):
            self._next()
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise self._unexpected(f"'{text}' expected")

    def _unexpected(self, reason: str = "") -> ApiError:
        token = self._peek()
        reason = f" ({reason})" if reason else ""
        return bad_query(f"Syntax error at position {token.at} in '{self._source}'.{reason}")

    def _disjunction(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise bad_query("The recursion limit has been exceeded.")
        items = [self._conjunction()]
        while self._take("or"):
            items.append(self._conjunction())
        self._depth -= 1
        return items[0] if len(items) == 1 else Junction("or", tuple(items))

    def _conjunction(self) -> Node:
        items = [self._unary()]
        while self._take("and"):
            items.append(self._unary())
        return items[0] if len(items) == 1 else Junction("and", tuple(items))

    def _unary(self) -> Node:
        negations = 0
        while self._take("not"):
            negations += 1
        node = self._comparison()
        if negations and isinstance(node, QueryFunction):
            raise bad_query("Not operator along with the Custom Named Condition operators is not allowed")
        return Negation(node) if negations % 2 else node

    def _comparison(self) -> Node:
        left = self._primary()
        operator = self._peek()
        if operator.kind == "name" and operator.text in COMPARISONS:
            self._next()
            return Comparison(operator.text, left, self._primary())
        if operator.kind == "name" and operator.text not in {"and", "or"}:
            raise self._unexpected(f"the operator '{operator.text}' is not supported")
        return left

    def _primary(self) -> Node:
        token = self._next()
        if token.kind == "sign" and token.text == "(":
            node = self._disjunction()
            self._expect(")")
            return node
        if token.kind == "alias":
            return self._alias(token)
        if token.kind == "name":
            return self._named(token)
        return self._literal(token)

    def _alias(self, token: Token) -> Node:
        text = self._aliases.get(token.text)
        if text is None:
            return KEYWORDS["null"]
        if text.startswith("@"):
            raise bad_query(f"The parameter alias '{token.text}' must not refer to another alias.")
        return Parser(text, {}, self._depth).parse()

    def _literal(self, token: Token) -> Literal:
        if token.kind == "array":
            return Literal(_array(token.text), "array")
        if token.kind == "number":
            return Literal(Decimal(token.text.rstrip("mMdDfFlL")), "number")
        if token.kind == "guid":
            return Literal(token.text.strip("{}").lower(), "guid")
        if token.kind == "moment":
            return Literal(token.text, "moment" if "T" in token.text else "date")
        if token.kind == "string":
            return Literal(token.text, "string")
        self._at = max(self._at - 1, 0) if token.kind != "end" else self._at
        raise self._unexpected()

    def _named(self, token: Token) -> Node:
        following = self._peek()
        if token.text in KEYWORDS:
            return KEYWORDS[token.text]
        if following.kind == "string" and "." in token.text and following.at == token.at + len(token.text):
            return Literal(self._next().text, "enum")
        if self._is("("):
            return self._call(token, None)
        return self._path(token)

    def _path(self, token: Token) -> Node:
        names = [token.text]
        while self._take("/"):
            step = self._next()
            if step.kind != "name":
                raise self._unexpected("a name expected")
            if self._is("("):
                return self._step_call(Path(tuple(names)), step)
            names.append(step.text)
        return Path(tuple(names))

    def _step_call(self, path: Path, step: Token) -> Node:
        if step.text in {"any", "all"}:
            return self._lambda(path, step.text)
        return self._call(step, path)

    def _lambda(self, path: Path, kind: str) -> Lambda:
        self._expect("(")
        if kind == "any" and self._take(")"):
            return Lambda(path, kind, "", None)
        variable = self._next()
        if variable.kind != "name":
            raise self._unexpected("a range variable expected")
        self._expect(":")
        body = self._disjunction()
        self._expect(")")
        return Lambda(path, kind, variable.text, body)

    def _call(self, token: Token, path: Path | None) -> Node:
        if token.text.startswith(NAMESPACE):
            return QueryFunction(token.text.removeprefix(NAMESPACE), path, self._parameters())
        if token.text not in FUNCTIONS or path is not None:
            raise bad_query(f"An unknown function with name '{token.text}' was found.")
        self._expect("(")
        arguments = [self._disjunction()]
        while self._take(","):
            arguments.append(self._disjunction())
        self._expect(")")
        return Function(token.text, tuple(arguments))

    def _parameters(self) -> dict[str, Node]:
        self._expect("(")
        parameters: dict[str, Node] = {}
        while not self._take(")"):
            name = self._next()
            if name.kind != "name":
                raise self._unexpected("a parameter name expected")
            self._expect("=")
            parameters[name.text] = self._primary()
            if not self._is(")"):
                self._expect(",")
        return parameters


def _array(text: str) -> list[Any]:
    try:
        decoded: list[Any] = msgspec.json.decode(text.encode(), type=list[Any])
    except (msgspec.DecodeError, UnicodeEncodeError):
        return _single_quoted(text)
    return decoded


def _single_quoted(text: str) -> list[Any]:
    """Items in single quotes are taken, too, as long as none of them holds an apostrophe."""
    inner = text[1:-1].strip()
    items = [item.strip() for item in inner.split(",")] if inner else []
    for item in items:
        if len(item) < 2 or item[0] != "'" or item[-1] != "'" or "'" in item[1:-1]:
            raise bad_query("Invalid JSON. A comma character ',' was expected in scope 'Array'.")
    return [item[1:-1] for item in items]


def parse(source: str, aliases: Aliases | None = None) -> Node:
    """The tree of a $filter. Raises a 400 in Dataverse's words."""
    return Parser(source, aliases or {}).parse()
