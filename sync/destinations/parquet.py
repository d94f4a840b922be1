"""A mirror in a folder of Parquet files. What counts is `manifest.json`: it names the files of one whole state.

Files are never changed. A publication writes new ones and then replaces the manifest; those of the manifest before
stay until the next publication, so a reader that has just looked finds what it was told of.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from integrations.kinds import Kind
from sync.columns import MODIFIED, Column
from sync.destinations.base import Counts, DestinationLost, Fenced, Label, Store
from sync.destinations.parquet_files import WIRE, Writer, read, schema_of, table_of
from sync.destinations.parquet_merge import Merge
from sync.state import Part, State, decoded

MANIFEST, PLACE = "manifest.json", "state.json"


class ParquetStore(Store):
    """`folder` is the entity's own."""

    shared = False

    def __init__(self, folder: Path, columns: Sequence[Column]) -> None:
        self.columns = tuple(columns)
        self.folder = folder
        self.staged = folder / "_stage"
        self.owner = ""
        with _lost():
            folder.mkdir(parents=True, exist_ok=True)

    def wire(self, kind: Kind) -> Any:
        return WIRE.get(kind, str)

    def take(self, owner: str) -> State:
        self.owner = owner
        with self._locked():
            place = self._place()
            state = decoded(place.get("state"))
            state.owner = owner
            self._keep(place, state)
        return state

    def state(self) -> State:
        return decoded(self._place().get("state"))

    def begin(self, state: State) -> None:
        with self._mine() as place:
            shutil.rmtree(self.staged, ignore_errors=True)
            self.staged.mkdir()
            place.update(_empty())
            self._keep(place, state)

    def write(self, rows: Sequence[tuple[Any, ...]], gone: Sequence[str], state: State) -> None:
        with self._mine() as place:
            self._add(place, rows, gone, fresh=False)
            self._keep(place, state)

    def deal(self, parts: Sequence[Part], state: State) -> None:
        with self._mine() as place:
            place["parts"] = msgspec.to_builtins(parts)
            self._keep(place, state)

    def parts(self, load: str) -> list[Part]:
        return [each for each in msgspec.convert(self._place()["parts"], list[Part]) if each.load == load]

    def read_so_far(self, load: str) -> int:
        return sum(each.read for each in self.parts(load))

    def claim(self, part: Part, owner: str) -> bool:
        with self._locked():
            place = self._place()
            found = _held(place, part)
            if found:
                found["owner"] = owner
                self._replace(PLACE, place)
            return found is not None

    def keep(self, part: Part, rows: Sequence[tuple[Any, ...]], gone: Sequence[str]) -> None:
        with self._locked():
            place = self._place()
            found = _held(place, part)
            if found is None:
                raise Fenced
            found.update(msgspec.to_builtins(part))
            self._add(place, rows, gone, fresh=True)
            self._replace(PLACE, place)

    def _add(
        self, place: dict[str, Any], rows: Sequence[tuple[Any, ...]], gone: Sequence[str], *, fresh: bool
    ) -> None:
        """`fresh` says that the staging area holds none of these rows yet."""
        if rows:
            writer = Writer(self.staged, f"{len(place['pages']):06}", self._schema())
            writer.add(table_of(rows, self.columns, self._schema(), _now()))
            writer.close()
            place["pages"].append({"file": writer.files[0], "fresh": fresh})
        place["gone"] += gone

    def settle(self, state: State) -> None:
        """Pages are sorted out at once when they are published."""

    def publish(self, state: State, *, full: bool, soft: bool, labels: Iterable[Label]) -> Counts:
        with self._mine() as place:
            before = self._manifest()
            schema = self._schema()
            staged = [self.staged / each["file"] for each in place["pages"]]
            fresh = [each["fresh"] for each in place["pages"]]
            merge = Merge(
                fresh=[partial(read, path, schema) for path, new in zip(staged, fresh, strict=True) if new],
                later=[read(path, schema) for path, new in zip(staged, fresh, strict=True) if not new],
                gone=set(place["gone"]),
                before={file: partial(read, self.folder / file, schema) for file in before.get("files", [])},
                writer=Writer(self.folder, f"{_now():%Y%m%dT%H%M%S%f}", schema),
                moment=_now() if soft else None,
                stamp=next((each.name for each in self.columns if each.key == MODIFIED), None),
            )
            counts, files = merge.full() if full else merge.changes(before.get("rows", 0))
            self._replace(
                MANIFEST,
                {
                    "as_of": state.as_of,
                    "rows": counts.rows,
                    "columns": self._shape(),
                    "files": files,
                    "labels": [asdict(each) for each in labels],
                },
            )
            place.update(_empty())
            self._keep(place, state)
            shutil.rmtree(self.staged, ignore_errors=True)
            self._sweep({*files, *before.get("files", [])})
        return counts

    def shape(self) -> list[tuple[str, str]]:
        return [(name, kind) for name, kind in self._manifest().get("columns", [])]

    def reset(self) -> None:
        with self._locked():
            self._keep({}, State(owner="reset"))

    def drop(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self) -> None:
        """Nothing is held open between calls."""

    def rows(self) -> pa.Table:
        """What readers see: every living row."""
        schema = self._schema()
        tables = [read(self.folder / file, schema) for file in self._manifest().get("files", [])]
        found = pa.concat_tables(tables) if tables else schema.empty_table()
        return found.filter(pc.is_null(found["_deleted_at"]))

    def _shape(self) -> list[tuple[str, str]]:
        """The columns before, with what they are now. Those no longer read stay, unless one differs only by case,
        which readers would not tell apart.
        """
        now = {each.name: (each.kind if each.part == "value" else Kind.TEXT).value for each in self.columns}
        taken = {name.lower() for name in now}
        before = {name: kind for name, kind in self.shape() if name in now or name.lower() not in taken}
        return list((before | now).items())

    def _schema(self) -> pa.Schema:
        return schema_of(self._shape())

    def _manifest(self) -> dict[str, Any]:
        return self._read(MANIFEST)

    def _place(self) -> dict[str, Any]:
        return {**_empty(), **self._read(PLACE)}

    def _read(self, name: str) -> dict[str, Any]:
        try:
            with _lost():
                return dict(json.loads((self.folder / name).read_text()))
        except (FileNotFoundError, ValueError):
            return {}

    def _keep(self, place: dict[str, Any], state: State) -> None:
        self._replace(PLACE, {**_empty(), **place, "state": state.encoded()})

    def _replace(self, name: str, document: dict[str, Any]) -> None:
        """All of it or nothing, also when the machine stops in the middle."""
        written = self.folder / f"{name}.new"
        with written.open("w") as file:
            json.dump(document, file)
            file.flush()
            os.fsync(file.fileno())
        written.replace(self.folder / name)

    def _sweep(self, wanted: set[str]) -> None:
        for path in self.folder.glob("*.parquet"):
            if path.name not in wanted:
                path.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with _lost(), (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _mine(self) -> Iterator[dict[str, Any]]:
        with self._locked():
            place = self._place()
            if decoded(place.get("state")).owner != self.owner:
                raise Fenced
            yield place


def _empty() -> dict[str, Any]:
    return {"pages": [], "gone": [], "parts": []}


def _held(place: dict[str, Any], part: Part) -> dict[str, Any] | None:
    """The part as it was kept last, where it is unfinished and still in the hands of its owner."""
    same = ("load", "position", "owner")
    for each in place["parts"]:
        if not each["done"] and all(each[name] == getattr(part, name) for name in same):
            found: dict[str, Any] = each
            return found
    return None


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _lost() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DestinationLost(f"The folder cannot be used: {error.strerror}") from error
