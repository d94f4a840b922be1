"""How far an entity's mirror has come. It lies in the destination and commits with the rows it speaks of."""

from enum import StrEnum

import msgspec


class Phase(StrEnum):
    IDLE = "idle"
    KEYS = "keys"  # walking over all ids, for the token at the end and for where to cut
    LOAD = "load"  # reading everything, in parts
    CHANGES = "changes"  # reading what changed since the token or the watermark


class Mode(StrEnum):
    FULL = "full"  # everything is read and compared; what is no longer there is deleted
    CHANGES = "changes"


class Part(msgspec.Struct):
    """One range of a full reading, read independently of the others by the attempt that `owner` names.

    `load` is the reading it belongs to, `link` its next page, `token` the delta link behind its last one, `latest`
    the last moment of change in it.
    """

    load: str = ""
    position: int = 0
    owner: str = ""
    filter: str = ""
    link: str = ""
    token: str = ""
    latest: str = ""
    read: int = 0
    done: bool = False


class State(msgspec.Struct):
    """Everything that the next attempt, or the next run, has to know.

    `load` names a full reading, whose parts lie beside this document. `token` is the delta link, `watermark` the moment up to which changes are known (ISO, UTC) by `modifiedon`.
    `began` is when the reading began whose result the mirror shows once it is published; then it is `as_of`.
    """

    owner: str = ""
    phase: Phase = Phase.IDLE
    mode: Mode = Mode.FULL
    tracked: bool = False
    link: str = ""
    load: str = ""
    marks: list[str] = []
    token: str = ""
    watermark: str = ""
    latest: str = ""
    read: int = 0
    total: int = 0
    began: str = ""
    as_of: str = ""
    compared: str = ""
    shape: list[tuple[str, str]] = []  # the columns that are being filled: name, kind
    version: str = ""  # of the definition and metadata that the columns stand for

    def encoded(self) -> str:
        return msgspec.json.encode(self).decode()


def decoded(text: str | None) -> State:
    """The state that was written, or that of a mirror not begun. A document of another release begins anew."""
    if not text:
        return State()
    try:
        return msgspec.json.decode(text, type=State)
    except msgspec.ValidationError:
        return State()
