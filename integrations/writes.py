"""What was written through an integration, told to whoever keeps a history of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.dispatch import Signal

if TYPE_CHECKING:
    from integrations.operations import EntityOperations

# Sent with `written`, a Written, once Dynamics has accepted a change. A receiver that fails undoes nothing.
record_written = Signal()


@dataclass(frozen=True)
class About:
    """What the caller of a write knows besides: what stood there before, and on what occasion it is made.

    `before` goes by the integration's names; an attribute it lacks was not read. `run` and `reverts` are ids.
    """

    before: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    run: Any = None
    reverts: Any = None


@dataclass(frozen=True)
class Written:
    """One change. `kind` is create, update, delete, link or unlink; `after` goes by the integration's names."""

    operations: "EntityOperations"
    kind: str
    record_id: str
    after: Mapping[str, Any]
    about: About


def tell(
    operations: "EntityOperations", kind: str, record_id: str, after: Mapping[str, Any], about: About | None
) -> None:
    """Let the receivers know. The change stands in Dynamics already, so none of them may make it look failed."""
    written = Written(operations, kind, record_id, after, about or About())
    record_written.send_robust(sender=type(operations), written=written)
