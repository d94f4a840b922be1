"""What one user may, as their roles and those of their teams add up."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from sandbox.dataverse.security.privileges import BASIC, DEEP, GLOBAL, LOCAL

GRANTS = """
SELECT p.name, rp.privilegedepthmask, u.businessunitid FROM systemuserroles ur
JOIN systemuser u ON u.systemuserid = ur.systemuserid
JOIN roleprivileges rp ON rp.roleid = ur.roleid JOIN privilege p ON p.privilegeid = rp.privilegeid
WHERE ur.systemuserid = ?
UNION ALL
SELECT p.name, rp.privilegedepthmask, t.businessunitid FROM teammembership tm
JOIN team t ON t.teamid = tm.teamid JOIN teamroles tr ON tr.teamid = tm.teamid
JOIN roleprivileges rp ON rp.roleid = tr.roleid JOIN privilege p ON p.privilegeid = rp.privilegeid
WHERE tm.systemuserid = ?
"""
BELOW = """
WITH RECURSIVE below(id) AS (
    VALUES (?) UNION SELECT b.businessunitid FROM businessunit b JOIN below ON b.parentbusinessunitid = below.id
) SELECT id FROM below
"""


@dataclass(slots=True)
class Grant:
    """How far one privilege reaches: everywhere, in some business units, or one's own rows only."""

    depth: int = 0
    units: set[str] = field(default_factory=set)

    @property
    def everywhere(self) -> bool:
        return self.depth == GLOBAL

    def covers(self, unit: str | None, *, own: bool) -> bool:
        return self.everywhere or own or unit in self.units


@dataclass(slots=True)
class Rights:
    """One user's rights. `role_count` is only for error messages."""

    user_id: str
    business_unit_id: str
    team_ids: tuple[str, ...]
    grants: dict[str, Grant]
    role_count: int

    def grant(self, privilege: str) -> Grant | None:
        return self.grants.get(privilege)

    def owns(self, owner_id: str | None) -> bool:
        return owner_id == self.user_id or owner_id in self.team_ids


def load_rights(connection: sqlite3.Connection, user_id: str, unit: str) -> Rights:
    """Add up the roles of a user and of the teams they are in."""
    subtrees: dict[str, set[str]] = {}
    grants: dict[str, Grant] = {}
    for name, depth, at in connection.execute(GRANTS, (user_id, user_id)):
        grant = grants.setdefault(name, Grant())
        grant.depth = max(grant.depth, depth)
        if depth == LOCAL:
            grant.units.add(at)
        elif depth == DEEP:
            if at not in subtrees:
                subtrees[at] = {row[0] for row in connection.execute(BELOW, (at,))}
            grant.units |= subtrees[at]
    teams = connection.execute("SELECT teamid FROM teammembership WHERE systemuserid = ?", (user_id,))
    roles = connection.execute("SELECT count(*) FROM systemuserroles WHERE systemuserid = ?", (user_id,))
    return Rights(user_id, unit, tuple(row[0] for row in teams), grants, roles.fetchone()[0])


def intersection(ours: Rights, theirs: Rights) -> Rights:
    """Who acts on behalf of another may only what both may; `ours` is the impersonated user."""
    grants: dict[str, Grant] = {}
    for name in ours.grants.keys() & theirs.grants.keys():
        grants[name] = _narrower((ours.grants[name], theirs.grants[name]))
    return Rights(ours.user_id, ours.business_unit_id, ours.team_ids, grants, ours.role_count)


def _narrower(pair: Iterable[Grant]) -> Grant:
    first, second = sorted(pair, key=lambda grant: grant.depth)
    if first.depth == BASIC or second.everywhere:
        return Grant(first.depth, set(first.units))
    return Grant(first.depth, first.units & second.units)
