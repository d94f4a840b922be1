"""The moments at which a table may have its say."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.dataverse.records.payload import Draft
    from sandbox.dataverse.records.session import Session


class Behaviour:
    """An ordinary table: nothing happens. Hooks raise ApiError to refuse, and may change `draft.values`."""

    def before_create(self, session: "Session", draft: "Draft") -> None:
        """Before defaults are filled in."""

    def check_create(self, session: "Session", draft: "Draft") -> None:
        """When the row is complete and about to be stored."""

    def after_create(self, session: "Session", draft: "Draft") -> None:
        """In the same transaction, the row being there."""

    def before_update(self, session: "Session", draft: "Draft", before: dict[str, Any]) -> None:
        """`before` is the whole stored row."""

    def after_update(self, session: "Session", draft: "Draft", before: dict[str, Any]) -> None:
        """In the same transaction."""

    def before_delete(self, session: "Session", record_id: str, row: dict[str, Any]) -> None:
        """The right to delete is established already."""
