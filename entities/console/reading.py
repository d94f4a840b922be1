"""What somebody typed, taken apart until nothing is left that could write, run or lead elsewhere."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element, tostring

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import ParseError, fromstring  # type: ignore[import-untyped]

from core.problems import BadInput
from microsoft.dataverse import EntityName

MOST_ROWS = 5000
SHOWN = 500
LONGEST = 30_000
MOST_OPTIONS = 20
MOST_DEPTH = 50
_PATH = re.compile(r"(?P<set>[A-Za-z_]\w*)(?:\((?P<id>[0-9A-Fa-f-]{36})\))?")
_OPTIONS = ("$select", "$filter", "$orderby", "$top", "$expand", "$apply", "$count")
_ROOT = re.compile(r"(?:GET\s+)?(?:https://[^/\s]+)?(?:/?api/data/v[\d.]+)?/?", re.IGNORECASE)


@dataclass(frozen=True)
class Query:
    """Either `fetch_xml` on a set, or an address below the Web API's root with its options."""

    set_name: str
    relative: str
    fetch_xml: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


def read_query_text(text: str, entities: list[EntityName]) -> Query:
    """The query in either language; what it is, is seen from its beginning.

    Raises:
        BadInput: it is neither, or asks for something that is not reading records.

    """
    text = text.strip()
    if not text:
        raise BadInput("Write a query first.", advice="For example: accounts?$select=name&$top=10")
    if len(text) > LONGEST:
        raise BadInput(f"The query is longer than {LONGEST:,} characters.")
    return _fetch(text, entities) if text.startswith("<") else _odata(text, entities)


def _fetch(text: str, entities: list[EntityName]) -> Query:
    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except ParseError as error:
        line, column = error.position
        raise BadInput(
            f"The FetchXML breaks off in line {line}, column {column + 1}.", advice=str(error)
        ) from None
    except DefusedXmlException:
        raise BadInput("FetchXML takes no document types and no entities of its own.") from None
    found = root.findall("entity")
    if root.tag != "fetch" or len(found) != 1:
        raise BadInput("FetchXML begins with <fetch> and holds one <entity>.")
    name = found[0].get("name", "")
    set_name = next((each.entity_set for each in entities if each.logical_name == name), "")
    if not set_name:
        raise BadInput(f"The environment has no entity “{name[:60]}”.")
    if _is_deeper(root, MOST_DEPTH):
        raise BadInput(f"The FetchXML is nested more than {MOST_DEPTH} deep.")
    _bound(root)
    return Query(set_name, set_name, fetch_xml=tostring(root, encoding="unicode"))


def following(query: Query, cookie: str) -> Query:
    """The FetchXML that asks for the page after the one that `query` asks for."""
    root: Element = fromstring(query.fetch_xml, forbid_dtd=True)
    root.set("page", str(int(root.get("page") or 1) + 1))
    root.attrib.pop("paging-cookie", None)
    if cookie:
        root.set("paging-cookie", cookie)
    return replace(query, fetch_xml=tostring(root, encoding="unicode"))


def _is_deeper(root: Element, levels: int) -> bool:
    row = [root]
    for _ in range(levels):
        row = [child for element in row for child in element]
    return bool(row)


def _bound(root: Element) -> None:
    """No more rows than can be shown, unless fewer are asked for."""
    for name in ("top", "count", "page"):
        given = root.get(name)
        if given is not None and not (
            given.isascii() and given.isdigit() and len(given) <= 4 and 1 <= int(given) <= MOST_ROWS
        ):
            raise BadInput(f"“{name}” is a number from 1 to {MOST_ROWS:,}.")
    if root.get("top") is None and root.get("count") is None and root.get("aggregate") != "true":
        root.set("count", str(SHOWN))


def _odata(text: str, entities: list[EntityName]) -> Query:
    text = _ROOT.sub("", "".join(text.splitlines()), count=1) if _ROOT.match(text) else text
    path, _, options = text.partition("?")
    found = _PATH.fullmatch(path.strip())
    if not found:
        raise BadInput(
            "Begin with the name of a set, as in accounts?$select=name. Functions and actions are not run here."
        )
    set_name = found["set"]
    if set_name not in {each.entity_set for each in entities}:
        raise BadInput(f"The environment has no set “{set_name[:60]}”.")
    params: dict[str, str] = {}
    if options.count("&") > MOST_OPTIONS:
        raise BadInput("The query has too many options.")
    for name, value in parse_qsl(options.replace("+", "%2B"), keep_blank_values=True):
        if name not in _OPTIONS:
            raise BadInput(f"“{name[:40]}” is not offered: use {', '.join(_OPTIONS)}.")
        params[name] = value
    top = params.get("$top", "")
    if top and not (top.isascii() and top.isdigit() and 1 <= int(top) <= MOST_ROWS):
        raise BadInput(f"$top is a number from 1 to {MOST_ROWS:,}.")
    return Query(set_name, path.strip(), params=params)
