"""Names in generated code: valid, conventional, and each used once."""

import keyword
import re
import unicodedata
from collections.abc import Callable, Iterable
from itertools import chain, count

Beside = Callable[[str], Iterable[str]]

# What a generated module uses itself; an attribute of that name gets an underscore.
TYPES = frozenset({"str", "int", "float", "bool", "tuple", "dt"})


class Names:
    """Gives each name out once, with a number where somebody has it already."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {each.lower() for each in taken}

    def give(self, name: str, suffix: str = "", beside: Beside = lambda _name: ()) -> str:
        """The name, with the suffix and then a number appended as far as needed.

        `beside` says which other names come along with one, so that all of them are free.
        """
        stem = name + suffix
        candidates = chain([name, stem], (f"{stem}{number}" for number in count(2)))
        for candidate in candidates:
            wanted = {each.lower() for each in (candidate, *beside(candidate))}
            if not wanted & self._taken:
                self._taken |= wanted
                return candidate
        raise AssertionError("unreachable: numbers do not end")


def class_name(name: str) -> str:
    """`sales_order` becomes `SalesOrder`, `salesOrder` stays readable too."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_") if part) or "Record"


def plural(name: str) -> str:
    """Several of them, as English mostly has it."""
    if name.endswith("s") and not name.endswith("ss"):
        return name
    if re.search(r"(x|z|ch|sh|ss)$", name):
        return f"{name}es"
    if re.search(r"[^aeiou]y$", name):
        return f"{name[:-1]}ies"
    return f"{name}s"


def member_name(label: str, value: int) -> str:
    """The name of a choice: its label in capitals, or its number where nothing readable is left."""
    plain = unicodedata.normalize("NFKD", label.casefold()).encode("ascii", "ignore").decode().upper()
    name = re.sub(r"[^A-Z0-9]+", "_", plain).strip("_")
    if not name:
        return f"VALUE_{value}".replace("-", "MINUS_")
    return name if name[0].isalpha() else f"_{name}".replace("_", "N", 1)


def attribute_name(name: str, reserved: Iterable[str] = ()) -> str:
    """An attribute in Python; where its name means something to the module itself, with an underscore."""
    return f"{name}_" if name in TYPES or name in reserved or keyword.iskeyword(name) else name
