"""A structured filter in OData, with every name and value checked against the definition first."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from core.problems import BadInput
from integrations.definition import Attribute, Entity
from integrations.filters import LABELS, LISTS, RELATIVE, AllOf, Filter, Not, Operator, Where, operators_for
from integrations.kinds import DATES, EXACT, Kind, column, kind_of
from integrations.values.scalars import Unfit
from integrations.values.writing import checked
from microsoft import odata

# Dataverse's own bound is 500 conditions (0x8004430C); a list counts once per value.
MAX_CONDITIONS = 200
MAX_DAYS = 36_500


def odata_filter(entity: Entity, where: Filter | None) -> str:
    """The `$filter` text, or "" for no filter.

    Raises:
        BadInput: `fields` names each attribute that the integration lacks or that cannot be asked this.

    """
    if where is None:
        return ""
    conditions = list(_conditions(where))
    count = sum(_count(each) for each in conditions)
    if count > MAX_CONDITIONS:
        raise BadInput(f"The filter has {count} conditions; at most {MAX_CONDITIONS} are allowed.")
    errors: dict[str, str] = {}
    text = _group(entity, where, errors)
    if errors:
        first = next(iter(errors.items()))
        raise BadInput(f"The filter cannot be used. {first[0]}: {first[1]}", fields=errors)
    return text


def _count(where: Where) -> int:
    if where.operator in LISTS and isinstance(where.value, str):
        return where.value.count(",") + 1
    return len(where.value) if isinstance(where.value, list | tuple) else 1


def _conditions(where: Filter) -> Iterator[Where]:
    if isinstance(where, Where):
        yield where
    elif isinstance(where, Not):
        yield from _conditions(where.part)
    else:
        for part in where.parts:
            yield from _conditions(part)


def _group(entity: Entity, where: Filter, errors: dict[str, str]) -> str:
    if isinstance(where, Where):
        try:
            return _condition(entity, where)
        except Unfit as unfit:
            errors[where.attribute] = str(unfit)
            return ""
    if isinstance(where, Not):
        return odata.not_(_group(entity, where.part, errors))
    join = odata.and_ if isinstance(where, AllOf) else odata.or_
    return join(*(_group(entity, part, errors) for part in where.parts))


def _condition(entity: Entity, where: Where) -> str:
    attribute = entity.attribute(where.attribute)
    if attribute is None or not attribute.can_read:
        raise Unfit("The integration has no such attribute.")
    operator = where.operator
    if operator not in operators_for(attribute):
        raise Unfit(f"'{LABELS[operator]}' does not suit {kind_of(attribute).value}.")
    name = column(attribute)
    if operator in (Operator.EMPTY, Operator.NOT_EMPTY):
        return odata.compare(name, "eq" if operator is Operator.EMPTY else "ne", None)
    if operator in LISTS:
        return _list(attribute, name, operator, where.value)
    if operator is Operator.BETWEEN:
        return _between(attribute, name, where.value)
    if operator in _CALENDAR:
        return _calendar(attribute, operator, where.value)
    value = literal(attribute, where.value)
    if operator in _TEXT_FUNCTIONS:
        return _TEXT_FUNCTIONS[operator](name, _without_wildcards(str(value)))
    return odata.compare(name, operator.value, value)


def _list(attribute: Attribute, name: str, operator: Operator, value: Any) -> str:
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list | tuple | set | frozenset) or not given:
        raise Unfit("This takes a list of at least one value.")
    if operator is Operator.HAS_ANY or operator is Operator.HAS_NONE:
        function = "ContainValues" if operator is Operator.HAS_ANY else "DoesNotContainValues"
        return odata.query_function(function, attribute.logical_name, values=checked(attribute, list(given)))
    literals = [literal(attribute, item) for item in given]
    if operator is Operator.IN:
        return odata.or_(*(odata.eq(name, literal) for literal in literals))
    return odata.and_(*(odata.ne(name, literal) for literal in literals))


def _calendar(attribute: Attribute, operator: Operator, value: Any) -> str:
    """What Dataverse answers by the calendar, or by who is asking."""
    name = attribute.logical_name
    if operator in _SAYS_IT_ALL:
        return odata.query_function(_SAYS_IT_ALL[operator], name)
    if operator in _SPAN_FUNCTIONS:
        return odata.query_function(_SPAN_FUNCTIONS[operator], name, _days(value))
    return odata.query_function(_DAY_FUNCTIONS[operator], name, _day(value).isoformat())


def _between(attribute: Attribute, name: str, value: Any) -> str:
    """Both ends belong to it. Days are asked of Dataverse as days."""
    ends = value.split("..") if isinstance(value, str) else value
    if not isinstance(ends, list | tuple) or len(ends) != 2:
        raise Unfit("This takes two values: from and to.")
    if kind_of(attribute) in DATES:
        days = [_day(end).isoformat() for end in ends]
        return odata.query_function("Between", attribute.logical_name, values=days)
    least, most = (literal(attribute, end) for end in ends)
    return odata.and_(odata.compare(name, "ge", least), odata.compare(name, "le", most))


def literal(attribute: Attribute, value: Any) -> Any:
    """The value that a condition compares with. Bounds of length and range do not matter to a question.

    Raises:
        Unfit: it is no value of this attribute.

    """
    kind = kind_of(attribute)
    if kind is Kind.LOOKUP:
        target = (
            value if not isinstance(value, str) else {"entity": next(iter(attribute.targets)), "id": value}
        )
        return odata.guid(checked(attribute, target).id) if value else _nothing()
    loose = attribute.model_copy(
        update={"max_length": None, "minimum": None, "maximum": None}
        | ({"precision": 10} if kind in EXACT else {})
    )
    python = checked(loose, value)
    if python is None:
        return _nothing()
    return odata.guid(python) if kind is Kind.ID else python


def _nothing() -> Any:
    raise Unfit(f"Give a value, or ask '{LABELS[Operator.EMPTY]}'.")


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        raise Unfit("This must be a date without a time.")
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value).strip())
    except ValueError:
        raise Unfit("This must be a date, such as 2025-12-31.") from None


def _days(value: Any) -> int:
    text = str(value).strip()
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_DAYS:
        raise Unfit(f"This must be a number of days from 1 to {MAX_DAYS}.")
    return int(text)


def _without_wildcards(text: str) -> str:
    """Dataverse hands the text to SQL's LIKE, where these three mean something else."""
    return "".join(f"[{letter}]" if letter in "[%_" else letter for letter in text)


_DAY_FUNCTIONS = {
    Operator.ON: "On",
    Operator.ON_OR_BEFORE: "OnOrBefore",
    Operator.ON_OR_AFTER: "OnOrAfter",
}
_SPAN_FUNCTIONS = {Operator.LAST_DAYS: "LastXDays", Operator.NEXT_DAYS: "NextXDays"}
_SAYS_IT_ALL = {
    Operator.ME: "EqualUserId",
    Operator.NOT_ME: "NotEqualUserId",
    **{each: "".join(word.title() for word in each.split("_")) for each in RELATIVE},
}
_CALENDAR = {*_DAY_FUNCTIONS, *_SPAN_FUNCTIONS, *_SAYS_IT_ALL}
_TEXT_FUNCTIONS: dict[Operator, Callable[[str, str], str]] = {
    Operator.CONTAINS: odata.contains,
    Operator.NOT_CONTAINS: lambda name, text: odata.not_(odata.contains(name, text)),
    Operator.STARTS_WITH: odata.startswith,
    Operator.ENDS_WITH: odata.endswith,
}
