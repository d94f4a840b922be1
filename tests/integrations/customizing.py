"""Changes of the sandbox's metadata, taken back at the end: other tests share the environment."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.world import World
from tests.sandbox.dataverse.api import Api
from tests.sandbox.dataverse.test_metadata_writes import column, delete, post

MATCH_ANY = {"If-Match": "*"}


@contextmanager
def new_column(world: World, table: str, name: str, kind: str = "String", **facts: Any) -> Iterator[None]:
    """A column of the development environment that is deleted again, unless that was done meanwhile."""
    api = Api(world, "contoso-dev")
    post(api, f"EntityDefinitions(LogicalName='{table}')/Attributes", column(kind, name, **facts))
    try:
        yield
    finally:
        drop_column(world, table, name)


def drop_column(world: World, table: str, name: str) -> None:
    """Delete a column; one that is not there is none any more."""
    api = Api(world, "contoso-dev")
    path = f"EntityDefinitions(LogicalName='{table}')/Attributes(LogicalName='{name.lower()}')"
    if api.send("GET", path).status_code == 200:
        delete(api, path, **MATCH_ANY)
