"""Cases."""

from sandbox.dataverse.behaviours.base import Behaviour
from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.records.payload import Draft
from sandbox.dataverse.records.session import Session


class IncidentBehaviour(Behaviour):
    """A case has a customer and gets a number."""

    def before_create(self, session: Session, draft: Draft) -> None:
        if not draft.values.get("customerid"):
            raise ApiError(
                "InvalidArgument", "You should specify a parent contact or account.", code="0x80040216"
            )
        if not draft.values.get("ticketnumber"):
            count = session.connection.execute("SELECT count(*) FROM incident").fetchone()[0]
            draft.values["ticketnumber"] = f"CAS-{count + 1001:05d}-S{count % 97:02d}X"
