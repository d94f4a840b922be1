"""Which prerequisites hold, and how to mend those that do not.

A check is a function that returns what it found in one line, or raises Ailing with the remedy. Apps put
theirs into <app>/doctor.py. They run in the order of their `rank`; a check whose ground is already known to
be missing is passed over.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.module_loading import autodiscover_modules

from core.redaction import redact_text

Check = Callable[[], str]


class Ailing(Exception):  # noqa: N818
    """A prerequisite does not hold: what is wrong, and how to mend it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True)
class Finding:
    name: str
    state: str  # ok, failed, or skipped
    what: str
    remedy: str = ""


@dataclass(frozen=True)
class _Registered:
    rank: int
    name: str
    check: Check
    needs: tuple[str, ...]


_checks: dict[str, _Registered] = {}


def check(name: str, *, rank: int, needs: tuple[str, ...] = ()) -> Callable[[Check], Check]:
    """Register a check; `needs` names those that must hold before it makes sense."""

    def register(function: Check) -> Check:
        _checks[name] = _Registered(rank, name, function, needs)
        return function

    return register


def examine() -> Iterator[Finding]:
    """Carry out all checks. Never raises: a check that breaks is a finding too."""
    import core.doctor.checks  # noqa: F401  registers ours

    autodiscover_modules("doctor")
    holding: set[str] = set()
    for registered in sorted(_checks.values(), key=lambda item: item.rank):
        finding = _carry_out(registered, holding)
        if finding.state == "ok":
            holding.add(registered.name)
        yield finding


def _carry_out(registered: _Registered, holding: set[str]) -> Finding:
    missing = [name for name in registered.needs if name not in holding]
    if missing:
        return Finding(registered.name, "skipped", f"needs: {', '.join(missing)}")
    try:
        return Finding(registered.name, "ok", redact_text(registered.check()))
    except Ailing as ailing:
        return Finding(registered.name, "failed", redact_text(ailing.what), ailing.remedy)
    except Exception as error:  # noqa: BLE001  it has to survive whatever is broken
        what = redact_text(f"{type(error).__name__}: {error}")
        return Finding(
            registered.name, "failed", what, "This is not a known case; the message above says more."
        )
