"""Resource paths: accounts(…)/primarycontactid/$ref"""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.dataverse.errors import ApiError, bad_query
from sandbox.dataverse.odata.parser import parse
from sandbox.dataverse.odata.tree import Comparison, Literal, Path


@dataclass(frozen=True, slots=True)
class Segment:
    """`arguments` is what stands between the parentheses, None without any."""

    name: str
    arguments: str | None = None


def split(text: str, separator: str) -> list[str]:
    """Split where a separator stands outside quotes, parentheses and brackets."""
    parts: list[str] = []
    depth, start, quote = 0, 0, ""
    for at, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char == "'":
            quote = char
        elif char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == separator and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    return parts


def segments(path: str) -> list[Segment]:
    """The segments of a decoded path. Raises a 400 when parentheses do not close."""
    found: list[Segment] = []
    for part in split(path.strip("/"), "/"):
        name, opened, rest = part.partition("(")
        if not opened:
            found.append(Segment(part))
        elif not rest.endswith(")"):
            raise bad_query(f"Bad Request - Error in query syntax: '{part}'.")
        else:
            found.append(Segment(name, rest[:-1]))
    return [segment for segment in found if segment.name or segment.arguments is not None]


def key_values(
    segment: Segment, entity: str, aliases: Mapping[str, str] | None = None
) -> Literal | dict[str, Literal]:
    """A single unnamed key, or key values by name. Raises a 400 for anything else."""
    arguments = (segment.arguments or "").strip()
    named: dict[str, Literal] = {}
    for part in split(arguments, ","):
        name, equals, value = part.partition("=")
        if not equals:
            break
        named[name.strip()] = _literal(value, entity, aliases)
    else:
        return named
    if "," in arguments and "'" not in arguments:
        raise wrong_key(entity)
    return _literal(arguments, entity, aliases)


def parameters(segment: Segment, aliases: Mapping[str, str]) -> dict[str, Literal]:
    """The parameters of a function call."""
    arguments = (segment.arguments or "").strip()
    if not arguments:
        return {}
    found: dict[str, Literal] = {}
    for part in split(arguments, ","):
        name, equals, value = part.partition("=")
        if not equals:
            raise bad_query(f"The parameter '{part}' of the function '{segment.name}' has no value.")
        found[name.strip()] = _literal(value, segment.name, aliases)
    return found


def _literal(text: str, entity: str, aliases: Mapping[str, str] | None) -> Literal:
    try:
        # The expression parser wants a whole expression; a comparison with anything is one.
        node = parse(f"x eq {text}", aliases or {})
    except ApiError as error:
        raise wrong_key(entity) from error
    if isinstance(node, Comparison) and node.left == Path(("x",)) and isinstance(node.right, Literal):
        return node.right
    raise wrong_key(entity)


def wrong_key(entity: str) -> ApiError:
    return bad_query(
        f"The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.{entity}'. Ensure that the "
        "names and number of key properties match the declared or alternate key properties for the resource "
        f"'Microsoft.Dynamics.CRM.{entity}'."
    )
