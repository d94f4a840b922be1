"""Exact numbers in SQLite, which has none of its own."""

from decimal import Decimal, localcontext

MONEY_SCALE = 4
DECIMAL_SCALE = 12
WIDTH = 27
OFFSET = 10**WIDTH


def _scaled(value: Decimal, scale: int) -> int:
    with localcontext() as context:
        context.prec = 60
        return int(value.scaleb(scale).to_integral_value(rounding="ROUND_HALF_EVEN"))


def store_money(value: Decimal) -> int:
    """Ten-thousandths."""
    return _scaled(value, MONEY_SCALE)


def load_money(stored: int) -> Decimal:
    return Decimal(stored).scaleb(-MONEY_SCALE)


def store_decimal(value: Decimal) -> str:
    """Text of fixed width whose order is the numbers' order: the sign first, negatives as complement."""
    scaled = _scaled(value, DECIMAL_SCALE)
    return f"1{scaled:0{WIDTH}d}" if scaled >= 0 else f"0{OFFSET + scaled:0{WIDTH}d}"


def load_decimal(stored: str, precision: int) -> Decimal:
    """The number with so many decimal places, as the wire shows it."""
    scaled = int(stored[1:]) - (0 if stored[0] == "1" else OFFSET)
    with localcontext() as context:
        context.prec = 60
        return Decimal(scaled).scaleb(-DECIMAL_SCALE).quantize(Decimal(1).scaleb(-precision))
