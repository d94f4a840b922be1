"""From a <condition> to a condition of the query tree: every operator with the values it wants.

https://learn.microsoft.com/power-apps/developer/data-platform/fetchxml/reference/operators
"""

from typing import Any

from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.fetchxml.element import Element, invalid
from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.query.calendar import FIXED, STEPS
from sandbox.dataverse.query.functions import MOST_VALUES
from sandbox.dataverse.query.literals import from_text
from sandbox.dataverse.query.operators import COMPARATORS, TEXT_KINDS
from sandbox.dataverse.query.tree import Condition, Filter, Not, Ref
from sandbox.dataverse.records.values import edm_type

PATTERNS = {
    "like": "{}",
    "begins-with": "{}%",
    "ends-with": "%{}",
    "not-like": "{}",
    "not-begin-with": "{}%",
    "not-end-with": "%{}",
}
ALIASES = {"neq": "ne"}
ABOUT_USERS = frozenset(
    {
        "eq-userid",
        "ne-userid",
        "eq-userteams",
        "eq-useroruserteams",
        "eq-useroruserhierarchy",
        "eq-useroruserhierarchyandteams",
        "eq-businessid",
        "ne-businessid",
    }
)
HIERARCHICAL = frozenset({"above", "eq-or-above", "under", "eq-or-under", "not-under"})
DATED = frozenset({"on", "not-on", "on-or-before", "on-or-after"})
FISCAL_ONE = frozenset({"in-fiscal-year", "in-fiscal-period"})
FISCAL_TWO = frozenset(
    {
        "in-fiscal-period-and-year",
        "in-or-before-fiscal-period-and-year",
        "in-or-after-fiscal-period-and-year",
    }
)
COUNTED = frozenset(
    {f"{when}-x-{unit}" for when in ("last", "next") for unit in STEPS if unit != "minutes"}
    | {f"olderthan-x-{unit}" for unit in STEPS if not unit.startswith("fiscal")}
)
LISTED = frozenset({"in", "not-in"})
RANGED = frozenset({"between", "not-between"})
MULTIPLE = frozenset({"contain-values", "not-contain-values"})
ABOUT_TIME = frozenset(FIXED) | COUNTED | DATED | FISCAL_ONE | FISCAL_TWO
IDENTIFIERS = frozenset({"Uniqueidentifier", "Lookup", "Customer", "Owner"})


WITHOUT_VALUE = frozenset(FIXED) | ABOUT_USERS | {"null", "not-null", "eq-userlanguage"}
WITH_STORED = frozenset(COMPARATORS) | DATED | HIERARCHICAL
WITH_NUMBER = COUNTED | FISCAL_ONE


def condition_filter(element: Element, ref: Ref) -> Filter:
    """The filter of a condition on a column. Raises a 400."""
    operator = element.need("operator").lower()
    operator = ALIASES.get(operator, operator)
    _check_kind(ref, operator)
    if operator in PATTERNS:
        found = Condition(ref, "like", (PATTERNS[operator].format(_single(element, _values(element))),))
        return Not(found) if operator.startswith("not") else found
    return Condition(ref, operator, _arguments(element, ref, operator, _values(element)))


def _arguments(element: Element, ref: Ref, operator: str, values: list[str]) -> tuple[Any, ...]:
    """The values of a condition in stored form, as many as its operator wants."""
    if operator in WITHOUT_VALUE:
        return ()
    if operator in WITH_STORED:
        return (_stored(ref, _single(element, values)),)
    if operator in WITH_NUMBER:
        return (_whole(ref, _single(element, values)),)
    if operator in LISTED or operator in RANGED:
        return _many(element, ref, operator, values)
    if operator in MULTIPLE or operator in FISCAL_TWO:
        if not values or (operator in FISCAL_TWO and len(values) != 2):
            raise _wrong_count(element, "two" if operator in FISCAL_TWO else "at least one")
        return tuple(_whole(ref, value) for value in values)
    raise invalid(f"The operator '{operator[:60]}' is not a valid condition operator.")


def _values(element: Element) -> list[str]:
    listed = [child.text for child in element.all("value")]
    value = element.get("value")
    return listed or ([value] if value is not None else [])


def _single(element: Element, values: list[str]) -> str:
    if len(values) != 1:
        raise _wrong_count(element, "one")
    return values[0]


def _wrong_count(element: Element, wanted: str) -> ApiError:
    name, operator = element.get("attribute"), element.get("operator")
    return ApiError(
        "InvalidArgument",
        f"The condition for the attribute '{name}' with the operator '{operator}' needs {wanted} value(s).",
    )


def _many(element: Element, ref: Ref, operator: str, values: list[str]) -> tuple[Any, ...]:
    if len(values) > MOST_VALUES:
        raise ApiError(
            "TooManyValues", f"The number of values in '{operator}' exceeded the maximum of {MOST_VALUES}."
        )
    if not values or (operator in RANGED and len(values) != 2):
        raise _wrong_count(element, "two" if operator in RANGED else "at least one")
    return tuple(_stored(ref, value) for value in values)


def _stored(ref: Ref, text: str) -> Any:
    try:
        return from_text(ref.column, text.strip() if ref.column.kind not in TEXT_KINDS else text)
    except (ValueError, OverflowError) as error:
        raise _wrong_type(ref, edm_type(ref.column)) from error


def _whole(ref: Ref, text: str) -> int:
    stripped = text.strip()
    if not (stripped.isascii() and stripped.lstrip("-").isdigit() and len(stripped) <= 10):
        raise _wrong_type(ref, "Edm.Int32")
    return int(stripped)


def _wrong_type(ref: Ref, wanted: str) -> ApiError:
    kind = wanted.replace("Edm.", "System.").replace("DateTimeOffset", "DateTime")
    return ApiError(
        "InvalidArgument",
        f"Condition for attribute '{ref.source.entity.name}.{ref.column.name}': expected argument(s) of a type "
        f"'{kind}' but received 'System.String'.",
    )


def _check_kind(ref: Ref, operator: str) -> None:
    if not _fits(ref.column, operator):
        raise ApiError(
            "InvalidArgument",
            f"The operator '{operator}' is not valid for the attribute '{ref.column.name}' of type {ref.column.kind}.",
        )


def _fits(column: Column, operator: str) -> bool:
    if operator in ABOUT_TIME:
        return column.kind == "DateTime"
    if operator in ABOUT_USERS or operator in HIERARCHICAL:
        return column.kind in IDENTIFIERS
    if operator in PATTERNS:
        return column.kind in TEXT_KINDS
    if operator in MULTIPLE:
        return column.kind == "MultiSelectPicklist"
    return True
