"""FetchXML as a tree of elements. No DTD, no entities, no depth without end; unknown elements are refused.

https://learn.microsoft.com/power-apps/developer/data-platform/fetchxml/reference/
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from sandbox.dataverse.errors import ApiError

DEEPEST = 40
SELECTING = {"attribute", "all-attributes", "order", "filter", "link-entity"}
CHILDREN: dict[str, set[str]] = {
    "": {"fetch"},
    "fetch": {"entity"},
    "entity": SELECTING,
    "link-entity": SELECTING,
    "filter": {"condition", "filter", "link-entity"},
    "condition": {"value"},
}
TRUE, FALSE = frozenset({"true", "1"}), frozenset({"false", "0", ""})


def invalid(message: str) -> ApiError:
    """FetchXML that does not say what it should."""
    return ApiError("FetchInvalid", message)


@dataclass
class Element:
    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    def all(self, *names: str) -> Iterator["Element"]:
        return (child for child in self.children if child.name in names)

    def get(self, name: str) -> str | None:
        return self.attributes.get(name)

    def need(self, name: str) -> str:
        """An attribute's value. Raises a 400 without one."""
        value = self.attributes.get(name)
        if not value:
            raise invalid(f"The attribute '{name}' of the element '{self.name}' is required.")
        return value

    def flag(self, name: str) -> bool:
        """A boolean attribute, false by default. Raises a 400 for anything else."""
        value = self.attributes.get(name, "").lower()
        if value not in TRUE | FALSE:
            raise invalid(f"The value '{value}' of the attribute '{name}' is not a boolean.")
        return value in TRUE

    def number(self, name: str, most: int) -> int | None:
        """A whole number from 0. Raises a 400 for anything else."""
        value = self.attributes.get(name)
        if value is None:
            return None
        if not (value.isascii() and value.isdigit() and len(value) < 10) or int(value) > most:
            raise invalid(f"The value '{value[:20]}' of the attribute '{name}' is not a number up to {most}.")
        return int(value)


class _Builder:
    """Receives expat's events."""

    def __init__(self) -> None:
        self.top = Element("")
        self.open = [self.top]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        parent = self.open[-1]
        allowed = CHILDREN.get(parent.name, set())
        if name not in allowed:
            valid = ", ".join(sorted(allowed)) or "none"
            raise invalid(f"Invalid Child Node, valid nodes are {valid}. NodeName = {name}")
        if len(self.open) > DEEPEST:
            raise invalid("The FetchXML is nested too deeply.")
        element = Element(name, attributes)
        parent.children.append(element)
        self.open.append(element)

    def end(self, _name: str) -> None:
        self.open.pop()

    def data(self, text: str) -> None:
        self.open[-1].text += text

    def doctype(self, *_: object) -> None:
        raise invalid("For security reasons DTD is prohibited in this XML document.")


def parse(text: str) -> Element:
    """The <fetch> element. Raises a 400 for whatever is not well-formed FetchXML."""
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = builder.doctype
    try:
        parser.Parse(text.strip().encode("utf-8", "replace"), True)
    except (expat.ExpatError, ValueError) as error:
        raise invalid(f"Invalid XML. {error}") from error
    fetch = builder.top.children[0]
    if len(list(fetch.all("entity"))) != 1:
        raise invalid("The element 'fetch' must have exactly one element 'entity'.")
    return fetch
