"""From a verified token to a user of this environment."""

import sqlite3
import threading

from sandbox.clock import Clock
from sandbox.database import Database
from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.query.operators import Viewpoint
from sandbox.dataverse.security.access import Access
from sandbox.dataverse.security.rights import Rights, intersection, load_rights
from sandbox.tokens import Claims

SECURITY_TABLES = frozenset(
    {
        "businessunit",
        "privilege",
        "role",
        "roleprivileges",
        "systemuser",
        "systemuserroles",
        "team",
        "teammembership",
        "teamroles",
        "usersettings",
    }
)
USER = "SELECT systemuserid, businessunitid, isdisabled, azureactivedirectoryobjectid, fullname FROM systemuser WHERE "


class Callers:
    """Resolves callers. Rights are remembered until something about security changes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._version = 0
        self._known: dict[str, tuple[int, Rights]] = {}

    def changed(self) -> None:
        """Call after a transaction that touched a security table."""
        with self._lock:
            self._version += 1
            self._known.clear()

    def resolve(self, claims: Claims) -> Access:
        """The access of a token's bearer. Raises 403 for whoever is no enabled user here."""
        column, value = (
            ("applicationid", claims.appid)
            if claims.is_application
            else ("azureactivedirectoryobjectid", claims.oid)
        )
        row = self._user(f"{column} = ?", value)
        # A token of an app whose service principal was made anew belongs to somebody else.
        if row is None or row["azureactivedirectoryobjectid"] != claims.oid:
            raise ApiError("CallerUnknown", _not_a_member(claims))
        if row["isdisabled"]:
            raise ApiError("CallerDisabled", f"The user with SystemUserId={row['systemuserid']} is disabled.")
        return self._access(row)

    def impersonate(self, access: Access, *, object_id: str | None, user_id: str | None) -> Access:
        """Act for another user, named by Entra object id or by systemuserid."""
        access.demand("prvActOnBehalfOfAnotherUser")
        wanted = object_id or user_id or ""
        column = "azureactivedirectoryobjectid" if object_id else "systemuserid"
        row = self._user(f"{column} = ?", wanted.strip().strip("{}").lower())
        if row is None or row["isdisabled"]:
            raise ApiError("InvalidArgument", f"Invalid caller id: {wanted}.", code="0x80048D1A")
        other = self._access(row)
        both = intersection(other.rights, access.rights)
        return Access(both, other.viewpoint, real_user_id=access.user_id)

    def of_user(self, user_id: str) -> Access | None:
        """What a user may do, without a request of theirs; None for nobody, or nobody enabled."""
        row = self._user("systemuserid = ?", user_id)
        return None if row is None or row["isdisabled"] else self._access(row)

    def _user(self, where: str, value: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._database.read().execute(USER + where, (value,)).fetchone()
        return row

    def _access(self, row: sqlite3.Row) -> Access:
        rights = self.rights(row["systemuserid"], row["businessunitid"])
        viewpoint = Viewpoint(self._clock.now(), rights.user_id, rights.business_unit_id, rights.team_ids)
        return Access(rights, viewpoint)

    def rights(self, user_id: str, unit: str) -> Rights:
        """The rights of any user of the environment."""
        version = self._version
        known = self._known.get(user_id)
        if known and known[0] == version:
            return known[1]
        rights = load_rights(self._database.read(), user_id, unit)
        with self._lock:
            self._known[user_id] = (version, rights)
        return rights

    def find(self, oid: str) -> sqlite3.Row | None:
        """The user with an Entra object id, whatever their state."""
        return self._user("azureactivedirectoryobjectid = ?", oid)


def _not_a_member(claims: Claims) -> str:
    if claims.is_application:
        return (
            f"The user is not a member of the organization. (application id={claims.appid}, oid={claims.oid})"
        )
    return "The user is not a member of the organization."
