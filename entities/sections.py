"""A record's facts under headings, as people look for them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from entities.cells import Cell
from integrations.definition import Attribute
from integrations.kinds import Kind, kind_of

WHO = frozenset(
    {"createdon", "createdby", "modifiedon", "modifiedby", "createdonbehalfby", "modifiedonbehalfby"}
)
_REACH = ("telephone", "phone", "email", "website", "fax", "preferredcontact", "donot", "ftpsite")
_MONEY = (
    "revenue",
    "credit",
    "amount",
    "price",
    "discount",
    "tax",
    "budget",
    "cost",
    "currency",
    "marketcap",
)


@dataclass(frozen=True)
class Section:
    title: str
    cells: list[Cell]


def sections(pairs: Iterable[tuple[Attribute, Cell]]) -> list[Section]:
    """Only headings that have something below them. Who and when stands elsewhere; see `who_and_when`."""
    found: dict[str, list[Cell]] = {title: [] for title, _ in _HEADINGS}
    for attribute, cell in pairs:
        if attribute.logical_name in WHO:
            continue
        title = next(title for title, belongs in _HEADINGS if belongs(attribute))
        found[title].append(cell)
    return [
        Section(title, sorted(found[title], key=lambda each: each.is_long))
        for title in _ORDER
        if found.get(title)
    ]


def who_and_when(pairs: Iterable[tuple[Attribute, Cell]]) -> list[Cell]:
    order = ["createdon", "createdby", "modifiedon", "modifiedby"]
    known = {attribute.logical_name: cell for attribute, cell in pairs}
    return [known[name] for name in order if name in known]


def _named(words: tuple[str, ...]) -> Callable[[Attribute], bool]:
    return lambda attribute: any(word in attribute.logical_name for word in words)


_HEADINGS: list[tuple[str, Callable[[Attribute], bool]]] = [
    ("Address", lambda attribute: attribute.logical_name.startswith("address")),
    ("How to reach", _named(_REACH)),
    ("Money", lambda attribute: kind_of(attribute) is Kind.MONEY or _named(_MONEY)(attribute)),
    ("Texts", lambda attribute: kind_of(attribute) is Kind.LONG_TEXT),
    ("Details", lambda _attribute: True),
]
_ORDER = ("Details", "How to reach", "Address", "Money", "Texts")
