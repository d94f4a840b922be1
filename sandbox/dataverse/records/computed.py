"""Values that the server fills in itself: names, addresses, owners, currencies, states."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.metadata.model import Option, label
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.records.decimals import load_decimal, load_money, store_decimal, store_money
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.storage import type_column

Values = dict[str, Any]
ADDRESSES = (1, 2, 3)


def full_name(values: Values) -> str | None:
    parts = [values.get("firstname"), values.get("lastname")]
    return " ".join(part for part in parts if part) or None


def composite(values: Values, number: int) -> str | None:
    """An address as an envelope has it."""
    part = {
        name: values.get(f"address{number}_{name}") for name in ("line1", "line2", "line3", "city", "country")
    }
    region = values.get(f"address{number}_stateorprovince"), values.get(f"address{number}_postalcode")
    place = ", ".join(filter(None, (part["city"], " ".join(filter(None, region)))))
    lines = [part["line1"], part["line2"], part["line3"], place, part["country"]]
    return "\r\n".join(line for line in lines if line) or None


def fill_names(entity: Entity, values: Values) -> None:
    """Full names and composed addresses follow their parts; `values` is the whole row."""
    if entity.primary_name == "fullname" and "firstname" in entity.columns:
        values["fullname"] = full_name(values) or values.get("fullname")
    for number in ADDRESSES:
        if f"address{number}_composite" in entity.columns:
            values[f"address{number}_composite"] = composite(values, number)


def fill_owner(session: Session, entity: Entity, values: Values) -> None:
    """The owner's kind and business unit follow the owner."""
    if not entity.has_owner:
        return
    owner = values["ownerid"]
    row = session.connection.execute(
        "SELECT kind, businessunitid FROM owner WHERE ownerid = ?", (owner,)
    ).fetchone()
    if row is None:
        raise ApiError("NotFound", f"systemuser With Id = {owner} Does Not Exist")
    values[type_column("ownerid")] = row[0]
    values["owninguser"] = owner if row[0] == "systemuser" else None
    values["owningteam"] = owner if row[0] == "team" else None
    values["owningbusinessunit"] = row[1]


def fill_currency(session: Session, entity: Entity, values: Values) -> None:
    """Amounts have a currency, its rate, and themselves in the organisation's currency."""
    money = [
        name
        for name, column in entity.columns.items()
        if column.kind == "Money" and not name.endswith("_base")
    ]
    if not money or "transactioncurrencyid" not in entity.columns:
        return
    if not values.get("transactioncurrencyid"):
        values["transactioncurrencyid"] = _default_currency(session)
    if "exchangerate" not in entity.columns:
        return
    rate = _rate(session, values["transactioncurrencyid"])
    values["exchangerate"] = store_decimal(rate)
    for name in money:
        if f"{name}_base" in entity.columns:
            values[f"{name}_base"] = base_amount(values.get(name), rate)


def base_amount(stored: int | None, rate: Decimal) -> int | None:
    return None if stored is None else store_money(load_money(stored) / rate)


def _default_currency(session: Session) -> str:
    row = session.connection.execute(
        "SELECT transactioncurrencyid FROM systemuser WHERE systemuserid = ?", (session.access.user_id,)
    ).fetchone()
    return (row[0] if row else None) or session.base_currency


def _rate(session: Session, currency: str) -> Decimal:
    row = session.connection.execute(
        "SELECT exchangerate FROM transactioncurrency WHERE transactioncurrencyid = ?", (currency,)
    ).fetchone()
    return load_decimal(row[0], 12) if row and row[0] else Decimal(1)


def fill_state(session: Session, entity: Entity, values: Values, given: Values) -> None:
    """State and reason belong together: one alone brings the other. Raises 400 for a pair that does not fit."""
    if "statecode" not in entity.columns or "statuscode" not in entity.columns:
        return
    states = session.snapshot.options(entity.columns["statecode"].choice or "")
    reasons = session.snapshot.options(entity.columns["statuscode"].choice or "")
    state, reason = given.get("statecode"), given.get("statuscode")
    if state is None and reason is not None and values.get("statecode") is None:
        state = reasons[reason].state if reason in reasons else None
    if state is None:
        state = values.get("statecode")
    if state is None:
        state = first_state(states)
    if reason is None:
        current = values.get("statuscode")
        fits = current is not None and current in reasons and reasons[current].state == state
        reason = current if fits else _first_reason(states, reasons, state)
    if reason is not None and reason in reasons and reasons[reason].state != state:
        raise ApiError(
            "InvalidState",
            f"{reason} is not a valid status code for state code "
            f"{entity.table.schema_name}State.{label(states[state].labels)} on {entity.name}.",
        )
    values["statecode"], values["statuscode"] = state, reason


def _first_reason(states: Mapping[int, Option], reasons: Mapping[int, Option], state: int) -> int | None:
    default = states[state].default_status if state in states else None
    if default in reasons:
        return default
    return next((value for value, option in sorted(reasons.items()) if option.state == state), None)


def first_state(states: Mapping[int, Option]) -> int:
    """The state that new rows have. Real environments list states in any order."""
    return 0 if 0 in states else min(states, default=0)


def fill_defaults(entity: Entity, values: Values) -> None:
    """What a new row has in choices and two-options nobody spoke about."""
    for column in entity.stored:
        if column.default is not None and values.get(column.name) is None:
            values[column.name] = column.default
    if entity.table.is_activity:  # an activity says which kind it is
        values["activitytypecode"] = entity.name
