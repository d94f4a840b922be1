"""What a destination can do, and what it may raise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.problems import Unavailable
from integrations.kinds import Kind
from sync.columns import Column
from sync.state import Part, State


class Fenced(Exception):  # noqa: N818
    """Another attempt has taken the mirror over: change nothing more."""


class DestinationLost(Unavailable):
    """It does not answer, or has no room; the same again later."""

    title = "The destination does not answer"
    usual_advice = "Check that it is running and has room. The sync goes on by itself where it stopped."


@dataclass(frozen=True)
class Counts:
    """What a publication changed for readers, and how many living rows they see now."""

    added: int = 0
    changed: int = 0
    deleted: int = 0
    rows: int = 0


@dataclass(frozen=True)
class Label:
    """One line of the table of labels."""

    attribute: str
    value: int
    label: str
    color: str = ""


class Store(Protocol):
    """The mirror of one entity. Whatever writes is refused with Fenced once another attempt has called `take`.

    The parts of a full reading are written by whoever has claimed them, several at a time where `shared` says so;
    `keep` is refused with Fenced once another attempt has claimed the part, or the reading was begun anew.

    Rows are tuples in the order of `columns`, decoded as `wire` says. Raises DestinationLost.
    """

    columns: tuple[Column, ...]
    shared: bool

    def wire(self, kind: Kind) -> Any:
        """What values of a kind are decoded to for this destination; see microsoft.dataverse.Field."""

    def take(self, owner: str) -> State:
        """From now on only this owner may write; the state as it was left."""

    def state(self) -> State:
        """As it was left, without taking it over."""

    def begin(self, state: State) -> None:
        """Empty the staging area and remember the state, together."""

    def write(self, rows: Sequence[tuple[Any, ...]], gone: Sequence[str], state: State) -> None:
        """Put rows into the staging area, take gone ids out, and remember the state, together."""

    def deal(self, parts: Sequence[Part], state: State) -> None:
        """Lay out the parts of a full reading, which nobody has yet, and remember the state, together."""

    def parts(self, load: str) -> list[Part]:
        """How far each part of a reading is."""

    def read_so_far(self, load: str) -> int:
        """How many rows of a reading are kept, by whomever."""

    def claim(self, part: Part, owner: str) -> bool:
        """Take a part over from whoever `part` says has it; False when it is somebody else's by now."""

    def keep(self, part: Part, rows: Sequence[tuple[Any, ...]], gone: Sequence[str]) -> None:
        """Put rows that it does not hold yet into the staging area, and remember how far the part is, together."""

    def settle(self, state: State) -> None:
        """Nothing fresh comes any more: do now what publishing would have to do with it, and remember the state."""

    def publish(self, state: State, *, full: bool, soft: bool, labels: Iterable[Label]) -> Counts:
        """Let readers see the staging area, and remember the state, together.

        With `full` the staging area holds everything: what is not in it is deleted. `soft` marks deleted rows
        instead of removing them.
        """

    def shape(self) -> list[tuple[str, str]]:
        """Names and kinds of the columns that readers see now; empty before the first publication."""

    def reset(self) -> None:
        """Forget how far it has come; the rows stay until the next full reading has been compared."""

    def drop(self) -> None:
        """Remove everything of this entity."""

    def close(self) -> None: ...
