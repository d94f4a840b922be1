"""Many records at once: the multiple messages, how many rows to send, and which row was the bad one.

On standard tables a multiple message is one transaction: one bad row undoes all. So what is refused is halved
until the bad rows are alone, and the good ones are in.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/bulk-operations
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from microsoft.errors import (
    CredentialRejected,
    InteractionRequired,
    NotAllowed,
    NotFound,
    OriginRefused,
    Refused,
    SignInExpired,
    Transient,
    Unauthorized,
)
from microsoft.odata import guid, name

from .batch import Batches, Part
from .records import keyed

FEW = 8  # so many rows are rather sent one by one than halved again
TOGETHER = 100
_CONCERNS_THE_CALLER = (Unauthorized, InteractionRequired, SignInExpired, CredentialRejected, OriginRefused)

Verdicts = list[Refused | None]


@dataclass(frozen=True)
class Row:
    """A record's id and the body to write, as `create` and `update` take it.

    With an `etag` it is changed only in that version, else refused as Conflict.
    """

    id: str
    body: Mapping[str, Any]
    etag: str = ""


@dataclass(frozen=True)
class KeyedRow:
    """The values of an alternate key (property → value) and the body beside them, as `upsert` takes them."""

    key: Mapping[str, object]
    body: Mapping[str, Any]


@dataclass
class Pace:
    """How many rows to send at once. Steered so that a request takes about `target` seconds."""

    size: int = 100
    target: float = 10.0
    most: int = 1000

    def learn(self, rows: int, seconds: float) -> None:
        """After a request that went through; `size` at most doubles or halves."""
        if rows * 2 < self.size:
            return  # a short last request says little
        wanted = rows * self.target / max(seconds, 0.001)
        self.size = int(max(1, min(self.most, self.size * 2, max(self.size / 2, wanted))))

    def slow_down(self) -> None:
        """After a request that was not answered in time."""
        self.size = max(1, self.size // 2)


@dataclass
class _Sending:
    """One multiple message and its way of one by one."""

    together: Callable[[Sequence[Any]], object]
    singly: Callable[[Sequence[Any]], Verdicts]
    pace: Pace = field(default_factory=Pace)

    def all(self, rows: Sequence[Any]) -> Verdicts:
        verdicts: Verdicts = []
        while len(verdicts) < len(rows):
            some = rows[len(verdicts) : len(verdicts) + self.pace.size]
            verdicts += self._send(some)
        return verdicts

    def _send(self, rows: Sequence[Any]) -> Verdicts:
        started = time.monotonic()
        try:
            self.together(rows)
        except Transient:
            self.pace.slow_down()
            raise
        except _CONCERNS_THE_CALLER:
            raise
        except NotAllowed:
            return self.one_by_one(rows)  # the table does not know the message
        except Refused:
            if len(rows) <= FEW:
                return self.one_by_one(rows)
            middle = len(rows) // 2
            return self._send(rows[:middle]) + self._send(rows[middle:])
        self.pace.learn(len(rows), time.monotonic() - started)
        return [None] * len(rows)

    def one_by_one(self, rows: Sequence[Any]) -> Verdicts:
        return [
            verdict
            for start in range(0, len(rows), TOGETHER)
            for verdict in self.singly(rows[start : start + TOGETHER])
        ]


class Bulk(Batches):
    """Rows in, a verdict for each row out: None, or why it was refused. Good rows are written in any case.

    Raises Transient and what concerns the caller rather than a row; then it is not known which rows were written,
    so use ids of your own and repeat. `pace` may be kept from one call to the next.
    """

    def create_rows(
        self, logical_name: str, set_name: str, primary_id: str, rows: Sequence[Row], pace: Pace | None = None
    ) -> Verdicts:
        """Create records under the given ids; one whose id is taken is refused as Duplicate."""

        def with_id(row: Row) -> dict[str, Any]:
            return {**row.body, primary_id: str(guid(row.id))}

        return _Sending(
            lambda some: self._multiple("CreateMultiple", logical_name, set_name, map(with_id, some)),
            lambda some: self._each([Part("POST", name(set_name), body=with_id(row)) for row in some]),
            pace or Pace(),
        ).all(rows)

    def update_rows(
        self, logical_name: str, set_name: str, primary_id: str, rows: Sequence[Row], pace: Pace | None = None
    ) -> Verdicts:
        """Change existing records; none is created. The multiple message knows no versions: such rows go in batches."""

        def with_id(row: Row) -> dict[str, Any]:
            return {**row.body, primary_id: str(guid(row.id))}

        def part(row: Row) -> Part:
            address = f"{name(set_name)}({guid(row.id)})"
            return Part("PATCH", address, body=dict(row.body), headers={"If-Match": row.etag or "*"})

        sending = _Sending(
            lambda some: self._multiple("UpdateMultiple", logical_name, set_name, map(with_id, some)),
            lambda some: self._each([part(row) for row in some]),
            pace or Pace(),
        )
        return sending.one_by_one(rows) if any(row.etag for row in rows) else sending.all(rows)

    def upsert_rows(
        self, logical_name: str, set_name: str, rows: Sequence[KeyedRow], pace: Pace | None = None
    ) -> Verdicts:
        """Change the records that have these alternate keys, create the others. Repeating it makes none twice."""

        def addressed(row: KeyedRow) -> dict[str, Any]:
            return {"@odata.id": keyed(set_name, row.key), **row.body}

        return _Sending(
            lambda some: self._multiple("UpsertMultiple", logical_name, set_name, map(addressed, some)),
            lambda some: self._each(
                [Part("PATCH", keyed(set_name, row.key), body=dict(row.body)) for row in some]
            ),
            pace or Pace(),
        ).all(rows)

    def delete_rows(self, set_name: str, ids: Sequence[str], etags: Sequence[str] = ()) -> Verdicts:
        """Delete records, up to 1,000, each in the version of its etag if there is one (else Conflict).

        Standard tables have no message for it, so it is a batch. One that is gone already is what was wanted.
        """
        parts = [
            Part("DELETE", f"{name(set_name)}({guid(each)})", headers={"If-Match": etag} if etag else {})
            for each, etag in zip(ids, etags or [""] * len(ids), strict=True)
        ]
        return [None if isinstance(verdict, NotFound) else verdict for verdict in self._each(parts)]

    def _multiple(self, message: str, logical_name: str, set_name: str, bodies: Any) -> None:
        kind = f"Microsoft.Dynamics.CRM.{name(logical_name)}"
        targets = [{"@odata.type": kind, **body} for body in bodies]
        self.call("POST", f"{name(set_name)}/Microsoft.Dynamics.CRM.{message}", body={"Targets": targets})

    def _each(self, parts: Sequence[Part]) -> Verdicts:
        verdicts: Verdicts = []
        for answer in self.batch(parts):
            if isinstance(answer, (Transient, *_CONCERNS_THE_CALLER)):
                raise answer
            verdicts.append(answer if isinstance(answer, Refused) else None)
        return verdicts
