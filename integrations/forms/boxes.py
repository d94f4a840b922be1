"""Reading forms that are long lists of boxes: a Django form with a thousand fields would help nobody."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import QueryDict

from core.problems import BadInput
from integrations.definition import READ_ONLY, READ_WRITE, Entity, Operation
from integrations.metadata.related import Parts, parts_of

ACCESS = {"read_only": READ_ONLY, "read_write": READ_WRITE}
SINGLE = "single"
ACCESS_LABELS = (
    ("read_only", "Read only"),
    ("read_write", "Read and write"),
    (SINGLE, "Single operations"),
)
CALLED, KEY_CALLED, WAY_CALLED = "called:", "key_called:", "way_called:"


@dataclass(frozen=True)
class EntityChoice:
    """What the page of one entity sends."""

    access: str
    operations: frozenset[Operation]
    chosen: frozenset[str]
    called: Mapping[str, str] = field(default_factory=dict)
    parts: Parts = field(default_factory=lambda: Parts({}, {}, {}))


def access_of(operations: frozenset[Operation]) -> str:
    """Under which of the three headings a set of operations stands."""
    return next((name for name, known in ACCESS.items() if known == operations), SINGLE)


def read_operations(post: QueryDict) -> tuple[str, frozenset[Operation]]:
    """The chosen access, and the operations it means. Raises BadInput."""
    access = post.get("access", "")
    if access in ACCESS:
        return access, ACCESS[access]
    if access != SINGLE:
        raise BadInput("Say whether it is read only, read and write, or single operations.")
    try:
        return access, frozenset(Operation(each) for each in post.getlist("operation"))
    except ValueError:
        raise BadInput("There is no such operation.") from None


def read_entity(post: QueryDict) -> EntityChoice:
    """The choice of operations, attributes and names of one entity. Raises BadInput."""
    access, operations = read_operations(post)
    ways = _names(post, WAY_CALLED)
    keys = _names(post, KEY_CALLED)
    parts = Parts(
        keys={each: keys.get(each, "") for each in post.getlist("key")},
        expand={each: ways.get(each, "") for each in post.getlist("expand")},
        lists={each: ways.get(each, "") for each in post.getlist("list")},
    )
    called = _names(post, CALLED)
    return EntityChoice(access, operations, frozenset(post.getlist("attribute")), called, parts)


def from_entity(entity: Entity) -> EntityChoice:
    """The choice as it stands in the draft."""
    return EntityChoice(
        access_of(entity.operations),
        entity.operations,
        frozenset(attribute.logical_name for attribute in entity.attributes),
        {attribute.logical_name: attribute.name for attribute in entity.attributes},
        parts_of(entity),
    )


def _names(post: QueryDict, prefix: str) -> dict[str, str]:
    """What is typed into the fields of this prefix, by the rest of their names."""
    return {
        name.removeprefix(prefix): str(value).strip()
        for name, value in post.items()
        if name.startswith(prefix)
    }
