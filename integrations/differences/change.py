"""One difference between two definitions."""

from dataclasses import asdict, dataclass
from typing import Any

UNDISTURBED = "Programs that do not know it go on as before."
UNNOTICED = "No program sees this."


@dataclass(frozen=True)
class Change:
    """`what` is added, removed or changed; `breaking` whether a program written before is hurt, `reason` why."""

    what: str
    subject: str
    detail: str = ""
    breaking: bool = False
    reason: str = ""

    @property
    def is_noticed(self) -> bool:
        """Whether any program or person could notice it."""
        return self.reason != UNNOTICED

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def added(subject: str, detail: str, reason: str = UNDISTURBED, *, breaking: bool = False) -> Change:
    return Change("added", subject, detail, breaking, reason)


def removed(subject: str, detail: str, reason: str) -> Change:
    """Whatever is taken away hurts."""
    return Change("removed", subject, detail, True, reason)


def changed(
    subject: str, detail: str, *, breaking: bool = False, hurts: str = "", harmless: str = UNDISTURBED
) -> Change:
    """A change that hurts for the one reason, or is harmless for the other."""
    return Change("changed", subject, detail, breaking, hurts if breaking else harmless)
