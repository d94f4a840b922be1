"""$select, $orderby and $expand as text."""

from dataclasses import dataclass

from sandbox.dataverse.errors import bad_query
from sandbox.dataverse.odata.parser import Aliases, parse
from sandbox.dataverse.odata.path import split
from sandbox.dataverse.odata.tree import Path

MOST_EXPANDS = 15
DEEPEST_EXPAND = 10
EXPAND_OPTIONS = frozenset({"$select", "$filter", "$orderby", "$top", "$expand"})


@dataclass(frozen=True)
class Expand:
    """One item of $expand. `is_reference` is nav/$ref."""

    name: str
    select: tuple[str, ...] | None = None
    filter: str | None = None
    orderby: str | None = None
    top: int | None = None
    expand: tuple["Expand", ...] = ()
    is_reference: bool = False


def parse_select(text: str | None) -> tuple[str, ...] | None:
    """Names in order, each once; None for everything."""
    if text is None:
        return None
    names = [part.strip() for part in text.split(",")]
    if "*" in names:
        return None
    return tuple(dict.fromkeys(name for name in names if name))


def parse_orderby(text: str | None, aliases: Aliases | None = None) -> list[tuple[Path, bool]]:
    """Paths, and whether each goes down."""
    found: list[tuple[Path, bool]] = []
    for part in split(text, ",") if text else []:
        item = part.strip()
        expression, _, direction = item.rpartition(" ")
        if direction not in {"asc", "desc"}:
            expression, direction = item, "asc"
        if not expression.strip() or " " in expression.strip():
            raise bad_query(f"Syntax error in $orderby: '{item}' is not a property.")
        left = getattr(parse(f"{expression} eq null", aliases or {}), "left", None)
        if not isinstance(left, Path):
            raise bad_query(f"Syntax error in $orderby: '{item}' is not a property.")
        found.append((left, direction == "desc"))
    return found


def parse_top(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.strip().isascii() or not text.strip().isdigit() or len(text) > 10:
        raise bad_query(
            f"Invalid value '{text}' for $top query option found. It must be a non-negative integer."
        )
    return int(text)


def parse_expand(text: str | None, depth: int = 0) -> tuple[Expand, ...]:
    """The items of an $expand, nested ones included."""
    if text is None:
        return ()
    if depth > DEEPEST_EXPAND:
        raise bad_query("The $expand query option is nested too deeply.")
    items = tuple(_expand(part.strip(), depth) for part in split(text, ","))
    if depth == 0 and count_expands(items) > MOST_EXPANDS:
        raise bad_query(f"The number of $expand items exceeds the maximum of {MOST_EXPANDS}.")
    return items


def count_expands(items: tuple[Expand, ...]) -> int:
    return len(items) + sum(count_expands(item.expand) for item in items)


def _expand(text: str, depth: int) -> Expand:
    name, opened, rest = text.partition("(")
    name = name.strip()
    if not name:
        raise bad_query("Syntax error in $expand: a navigation property was expected.")
    if name.endswith("/$ref"):
        return Expand(name.removesuffix("/$ref"), is_reference=True)
    if "/" in name:
        raise bad_query(
            f"Found a path with multiple navigation properties or a bad complex property path in $expand: '{name}'."
        )
    if not opened:
        return Expand(name)
    if not rest.endswith(")"):
        raise bad_query(f"Syntax error in $expand: '{text}' has no closing parenthesis.")
    return _with_options(name, rest[:-1], depth)


def _with_options(name: str, text: str, depth: int) -> Expand:
    options: dict[str, str] = {}
    for part in split(text, ";"):
        if not part.strip():
            continue
        key, equals, value = part.strip().partition("=")
        key = key.strip()
        if not equals or key not in EXPAND_OPTIONS:
            raise bad_query(f"The query option '{key}' is not supported in $expand.")
        options[key] = value
    return Expand(
        name,
        parse_select(options.get("$select")),
        options.get("$filter"),
        options.get("$orderby"),
        parse_top(options.get("$top")),
        parse_expand(options.get("$expand"), depth + 1),
    )
