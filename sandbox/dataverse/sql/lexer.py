"""SQL as tokens."""

import re
from dataclasses import dataclass

from sandbox.dataverse.errors import ApiError, bad_query

TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<text>[Nn]?'(?:[^']|'')*')
    |(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w]))
    |(?P<quoted>\[[^\]]+\]|"[^"]+")
    |(?P<word>[^\W\d][\w$\#@]*)
    |(?P<sign><>|!=|<=|>=|[=<>(),.*+-])""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is word, quoted, text, number, sign or end. The text of a word is in upper case in `upper`."""

    kind: str
    text: str
    upper: str = ""


END = Token("end", "the end of the statement")


def syntax_error(near: str) -> ApiError:
    """SQL Server's own words, with the Web API's code for faults in a URL."""
    return bad_query(f"Incorrect syntax near '{near[:60]}'.")


def unsupported(what: str) -> ApiError:
    return bad_query(f"{what} is not supported by the Dataverse SQL endpoint.")


def tokens(text: str) -> list[Token]:
    """The tokens of a statement, an end token last. Raises a 400."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            if text[at] == ";":
                raise bad_query("Only one SELECT statement is allowed, without a semicolon.")
            if text[at] == "'":
                raise bad_query(
                    f"Unclosed quotation mark after the character string '{text[at + 1 : at + 41]}'."
                )
            raise syntax_error(text[at])
        at = match.end()
        kind = match.lastgroup or ""
        if kind == "space":
            continue
        found.append(_token(kind, match.group()))
    return [*found, END]


def _token(kind: str, text: str) -> Token:
    if kind == "text":
        return Token(kind, text[text.index("'") + 1 : -1].replace("''", "'"))
    if kind == "quoted":
        return Token(kind, text[1:-1])
    return Token(kind, text, text.upper())
