"""Values of records as JSON that keeps every digit, for what is stored beside a change.

Decimals are text, moments ISO text, a link {"entity", "id", "label"}: what `integrations.values.checked` takes.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from integrations.records import Link


def plain(value: Any) -> Any:
    """The JSON for a value of a record."""
    if isinstance(value, Link):
        return {"entity": value.entity, "id": value.id, "label": value.label}
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value
