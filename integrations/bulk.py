"""Many records of one entity at once, through the same gate as single ones.

    many = BulkOperations(service.entity("account"))
    problems = many.create([Draft(my_id, {"name": "Coffee & Co"}), …])   # None, or why that row was refused

What is good is written whatever the rest is. Ids are the caller's, so that repeating after a crash makes no record
twice. What concerns all rows (a missing role, a service that does not answer) is raised.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import quote

from accounts import audit
from core.problems import BadInput, Problem, problem_from
from integrations.definition import ActsAs, Attribute, Operation
from integrations.filters import AllOf, AnyOf, Operator, Where
from integrations.keying import key_values, upsert_body
from integrations.kinds import column
from integrations.operations import EntityOperations
from integrations.records import Link, Record
from integrations.searching.conditions import odata_filter
from integrations.searching.query import columns, selected
from integrations.values import body_for, record_reader, value_reader
from microsoft import odata
from microsoft.dataverse import Dataverse, KeyedRow, Pace, Row, Verdicts
from microsoft.errors import Refused

AT_ONCE = 200  # ids in one filter; more would not fit into an address
TEXTS_AT_ONCE = 40
LONGEST_FILTER = 20_000  # characters as they travel
NO_VERSIONS = "0x8006088d"  # the table does without optimistic concurrency

Problems = list[Problem | None]


@dataclass(frozen=True)
class Draft:
    """A record's id and values, by the integration's names, as `EntityOperations.create` takes them.

    With the `version` (etag) that was read, a change by somebody else since then is a Clash.
    """

    id: str
    values: Mapping[str, Any]
    version: str = ""


@dataclass
class BulkOperations:
    """Made anew for each run; `pace` learns how many rows the server takes at once."""

    operations: EntityOperations
    pace: Pace = field(default_factory=Pace)

    @cached_property
    def client(self) -> Dataverse:
        service = self.operations.service
        if service.definition.acts_as is ActsAs.APPLICATION:
            # People who wait at a page go first.
            return service.binding.connection.dataverse(priority="background")
        return service.client

    def create(self, rows: Sequence[Draft]) -> Problems:
        """Create records under the given ids; a taken one is a Clash with the cause Duplicate."""
        self.operations.require(Operation.CREATE)
        return self._write("created", rows, creating=True)

    def update(self, rows: Sequence[Draft]) -> Problems:
        """Change records; the last writer wins, but where a version is given."""
        self.operations.require(Operation.UPDATE)
        return _despite_versions(rows, lambda some: self._write("changed", some, creating=False))

    def upsert(self, key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Problems:
        """Change the records with the values of this alternate key, or create them. Each row holds the key as well."""
        for operation in (Operation.CREATE, Operation.UPDATE):
            self.operations.require(operation)
        entity = self.operations.entity

        def made(values: Mapping[str, Any]) -> KeyedRow:
            address = {name: values.get(name) for name in key}
            beside = {name: value for name, value in values.items() if name not in address}
            return KeyedRow(key_values(entity, address), upsert_body(entity, address, beside))

        def send(ready: Sequence[KeyedRow]) -> Verdicts:
            return self.client.upsert_rows(entity.logical_name, entity.entity_set, ready, self.pace)

        names = sorted({name for row in rows for name in row})
        return self._sent("created or changed", names, rows, made, send)

    def delete(self, rows: Sequence[Draft]) -> Problems:
        """Delete records, whatever their values; one that is gone already is no problem."""
        self.operations.require(Operation.DELETE)
        return _despite_versions(rows, self._delete) if rows else []

    def read(self, ids: Sequence[str], select: Sequence[str] | None = None) -> dict[str, Record]:
        """The records with these ids, by id; those that are not there are left out."""
        self.operations.require(Operation.GET)
        entity = self.operations.entity
        chosen = selected(entity, select)
        read = record_reader(entity, chosen)
        found: dict[str, Record] = {}
        for raw in self._raw(
            entity.primary_id, [str(each) for each in ids], columns(entity, chosen), AT_ONCE
        ):
            record = read(raw)
            found[record.id] = record
        return found

    def existing(self, ids: Sequence[str]) -> set[str]:
        """Which of these ids are taken."""
        primary = self.operations.entity.primary_id
        return {str(raw[primary]).lower() for raw in self._raw(primary, ids, (primary,), AT_ONCE)}

    def versions(self, ids: Sequence[str]) -> dict[str, str]:
        """Their versions (etags) by id; those that are not there are left out."""
        primary = self.operations.entity.primary_id
        return {
            str(raw[primary]).lower(): str(raw.get("@odata.etag", ""))
            for raw in self._raw(primary, ids, (primary,), AT_ONCE)
        }

    def find(self, attribute: Attribute, values: Sequence[Any]) -> dict[str, list[str]]:
        """The ids of the records that have each of these values, by `folded` value; None is not looked for."""
        self.operations.require(Operation.SEARCH)
        entity, value_of = self.operations.entity, value_reader(attribute)
        found: dict[str, list[str]] = {folded(value): [] for value in values if value is not None}
        for some in _portions([value for value in values if value is not None]):
            text = odata_filter(entity, Where(attribute.name, Operator.IN, some))
            with self.operations.service.reaching():
                for page in self.client.pages(
                    entity.entity_set, select=(entity.primary_id, column(attribute)), filter=text
                ):
                    for raw in page.records:
                        key = folded(value_of(raw))
                        if key in found:
                            found[key].append(str(raw[entity.primary_id]).lower())
        return found

    def find_by(
        self, attributes: Sequence[Attribute], keys: Sequence[tuple[Any, ...]]
    ) -> dict[tuple[str, ...], list[str]]:
        """The ids of the records that have these values together, by the `folded` values."""
        if len(attributes) == 1:
            found = self.find(attributes[0], list({folded(key[0]): key[0] for key in keys}.values()))
            return {(value,): ids for value, ids in found.items()}
        self.operations.require(Operation.SEARCH)
        asked = {tuple(map(folded, key)): key for key in keys}
        hits: dict[tuple[str, ...], list[str]] = {key: [] for key in asked}
        entity, readers = self.operations.entity, [value_reader(each) for each in attributes]
        select = (entity.primary_id, *(column(each) for each in attributes))
        for some in _portions(list(asked.values()), TEXTS_AT_ONCE * 2 // len(attributes)):
            for raw in self._with_keys(attributes, some, select):
                ids = hits.get(tuple(folded(read(raw)) for read in readers))
                if ids is not None:
                    ids.append(str(raw[entity.primary_id]).lower())
        return hits

    def _with_keys(
        self, attributes: Sequence[Attribute], keys: Sequence[tuple[Any, ...]], select: Sequence[str]
    ) -> Iterator[dict[str, Any]]:
        entity = self.operations.entity
        each_of = (
            AllOf(
                tuple(
                    Where(each.name, Operator.EQ, value) for each, value in zip(attributes, key, strict=True)
                )
            )
            for key in keys
        )
        text = odata_filter(entity, AnyOf(tuple(each_of)))
        with self.operations.service.reaching():
            pages = self.client.pages(entity.entity_set, select=select, filter=text)
            yield from [raw for page in pages for raw in page.records]

    def _raw(
        self, attribute: str, ids: Sequence[str], select: Sequence[str], at_once: int
    ) -> Iterator[dict[str, Any]]:
        for start in range(0, len(ids), at_once):
            text = odata.in_(attribute, ids[start : start + at_once])
            with self.operations.service.reaching():
                pages = self.client.pages(self.operations.entity.entity_set, select=select, filter=text)
                found = [raw for page in pages for raw in page.records]
            yield from found

    def _delete(self, rows: Sequence[Draft]) -> Problems:
        entity_set = self.operations.entity.entity_set
        with self._writing("deleted", len(rows), ()):
            verdicts = [
                verdict
                for start in range(0, len(rows), AT_ONCE)
                for some in [rows[start : start + AT_ONCE]]
                for verdict in self.client.delete_rows(
                    entity_set, [row.id for row in some], [row.version for row in some]
                )
            ]
        return [_problem(verdict) for verdict in verdicts]

    def _write(self, verb: str, rows: Sequence[Draft], *, creating: bool) -> Problems:
        entity = self.operations.entity
        write = self.client.create_rows if creating else self.client.update_rows

        def made(row: Draft) -> Row:
            return Row(row.id, body_for(entity, row.values, creating=creating), row.version)

        def send(ready: Sequence[Row]) -> Verdicts:
            return write(entity.logical_name, entity.entity_set, entity.primary_id, ready, self.pace)

        names = sorted({name for row in rows for name in row.values})
        return self._sent(verb, names, rows, made, send)

    def _sent(
        self,
        verb: str,
        names: Sequence[str],
        rows: Sequence[Any],
        made: Callable[[Any], Any],
        send: Callable[[Sequence[Any]], Verdicts],
    ) -> Problems:
        """Send what fits the definition, and say of every row why not."""
        problems: Problems = [None] * len(rows)
        ready: list[tuple[int, Any]] = []
        for number, row in enumerate(rows):
            try:
                ready.append((number, made(row)))
            except BadInput as problem:
                problems[number] = problem
        if not ready:
            return problems
        with self._writing(verb, len(ready), names):
            verdicts = send([row for _, row in ready])
        for (number, _), verdict in zip(ready, verdicts, strict=True):
            problems[number] = _problem(verdict)
        return problems

    @contextmanager
    def _writing(self, verb: str, count: int, names: Sequence[str]) -> Iterator[None]:
        service = self.operations.service
        entity = self.operations.entity
        with (
            self.operations.service.reaching(),
            audit.intent(
                service.actor,
                f"{verb} {count} records of" if count > 1 else f"{verb} a record of",
                service.integration,
                fields=names,
                message=entity.label or entity.name,
                acted_as=service.acts_as_label,
            ),
        ):
            yield


def _portions(values: Sequence[Any], most: int = TEXTS_AT_ONCE) -> Iterator[list[Any]]:
    """So many values as fit into one address."""
    some: list[Any] = []
    length = 0
    for value in values:
        size = len(quote(str(value)))
        if some and (len(some) == most or length + size > LONGEST_FILTER):
            yield some
            some, length = [], 0
        some.append(value)
        length += size
    if some:
        yield some


def folded(value: Any) -> str:
    """A value as Dataverse compares it: without regard to case and to blanks at the end."""
    match value:
        case Link():
            value = value.id
        case Decimal():
            value = format(value.normalize(), "f")
        case datetime() if value.tzinfo:
            value = value.astimezone(UTC).replace(microsecond=0)
    return str(value).casefold().rstrip()


def _despite_versions(rows: Sequence[Draft], write: Callable[[Sequence[Draft]], Problems]) -> Problems:
    """Write; where the table knows no versions, once more without: what was compared before has to do."""
    problems = list(write(rows))
    again = [
        place for place, problem in enumerate(problems) if problem and problem.code.lower() == NO_VERSIONS
    ]
    if again:
        plain = [replace(rows[place], version="") for place in again]
        for place, problem in zip(again, write(plain), strict=True):
            problems[place] = problem
    return problems


def _problem(verdict: Refused | None) -> Problem | None:
    if verdict is None:
        return None
    problem = problem_from(verdict)
    problem.__cause__ = verdict
    return problem
