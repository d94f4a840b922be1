"""One condition as SQL. Each function takes the SQL of the compared column and gives text and parameters."""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sandbox.dataverse.errors import bad_query
from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.query.calendar import Calendar, Stretch, fiscal, is_relative, stretch
from sandbox.dataverse.records.dates import store_moment
from sandbox.dataverse.storage import quoted


class Sql(NamedTuple):
    """A piece of a statement and its parameters, in order."""

    text: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Viewpoint:
    """Who asks, and when: what operators like eq-userid and today depend on."""

    now: datetime
    user_id: str
    business_unit_id: str
    team_ids: tuple[str, ...] = ()
    language: int = 1033

    @property
    def calendar(self) -> Calendar:
        return Calendar(self.now)


COMPARATORS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
TEXT_KINDS = frozenset({"String", "Memo", "EntityName"})


def members(values: tuple[Any, ...] | list[Any]) -> Sql:
    """A list of any length as one parameter."""
    return Sql("(SELECT value FROM json_each(?))", (json.dumps(list(values)),))


def compare(expression: str, column: Column, operator: str, value: Any) -> Sql:
    """eq, ne, gt, ge, lt, le. Differs from null: `ne` includes rows without a value."""
    sign = COMPARATORS[operator]
    if value is None:
        if operator not in {"eq", "ne"}:
            return Sql("0")
        return Sql(f"{expression} IS {'NOT ' if operator == 'ne' else ''}NULL")
    left, right = expression, "?"
    if column.kind in TEXT_KINDS and not str(value).isascii():
        left, right = f"fold({expression})", "fold(?)"
    if operator == "ne":
        return Sql(f"({left} {sign} {right} OR {expression} IS NULL)", (value,))
    return Sql(f"{left} {sign} {right}", (value,))


def like(expression: str, pattern: str) -> Sql:
    """SQL Server's LIKE. SQLite's own knows neither character classes nor case beyond ASCII."""
    if "[" in pattern or not pattern.isascii():
        return Sql(f"matches({expression}, ?)", (pattern,))
    return Sql(f"{expression} LIKE ?", (pattern,))


def contained(expression: str, values: tuple[Any, ...]) -> Sql:
    """Does a multi-select hold one of the values?"""
    parts = [f"(',' || {expression} || ',') LIKE ?" for _ in values]
    return Sql(f"({' OR '.join(parts) or '0'})", tuple(f"%,{int(value)},%" for value in values))


def within(expression: str, column: Column, span: Stretch) -> Sql:
    """Between two moments, the second excluded."""
    parts, params = [], []
    for sign, moment in zip((">=", "<"), span, strict=True):
        if moment is not None:
            parts.append(f"{expression} {sign} ?")
            params.append(bound(column, moment, upper=sign == "<"))
    return Sql(f"({' AND '.join(parts)})", tuple(params))


def bound(column: Column, moment: datetime, *, upper: bool) -> str:
    if not column.is_date_only:
        return store_moment(moment.astimezone(UTC))
    has_time = (moment.hour, moment.minute, moment.second) != (0, 0, 0)
    # A day that has begun counts wholly.
    return moment.date().isoformat() + ("~" if upper and has_time else "")


def day_of(value: str, viewpoint: Viewpoint) -> Stretch:
    calendar = viewpoint.calendar
    year, month, day = (int(part) for part in value[:10].split("-"))
    start = calendar.today.replace(day=1, month=month, year=year).replace(day=day)
    return start, Calendar(start, calendar.today.tzinfo or UTC).days(1)


def dated(
    expression: str, column: Column, operator: str, values: tuple[Any, ...], viewpoint: Viewpoint
) -> Sql:
    """on, not-on, on-or-before, on-or-after."""
    start, end = day_of(values[0], viewpoint)
    if operator == "on-or-before":
        return within(expression, column, (None, end))
    if operator == "on-or-after":
        return within(expression, column, (start, None))
    found = within(expression, column, (start, end))
    return found if operator == "on" else Sql(f"NOT coalesce({found.text}, 0)", found.params)


def hierarchy(expression: str, tree: tuple[str, str, str], operator: str, value: str) -> Sql:
    """Above and below a row of a tree: its table, key and parent column. UNION ends at cycles."""
    table, key, parent = (quoted(name) for name in tree)
    downwards = "under" in operator
    step = (
        f"SELECT r.{key} FROM {table} r JOIN chain ON r.{parent} = chain.id"
        if downwards
        else f"SELECT r.{parent} FROM {table} r JOIN chain ON r.{key} = chain.id WHERE r.{parent} IS NOT NULL"
    )
    itself = "" if operator.startswith("eq-or") else " WHERE id <> ?"
    text = f"(WITH RECURSIVE chain(id) AS (VALUES (?) UNION {step}) SELECT id FROM chain{itself})"
    params = (value,) if not itself else (value, value)
    negated = " NOT" if operator.startswith("not") else ""
    return Sql(f"{expression}{negated} IN {text}", params)


def _user_conditions(expression: str, operator: str, viewpoint: Viewpoint) -> Sql | None:
    """Operators about the caller."""
    plain: dict[str, tuple[str, ...]] = {
        "eq-userid": (viewpoint.user_id,),
        "eq-businessid": (viewpoint.business_unit_id,),
        "eq-userteams": viewpoint.team_ids,
        "eq-useroruserteams": (viewpoint.user_id, *viewpoint.team_ids),
    }
    negated = {"ne-userid": "eq-userid", "ne-businessid": "eq-businessid"}.get(operator)
    if operator == "eq-userlanguage":
        return Sql(f"{expression} = ?", (viewpoint.language,))
    if operator.startswith("eq-useroruserhierarchy"):
        below = hierarchy(
            expression, ("systemuser", "systemuserid", "parentsystemuserid"), "eq-or-under", viewpoint.user_id
        )
        if not operator.endswith("andteams"):
            return below
        teams = members(viewpoint.team_ids)
        return Sql(f"({below.text} OR {expression} IN {teams.text})", below.params + teams.params)
    values = plain.get(negated or operator)
    if values is None:
        return None
    listed = members(values)
    if negated:
        return Sql(f"({expression} NOT IN {listed.text} OR {expression} IS NULL)", listed.params)
    return Sql(f"{expression} IN {listed.text}", listed.params)


def _listed(expression: str, column: Column, values: tuple[Any, ...], *, negated: bool) -> Sql:
    found = members(values)
    # A text column compares without case, but only where its own collation leads.
    collate = " COLLATE NOCASE" if column.kind in TEXT_KINDS else ""
    text = (
        f"{expression} IN (SELECT value{collate} FROM json_each(?))"
        if collate
        else f"{expression} IN {found.text}"
    )
    return Sql(f"({expression} IS NULL OR NOT {text})" if negated else text, found.params)


def _ranged(expression: str, values: tuple[Any, ...], *, negated: bool) -> Sql:
    if len(values) != 2:
        raise bad_query("The Between operator needs two values.")
    return Sql(f"{expression} {'NOT ' if negated else ''}BETWEEN ? AND ?", tuple(values))


SIMPLE: dict[str, Callable[[str, Column, tuple[Any, ...]], Sql]] = {
    "null": lambda e, _c, _v: Sql(f"{e} IS NULL"),
    "not-null": lambda e, _c, _v: Sql(f"{e} IS NOT NULL"),
    "like": lambda e, _c, v: like(e, v[0]),
    "not-like": lambda e, _c, v: Sql(f"NOT coalesce({like(e, v[0]).text}, 0)", (v[0],)),
    "in": lambda e, c, v: _listed(e, c, v, negated=False),
    "not-in": lambda e, c, v: _listed(e, c, v, negated=True),
    "between": lambda e, _c, v: _ranged(e, v, negated=False),
    "not-between": lambda e, _c, v: _ranged(e, v, negated=True),
    "contain-values": lambda e, _c, v: contained(e, v),
    "not-contain-values": lambda e, _c, v: Sql(
        f"NOT coalesce({contained(e, v).text}, 0)", contained(e, v).params
    ),
}
DATED = frozenset({"on", "not-on", "on-or-before", "on-or-after"})


def condition(
    expression: str, column: Column, operator: str, values: tuple[Any, ...], viewpoint: Viewpoint
) -> Sql:
    """Any operator but the hierarchical ones, which need the table."""
    if operator in COMPARATORS:
        return compare(expression, column, operator, values[0])
    if operator in SIMPLE:
        return SIMPLE[operator](expression, column, values)
    if operator in DATED:
        return dated(expression, column, operator, values, viewpoint)
    if is_relative(operator):
        return within(expression, column, stretch(viewpoint.calendar, operator, values[0] if values else 0))
    if operator.startswith("in-"):
        return within(expression, column, fiscal(operator, viewpoint.calendar, values))
    found = _user_conditions(expression, operator, viewpoint)
    if found is None:
        raise bad_query(f"The operator '{operator}' is not supported.")
    return found
