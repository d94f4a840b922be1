"""OData's query functions, Microsoft.Dynamics.CRM.*, as conditions.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/queryfunctions
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.dataverse.errors import ApiError, bad_query
from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.odata.tree import Literal, QueryFunction
from sandbox.dataverse.query.literals import from_text
from sandbox.dataverse.query.tree import Condition, Ref

PERIODS = ("Week", "Month", "Year", "FiscalYear", "FiscalPeriod")
UNITS = ("Hours", "Days", "Weeks", "Months", "Years")
SPECIAL = {
    "Last7Days": "last-seven-days",
    "Next7Days": "next-seven-days",
    "EqualUserId": "eq-userid",
    "NotEqualUserId": "ne-userid",
    "EqualUserTeams": "eq-userteams",
    "EqualUserOrUserTeams": "eq-useroruserteams",
    "EqualUserOrUserHierarchy": "eq-useroruserhierarchy",
    "EqualUserOrUserHierarchyAndTeams": "eq-useroruserhierarchyandteams",
    "EqualBusinessId": "eq-businessid",
    "NotEqualBusinessId": "ne-businessid",
    "EqualUserLanguage": "eq-userlanguage",
    "AboveOrEqual": "eq-or-above",
    "UnderOrEqual": "eq-or-under",
    "DoesNotContainValues": "not-contain-values",
}


def kebab(name: str) -> str:
    """LastXDays -> last-x-days; OlderThan is one word in FetchXML."""
    text = SPECIAL.get(name) or re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=X)(?=[A-Z])", "-", name).lower()
    return text.replace("older-than", "olderthan")


WITHOUT_VALUE = frozenset(
    ["Today", "Yesterday", "Tomorrow", "Last7Days", "Next7Days"]
    + [f"{when}{period}" for when in ("This", "Last", "Next") for period in PERIODS]
    + [name for name in SPECIAL if "User" in name or "Business" in name]
)
WITH_COUNT = frozenset(
    [f"{when}X{unit}" for when in ("Last", "Next", "OlderThan") for unit in UNITS]
    + ["OlderThanXMinutes", "InFiscalYear", "InFiscalPeriod"]
    + [f"{when}X{unit}" for when in ("Last", "Next") for unit in ("FiscalPeriods", "FiscalYears")]
)
WITH_VALUE = frozenset({"On", "OnOrBefore", "OnOrAfter"})
HIERARCHICAL = frozenset({"Above", "AboveOrEqual", "Under", "UnderOrEqual", "NotUnder"})
WITH_VALUES = frozenset({"In", "NotIn", "Between", "NotBetween", "ContainValues", "DoesNotContainValues"})
WITH_TWO = frozenset(
    {"InFiscalPeriodAndYear", "InOrBeforeFiscalPeriodAndYear", "InOrAfterFiscalPeriodAndYear"}
)
MOST_VALUES = 2000
LONGEST_VALUE = 850
DATE_ONLY = WITHOUT_VALUE.union(WITH_COUNT, WITH_VALUE, WITH_TWO).difference(
    name for name in SPECIAL if "User" in name or "Business" in name
)


def bind_function(node: QueryFunction, ref: Ref) -> Condition:
    """The condition of a query function on a column. Raises a 400."""
    name, operator = node.name, kebab(node.name)
    if name in DATE_ONLY and ref.column.kind != "DateTime":
        raise ApiError(
            "InvalidArgument", f"The operator '{name}' is not valid for the attribute '{ref.column.name}'."
        )
    if name in WITHOUT_VALUE:
        return Condition(ref, operator)
    if name in WITH_COUNT:
        return Condition(ref, operator, (_whole(node, "PropertyValue"),))
    if name in WITH_TWO:
        return Condition(ref, operator, (_whole(node, "PropertyValue1"), _whole(node, "PropertyValue2")))
    if name in WITH_VALUE or name in HIERARCHICAL:
        return Condition(ref, operator, (_value(ref.column, _parameter(node, "PropertyValue").value, name),))
    if name in WITH_VALUES:
        return Condition(ref, operator, _values(node, ref.column))
    raise bad_query(f"Resource not found for the segment 'Microsoft.Dynamics.CRM.{name}'.")


def _parameter(node: QueryFunction, name: str) -> Literal:
    found = node.parameters.get(name)
    if not isinstance(found, Literal) or found.value is None:
        raise bad_query(f"The function '{node.name}' needs the parameter {name}.")
    return found


def _whole(node: QueryFunction, name: str) -> int:
    try:
        value = Decimal(str(_parameter(node, name).value))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value != value.to_integral_value() or abs(value) > 10**9:
        raise bad_query(f"The parameter {name} of '{node.name}' must be a whole number.")
    return int(value)


def _value(column: Column, value: Any, function: str) -> Any:
    try:
        return from_text(column, value if isinstance(value, str) else str(value))
    except ValueError as error:
        raise ApiError(
            "InvalidArgument",
            f"The value '{value}' of the function '{function}' does not fit the attribute '{column.name}'.",
        ) from error


def _values(node: QueryFunction, column: Column) -> tuple[Any, ...]:
    found = _parameter(node, "PropertyValues")
    if found.kind != "array":
        raise bad_query(f"The function '{node.name}' needs the parameter PropertyValues as an array.")
    items: list[Any] = found.value
    if len(items) > MOST_VALUES:
        raise ApiError(
            "TooManyValues", f"The number of values in '{node.name}' exceeded the maximum of {MOST_VALUES}."
        )
    if any(isinstance(item, str) and len(item) > LONGEST_VALUE for item in items):
        raise ApiError(
            "InvalidArgument", f"A value of '{node.name}' is longer than {LONGEST_VALUE} characters."
        )
    if node.name.endswith("ContainValues"):
        return tuple(_choice_value(item, node.name) for item in items)
    values = tuple(_value(column, item, node.name) for item in items)
    if node.name.endswith("Between") and len(values) != 2:
        raise bad_query(f"The function '{node.name}' needs two values.")
    return values


def _choice_value(item: Any, function: str) -> int:
    try:
        return int(item)
    except (TypeError, ValueError) as error:
        raise ApiError(
            "InvalidArgument", f"The value '{item}' of '{function}' is not a choice value."
        ) from error
