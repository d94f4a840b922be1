"""The operations of the service, one class each. An entity is put together from those that it offers."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import quote

from .fields import Condition, Field, FileField, Order, RelatedField
from .service import Service
from .values import Record, encode

R = TypeVar("R", bound=Record)
N = TypeVar("N", bound=Mapping[str, object])
U = TypeVar("U", bound=Mapping[str, object])
K = TypeVar("K", bound=Mapping[str, object])
PAGE_SIZE = 1000  # records per request; the service allows 1 to 5,000


class Entity:
    """One entity of the service."""

    name: ClassVar[str]  # in the service
    fields: object
    service: ClassVar[Service]

    def __init__(self) -> None:
        self.service.entities[self.name] = self

    @cached_property
    def _attributes(self) -> dict[str, Field[Any]]:
        """The fields by their names in Python."""
        return {name: each for name, each in vars(type(self.fields)).items() if isinstance(each, Field)}

    def _path(self, *parts: str) -> str:
        return "/".join(quote(part, safe="") for part in (self.name, *parts))

    def _values(self, values: Mapping[str, object]) -> dict[str, Any]:
        known = self._attributes
        return {known[name].name if name in known else name: encode(value) for name, value in values.items()}


class Reading(Entity, Generic[R]):
    """What reads records."""

    record: type[R]

    def _record(self, document: Mapping[str, Any]) -> R:
        values = {
            name: field.decode(document[field.name])
            for name, field in self._attributes.items()
            if field.name in document
        }
        for name, each in vars(type(self.fields)).items():
            if isinstance(each, RelatedField) and each.name in document:
                values[name] = self._related(each, document[each.name])
        return self.record(id=document["id"], etag=document["etag"], **values)

    def _related(self, field: RelatedField, found: Any) -> Any:
        entity: Reading[Any] = self.service.entities[field.entity]
        if isinstance(found, list):
            return tuple(entity._record(each) for each in found)
        return None if found is None else entity._record(found)


class Create(Entity, Generic[N]):
    """Create records."""

    def create(self, values: N) -> str:
        """Create a record and return its id. A lost answer is asked for again without making a second record.

        Raises:
            BadInputError: `fields` names what is missing or does not fit; nothing was written.
            ServiceError: see `errors`.

        """
        answer = self.service.call(
            "POST",
            self._path(),
            body=self._values(values),
            headers={"Idempotency-Key": str(uuid.uuid4())},
            repeat=True,
        )
        return str(answer.json()["id"])


class Get(Reading[R]):
    """Read single records."""

    def get(
        self,
        record_id: str,
        *,
        select: Iterable[Field[Any]] | None = None,
        expand: Iterable[RelatedField] = (),
    ) -> R:
        """One record; with `select` only these attributes, with `expand` related records as well.

        Raises:
            NotFoundError: there is none with this id.
            ServiceError: see `errors`.

        """
        params = {"expand": ",".join(each.name for each in expand)}
        if select is not None:
            params["select"] = ",".join(each.name for each in select)
        given = {name: value for name, value in params.items() if value}
        answer = self.service.call("GET", self._path(record_id), params=given, repeat=True)
        return self._record(answer.json())


class Update(Entity, Generic[U]):
    """Change records."""

    def update(self, record_id: str, changes: U, *, etag: str = "") -> None:
        """Change the given attributes; the others stay. None clears one.

        Args:
            record_id: which record.
            changes: the new values.
            etag: that of the record as it was read. Without it the last writer wins.

        Raises:
            ConflictError: it has changed since; nothing was written.
            BadInputError, NotFoundError, ServiceError: see `errors`.

        """
        headers = {"If-Match": etag} if etag else None
        self.service.call("PATCH", self._path(record_id), body=self._values(changes), headers=headers)


class Delete(Entity):
    """Delete records."""

    def delete(self, record_id: str, *, etag: str = "") -> None:
        """Delete a record; with an `etag` only if it has not changed since.

        Raises:
            ConflictError, NotFoundError, ServiceError: see `errors`.

        """
        self.service.call("DELETE", self._path(record_id), headers={"If-Match": etag} if etag else None)


class Count(Entity):
    """Count records."""

    def count(self, where: Condition | None = None) -> int:
        """How many records there are, exactly.

        Raises:
            BadInputError, ServiceError: see `errors`.

        """
        body = {"where": where.document} if where else {}
        return int(self.service.call("POST", self._path("count"), body=body, repeat=True).json()["count"])


class Search(Reading[R]):
    """Find records."""

    def search(
        self,
        where: Condition | None = None,
        *,
        order_by: Sequence[Order | Field[Any]] = (),
        top: int | None = None,
        skip: int = 0,
        select: Iterable[Field[Any]] | None = None,
        expand: Iterable[RelatedField] = (),
        page_size: int = PAGE_SIZE,
    ) -> "Found[R]":
        """The records that meet a condition. Nothing is asked of the service until they are read.

        Args:
            where: a condition on `fields`, or None for all.
            order_by: fields, or what their `ascending()` and `descending()` give.
            top: at most so many records.
            skip: leave out so many at the beginning. For few: the service reads them all the same.
            select: attributes to read, the others are None; all by default.
            expand: related records to bring along.
            page_size: records per request.

        """
        query: dict[str, Any] = {"top": min(page_size, top) if top is not None else page_size}
        if where is not None:
            query["where"] = where.document
        if order_by:
            steps = (each if isinstance(each, Order) else each.ascending() for each in order_by)
            query["order_by"] = [{"attribute": step.attribute, "direction": step.direction} for step in steps]
        if select is not None:
            query["select"] = [each.name for each in select]
        if related := [each.name for each in expand]:
            query["expand"] = related
        if skip:
            query["skip"] = skip
        return Found(self, query, top)


class Found(Generic[R]):
    """Records that a search finds, read page by page as they are needed; each iteration asks anew.

    Raises:
        BadInputError, ServiceError: while it is read, see `errors`.

    """

    def __init__(self, entity: Reading[R], query: dict[str, Any], top: int | None) -> None:
        self._entity = entity
        self._query = query
        self._top = top

    def __iter__(self) -> Iterator[R]:
        """Record by record."""
        for page in self.pages():
            yield from page

    def pages(self) -> Iterator[list[R]]:
        """Page by page."""
        left, query = self._top, dict(self._query)
        while left is None or left > 0:
            answer = self._entity.service.call(
                "POST", self._entity._path("search"), body=query, repeat=True
            ).json()
            records = [self._entity._record(document) for document in answer["records"]][:left]
            yield records
            left = None if left is None else left - len(records)
            if not answer.get("next_cursor"):
                return
            query["cursor"] = answer["next_cursor"]
            query.pop("skip", None)  # the cursor knows

    def all(self) -> list[R]:
        """All of them in a list."""
        return list(self)

    def first(self) -> R | None:
        """The first one, or None."""
        return next(iter(Found(self._entity, {**self._query, "top": 1}, 1)), None)


class Upsert(Entity, Generic[K, U]):
    """Create or change records by an alternate key."""

    def upsert(self, key: K, values: U) -> tuple[str, bool]:
        """Change the record with this key, or create it: its id, and whether it is new.

        Args:
            key: the attributes of one alternate key, with their values.
            values: the other attributes.

        Raises:
            BadInputError, ConflictError, ServiceError: see `errors`.

        """
        body = {"key": self._values(key), "values": self._values(values)}
        answer = self.service.call("POST", self._path("upsert"), body=body, repeat=True).json()
        return str(answer["id"]), bool(answer["created"])


class ReadFiles(Entity):
    """Read files of records."""

    def read_file(self, record_id: str, field: FileField) -> bytes:
        """The bytes of a record's file.

        Raises:
            NotFoundError: no such record, or it has no file there.
            ServiceError: see `errors`.

        """
        answer = self.service.call(
            "GET", self._path(record_id, field.name), headers={"Accept": "*/*"}, repeat=True
        )
        return answer.content


class WriteFiles(ReadFiles):
    """Read and replace files of records."""

    def write_file(self, record_id: str, field: FileField, name: str, content: bytes) -> None:
        """Put a file there, in place of any before it.

        Raises:
            BadInputError: it is larger than the attribute allows.
            NotFoundError, ServiceError: see `errors`.

        """
        self.service.call(
            "PUT",
            self._path(record_id, field.name),
            params={"name": name},
            data=content,
            headers={"Content-Type": "application/octet-stream"},
            repeat=True,
        )

    def delete_file(self, record_id: str, field: FileField) -> None:
        """Take the file away.

        Raises:
            NotFoundError, ServiceError: see `errors`.

        """
        self.service.call("DELETE", self._path(record_id, field.name))
