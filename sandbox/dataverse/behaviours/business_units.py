"""Business units bring their default team and the copies of the roles above them; teams have an administrator."""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

import uuid

from sandbox.dataverse.behaviours.base import Behaviour
from sandbox.dataverse.behaviours.roles import copy_role
from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.records.dates import store_moment
from sandbox.dataverse.records.payload import Draft
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.storage import next_version


class BusinessUnitBehaviour(Behaviour):
    """There is one root; everything else hangs below something."""

    def before_create(self, session: Session, draft: Draft) -> None:
        del session
        if not draft.values.get("parentbusinessunitid"):
            raise ApiError("InvalidArgument", "A business unit needs a parent business unit.")

    def after_create(self, session: Session, draft: Draft) -> None:
        values = draft.values
        roles = session.connection.execute(
            "SELECT * FROM role WHERE businessunitid = ?", (values["parentbusinessunitid"],)
        ).fetchall()
        for role in roles:
            copy_role(session, dict(role), values["businessunitid"])
        now = store_moment(session.access.viewpoint.now)
        team = {
            "teamid": str(uuid.uuid4()),
            "name": values["name"],
            "teamtype": 0,
            "membershiptype": 0,
            "isdefault": 1,
            "systemmanaged": 1,
            "businessunitid": values["businessunitid"],
            "administratorid": session.access.user_id,
            "organizationid": session.organization.environment.id,
            "createdon": now,
            "modifiedon": now,
            "createdby": session.access.user_id,
            "modifiedby": session.access.user_id,
            "versionnumber": next_version(session.connection),
        }
        session.connection.execute(
            f"INSERT INTO team ({', '.join(team)}) VALUES ({', '.join('?' * len(team))})",
            tuple(team.values()),
        )
        session.organization.touched("team")


class TeamBehaviour(Behaviour):
    """A team belongs to a unit and has an administrator; the caller's and the caller, if nothing else is said."""

    def before_create(self, session: Session, draft: Draft) -> None:
        draft.values.setdefault("businessunitid", session.access.rights.business_unit_id)
        draft.values.setdefault("administratorid", session.access.user_id)
