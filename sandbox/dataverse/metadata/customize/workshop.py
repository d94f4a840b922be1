"""What one request needs to change the metadata."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from sandbox.dataverse.errors import ApiError, bad_payload
from sandbox.dataverse.metadata.alteration import Alteration
from sandbox.dataverse.metadata.customize.solutions import Component, find_solution, note_components
from sandbox.dataverse.metadata.model import Item, Labels
from sandbox.dataverse.metadata.reader import UnreadableError, labels_of
from sandbox.dataverse.metadata.snapshot import Entity, Snapshot
from sandbox.dataverse.records.session import Session

Document = dict[str, Any]
# A publisher's prefix, an underscore, and a name.
SCHEMA_NAME = re.compile(r"(?!mscrm)[A-Za-z][A-Za-z0-9]{1,7}_[A-Za-z0-9_]{1,90}\Z")


class Workshop:
    """Collects what one request changes. `merge_labels` keeps the languages that an update does not mention."""

    def __init__(
        self, session: Session, alteration: Alteration, *, solution: Any, merge_labels: bool
    ) -> None:
        self.session = session
        self.alteration = alteration
        self.merge_labels = merge_labels
        self.solution = solution
        self._components: list[Component] = []

    @property
    def snapshot(self) -> Snapshot:
        """The metadata before the change."""
        return self.alteration.before

    @property
    def option_prefix(self) -> int:
        """The first value of options that come without one."""
        prefix = self.solution["customizationoptionvalueprefix"] if self.solution else None
        return (prefix or 10000) * 10000

    def entity(self, name: Any) -> Entity:
        """A table by logical name. Raises 404."""
        found = self.snapshot.entities.get(str(name or "").lower())
        if found is None:
            raise ApiError("NotFound", f"Could not find an entity with specified entity name: {name}")
        return found

    def demand(self, *privileges: str) -> None:
        for privilege in privileges:
            self.session.access.demand(privilege)

    def note(self, kind: int, item: Item) -> None:
        """A new item belongs to the solution that the request names."""
        self._components.append(Component(kind, item.metadata_id))

    def labels(self, document: Document, name: str, before: Labels) -> Labels:
        """The texts that an update leaves; a label that is not mentioned stays."""
        if name not in document:
            return before
        given = labels_of(document[name])
        return before | given if self.merge_labels else given

    def finish(self) -> None:
        self.alteration.apply()
        note_components(self.session, self.solution, self._components)


@contextmanager
def workshop(
    session: Session, *, solution: str | None = None, merge_labels: bool = False
) -> Iterator[Workshop]:
    """A change of the metadata in a transaction of its own. Documents that make no sense become a 400."""
    organization = session.organization
    with organization.write() as connection:
        found = find_solution(session, solution) if solution else None
        bench = Workshop(
            session, Alteration(organization, connection), solution=found, merge_labels=merge_labels
        )
        try:
            yield bench
            bench.finish()
        except (UnreadableError, msgspec.ValidationError) as error:
            raise bad_payload(f"An error occurred while validating input parameters: {error}") from error


def new_id(document: Document) -> str:
    """The id a client wishes for a new item, or a fresh one. Raises a 400 for one that is no GUID."""
    given = document.get("MetadataId")
    if not given:
        return str(uuid.uuid4())
    try:
        return str(uuid.UUID(str(given)))
    except ValueError as error:
        raise bad_payload(f"The MetadataId '{given}' is not a GUID.") from error


def schema_name(document: Document, what: str, member: str = "SchemaName") -> str:
    """The name of a new item, which must begin with a publisher's prefix. Raises a 400."""
    name = document.get(member)
    if not isinstance(name, str) or not name:
        raise ApiError("InvalidArgument", f"Required field '{member}' is missing for the {what}.")
    if not SCHEMA_NAME.match(name):
        raise ApiError(
            "InvalidArgument",
            f"The {what} name '{name}' is not valid: it must begin with a customization prefix and an underscore "
            "and contain only letters, digits and underscores.",
        )
    return name


def duplicate(what: str, name: str) -> ApiError:
    return ApiError(
        "InvalidArgument",
        f"{what} with the specified name {name} already exists. Specify a unique name.",
        code="0x80047013",
    )


def in_use(what: str, name: str, count: int) -> ApiError:
    return ApiError(
        "InvalidArgument",
        f"The {what}({name}) component cannot be deleted because it is referenced by {count} other components. "
        "For a list of referenced components, use the RetrieveDependenciesForDeleteRequest.",
        code="0x8004F01F",
    )


def not_custom(what: str, name: str) -> ApiError:
    return ApiError(
        "InvalidArgument",
        f"The {what} '{name}' is part of the system and cannot be deleted.",
        code="0x80047004",
    )
