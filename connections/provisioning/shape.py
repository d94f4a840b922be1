"""The one shape of a step."""

from collections.abc import Callable
from dataclasses import dataclass

from connections.provisioning.work import Work


@dataclass(frozen=True)
class Outcome:
    """What a step came to. `found`: it was there already, nothing was created."""

    message: str
    found: bool = False


@dataclass(frozen=True)
class StepKind:
    """`ensure` may be called any number of times, and after a crash at any point of it.

    It raises `Transient` to be called again later, `Problem` or `MicrosoftError` when it cannot be done.
    """

    name: str
    title: str
    ensure: Callable[[Work], Outcome]
    identifier: str = ""  # the field of Identifiers that the page shows beside the step
