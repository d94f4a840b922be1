"""From the JSON of a payload to stored values, with the checks that Dataverse makes."""

import base64
import binascii
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.dataverse.errors import ApiError, bad_payload
from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.metadata.snapshot import Snapshot
from sandbox.dataverse.query.literals import as_guid, stored_date
from sandbox.dataverse.records.decimals import store_decimal, store_money
from sandbox.dataverse.records.values import edm_type

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MOST_SELECTED = 150
INT64 = 2**63


def wrong_type(column: Column, value: Any) -> ApiError:
    shown = str(value)[:100]
    return bad_payload(
        "An error occurred while validating input parameters: Microsoft.OData.ODataException: "
        f"Cannot convert the literal '{shown}' to the expected type '{edm_type(column)}'."
    )


def encode(column: Column, value: Any, snapshot: Snapshot) -> Any:
    """The stored form of a JSON value. Raises the 400 that says what is wrong with it."""
    if value is None:
        return None
    encoder = ENCODERS.get(column.kind)
    if encoder is not None:
        return encoder(column, value)
    if column.kind in {"Picklist", "State", "Status"}:
        return _option(column, value, snapshot)
    if column.kind == "MultiSelectPicklist":
        return _options(column, value, snapshot)
    raise bad_payload(f"The property '{column.name}' cannot be written this way.")


def _text(column: Column, value: Any) -> str | None:
    if not isinstance(value, str):
        raise wrong_type(column, value)
    if UNPRINTABLE.search(value):
        raise ApiError(
            "InvalidCharacters", f"The text of the attribute '{column.name}' contains invalid characters."
        )
    if column.max_length is not None and _units(value) > column.max_length:
        raise ApiError(
            "TextTooLong",
            f"A validation error occurred. The length of the '{column.name}' attribute of the '{column.table}' "
            f"entity exceeded the maximum allowed length of '{column.max_length}'.",
        )
    return value or None


def _units(text: str) -> int:
    """Length as SQL Server and .NET count it, in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _whole(column: Column, value: Any) -> int:
    number = _number(column, value)
    if number != number.to_integral_value():
        raise wrong_type(column, value)
    if not -INT64 < number < INT64:
        raise _out_of_range(column, value)
    _check_range(column, number)
    return int(number)


def _number(column: Column, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise wrong_type(column, value)
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > 400:
        raise wrong_type(column, value)
    return number


def _check_range(column: Column, number: Decimal) -> None:
    low, high = column.minimum, column.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        raise _out_of_range(column, number)


def _out_of_range(column: Column, value: Any) -> ApiError:
    return ApiError(
        "NumberOutOfRange",
        f"A validation error occurred. The value {str(value)[:60]} of '{column.name}' on record of type "
        f"'{column.table}' is outside the valid range.",
    )


def _money(column: Column, value: Any) -> int:
    number = _number(column, value)
    _check_range(column, number)
    return store_money(number)


def _decimal(column: Column, value: Any) -> str:
    number = _number(column, value)
    _check_range(column, number)
    return store_decimal(round(number, column.precision or 0))


def _double(column: Column, value: Any) -> float:
    number = _number(column, value)
    _check_range(column, number)
    return float(number)


def _boolean(column: Column, value: Any) -> int:
    if not isinstance(value, bool):
        raise wrong_type(column, value)
    return int(value)


def _moment(column: Column, value: Any) -> str:
    # A column of dates takes no moments, not even midnight.
    if not isinstance(value, str) or (column.is_date_only and len(value) > len("2000-02-28")):
        raise wrong_type(column, value)
    try:
        return stored_date(column, value)
    except (ValueError, OverflowError) as error:
        if re.match(r"\d{4}-\d\d-\d\d", value):
            raise ApiError(
                "DateInvalid",
                f"The date-time format for {value[:40]} is invalid, or value is outside the supported range.",
            ) from error
        raise wrong_type(column, value) from error


def _guid(column: Column, value: Any) -> str:
    found = as_guid(value) if isinstance(value, str) else None
    if not found:
        raise wrong_type(column, value)
    return found


def _image(column: Column, value: Any) -> str:
    try:
        base64.b64decode(value if isinstance(value, str) else "?", validate=True)
    except (binascii.Error, ValueError) as error:
        raise wrong_type(column, value) from error
    return str(value)


def _option(column: Column, value: Any, snapshot: Snapshot) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(column, value)
    options = snapshot.options(column.choice or "")
    # A choice whose options nobody told (an imported schema may lack them) takes any number.
    if value not in options and column.choice:
        accepted = ",".join(str(known) for known in options)
        raise ApiError(
            "OptionInvalid",
            f"A validation error occurred. The value {value} of '{column.name}' on record of type '{column.table}' "
            f"is outside the valid range. Accepted Values: {accepted}",
        )
    return value


def _options(column: Column, value: Any, snapshot: Snapshot) -> str | None:
    """A comma list in a string, kept sorted."""
    if not isinstance(value, str):
        raise wrong_type(column, value)
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if len(parts) > MOST_SELECTED:
        raise ApiError(
            "OptionsTooMany", f"The attribute '{column.name}' cannot have more than {MOST_SELECTED} values."
        )
    if not all(part.lstrip("-").isdigit() and part.isascii() for part in parts):
        raise wrong_type(column, value)
    values = sorted({_option(column, int(part), snapshot) for part in parts})
    return ",".join(map(str, values)) or None


ENCODERS: dict[str, Callable[[Column, Any], Any]] = {
    "String": _text,
    "Memo": _text,
    "EntityName": _text,
    "Integer": _whole,
    "BigInt": _whole,
    "Money": _money,
    "Decimal": _decimal,
    "Double": _double,
    "Boolean": _boolean,
    "DateTime": _moment,
    "Uniqueidentifier": _guid,
    "Image": _image,
}
