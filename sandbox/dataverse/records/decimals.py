"""Exact numbers in SQLite, which has none of its own, and their sums."""

from decimal import Decimal, localcontext
from functools import lru_cache

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


@lru_cache(maxsize=10_000)
def load_decimal(stored: str, precision: int) -> Decimal:
    """The number with so many decimal places, as the wire shows it. Rates recur on every row."""
    scaled = int(stored[1:]) - (0 if stored[0] == "1" else OFFSET)
    with localcontext() as context:
        context.prec = 60
        return Decimal(scaled).scaleb(-DECIMAL_SCALE).quantize(Decimal(1).scaleb(-precision))


WIDE = 60


def store_wide(scaled: int) -> str:
    """A number of 10^-12 units as text that sorts as numbers do; room for sums of 50,000 of the largest."""
    return f"1{scaled:0{WIDE}d}" if scaled >= 0 else f"0{10**WIDE + scaled:0{WIDE}d}"


def load_wide(stored: str) -> Decimal:
    scaled = int(stored[1:]) - (0 if stored[0] == "1" else 10**WIDE)
    with localcontext() as context:
        context.prec = WIDE + DECIMAL_SCALE
        return Decimal(scaled).scaleb(-DECIMAL_SCALE)


class ExactSum:
    """SQL aggregate exact_sum(value, scale): integers of so many decimal places, or stored decimals."""

    def __init__(self) -> None:
        self.total = 0
        self.count = 0

    def step(self, value: int | str | None, scale: int) -> None:
        if value is None:
            return
        if isinstance(value, str):
            self.total += int(value[1:]) - (0 if value[0] == "1" else OFFSET)
        else:
            self.total += value * 10 ** (DECIMAL_SCALE - scale)
        self.count += 1

    def finalize(self) -> str | None:
        return store_wide(self.total) if self.count else None


class ExactAverage(ExactSum):
    """SQL aggregate exact_avg(value, scale)."""

    def finalize(self) -> str | None:
        if not self.count:
            return None
        with localcontext() as context:
            context.prec = WIDE + DECIMAL_SCALE
            mean = Decimal(self.total) / self.count
            return store_wide(int(mean.to_integral_value(rounding="ROUND_HALF_EVEN")))
