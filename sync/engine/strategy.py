"""By which way changes of an entity are found, and why that one."""

from dataclasses import dataclass
from enum import StrEnum


class Strategy(StrEnum):
    TRACKED = "tracked"
    WATERMARK = "watermark"
    FULL = "full"


WORDS = {
    Strategy.TRACKED: "Change tracking",
    Strategy.WATERMARK: "Time of change",
    Strategy.FULL: "Complete comparison",
}


@dataclass(frozen=True)
class Choice:
    strategy: Strategy
    reason: str

    @property
    def label(self) -> str:
        return WORDS[self.strategy]


def choose(wanted: str, *, tracked: bool, modified: bool) -> Choice:
    """The best way the entity offers, or the one that a person wants where it offers that. "" leaves it to us."""
    refused = ""
    if wanted == Strategy.TRACKED and not tracked:
        refused = "Change tracking was wanted, but is not enabled for this entity in Dynamics. "
    if wanted == Strategy.WATERMARK and not modified:
        refused = "The time of change was wanted, but this entity has none. "
    if wanted == Strategy.FULL:
        return Choice(Strategy.FULL, "Every run reads and compares everything, as it was set.")
    if tracked and wanted != Strategy.WATERMARK:
        return Choice(
            Strategy.TRACKED,
            f"{refused}Dynamics tracks changes of this entity: it says exactly what was created, changed and deleted.",
        )
    if modified:
        why = (
            "as it was set"
            if wanted == Strategy.WATERMARK
            else "Dynamics does not track changes of this entity"
        )
        return Choice(
            Strategy.WATERMARK,
            f"{refused}Records changed since the last run are read by their time of change ({why}); deleted ones are"
            " found by a complete comparison once a day.",
        )
    return Choice(
        Strategy.FULL,
        f"{refused}Dynamics neither tracks changes of this entity nor keeps a time of change, so every run reads and"
        " compares everything.",
    )
