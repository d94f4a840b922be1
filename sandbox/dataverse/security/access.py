"""Decisions: may this caller do that to these rows."""

from dataclasses import dataclass
from typing import Any

from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.metadata.model import label
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.query.operators import Sql, Viewpoint, members
from sandbox.dataverse.security.privileges import privilege_id
from sandbox.dataverse.security.rights import Grant, Rights
from sandbox.dataverse.storage import quoted

RIGHT_NAMES = {
    "Write": "WriteAccess",
    "Read": "ReadAccess",
    "Delete": "DeleteAccess",
    "Assign": "AssignAccess",
}


@dataclass(frozen=True)
class RowOwner:
    """What decides about one row."""

    id: str
    owner_id: str | None = None
    unit: str | None = None


class Access:
    """The rights of one request. `real_user_id` differs from the acting user under impersonation."""

    def __init__(self, rights: Rights, viewpoint: Viewpoint, real_user_id: str | None = None) -> None:
        self.rights = rights
        self.viewpoint = viewpoint
        self.real_user_id = real_user_id or rights.user_id

    @property
    def user_id(self) -> str:
        return self.rights.user_id

    @property
    def is_impersonated(self) -> bool:
        return self.real_user_id != self.rights.user_id

    def may(self, privilege: str) -> bool:
        return self.rights.grant(privilege) is not None

    def demand(self, privilege: str, entity: Entity | None = None) -> Grant:
        """The grant of a privilege. Raises 403 in Dataverse's words without it."""
        grant = self.rights.grant(privilege)
        if grant is None:
            raise self._missing(privilege, entity)
        return grant

    def _missing(self, privilege: str, entity: Entity | None) -> ApiError:
        rights = self.rights
        message = (
            f"Principal user (Id={rights.user_id}, type=8, roleCount={rights.role_count}, "
            f"privilegeCount={len(rights.grants)}, accessMode='0 Read-Write') is missing {privilege} privilege "
            f"(Id={privilege_id(privilege)})"
        )
        if entity is not None:
            message += (
                f" on OTC={entity.table.type_code} for entity '{entity.name}' "
                f"(LocalizedName='{label(entity.table.labels) or entity.name}')"
            )
        return ApiError("MissingPrivilege", f"{message}. context.Caller={rights.user_id}.")

    def grant_for(self, verb: str, entity: Entity) -> Grant | None:
        """The grant of a verb on a table; None where the table knows no privileges."""
        if entity.table.ownership == "None" or entity.table.is_intersect:
            return None
        return self.demand(f"prv{verb}{entity.table.access_name}", entity)

    def visible(self, entity: Entity, alias: str) -> Sql | None:
        """See query.compiler.Visibility."""
        return self.reachable("Read", entity, alias)

    def reachable(self, verb: str, entity: Entity, alias: str) -> Sql | None:
        """The condition on the rows that a verb reaches; None for all of them."""
        grant = self.grant_for(verb, entity)
        if grant is None or grant.everywhere or entity.table.ownership == "OrganizationOwned":
            return None
        units = members(sorted(grant.units))
        if entity.has_owner:
            owners = members([self.rights.user_id, *self.rights.team_ids])
            text = f"{alias}.ownerid IN {owners.text} OR {alias}.owningbusinessunit IN {units.text}"
            return Sql(f"({text})", owners.params + units.params)
        return self._without_owner(entity, alias, units)

    def _without_owner(self, entity: Entity, alias: str, units: Sql) -> Sql:
        """Tables that belong to business units: one's own unit, oneself and one's teams count as one's own."""
        own = members([self.rights.user_id, self.rights.business_unit_id, *self.rights.team_ids])
        key = f"{alias}.{quoted(entity.id)} IN {own.text}"
        if entity.table.is_view:
            return Sql(f"({key} OR {alias}.businessunitid IN {units.text})", own.params + units.params)
        if entity.unit_column is None:
            return Sql(key, own.params)
        text = f"({key} OR {alias}.{quoted(entity.unit_column)} IN {units.text})"
        return Sql(text, own.params + units.params)

    def check(self, verb: str, entity: Entity, row: RowOwner) -> None:
        """Raise 403 unless a verb is allowed on a row."""
        grant = self.grant_for(verb, entity)
        if grant is None or entity.table.ownership == "OrganizationOwned":
            return
        own = self._is_own(entity, row)
        if not grant.covers(row.unit, own=own):
            right = RIGHT_NAMES.get(verb, f"{verb}Access")
            raise ApiError(
                "AccessDenied",
                f"Principal with id {self.rights.user_id} does not have {right} right(s) for record with id {row.id} "
                f"of entity {entity.name}",
                code="0x80048306",
            )

    def _is_own(self, entity: Entity, row: RowOwner) -> bool:
        if entity.has_owner:
            return self.rights.owns(row.owner_id)
        return row.id in {self.rights.user_id, self.rights.business_unit_id, *self.rights.team_ids}


def row_owner(entity: Entity, record_id: str, row: Any) -> RowOwner:
    """From a stored row that has the owner columns."""
    owner = row["ownerid"] if entity.has_owner else None
    unit = row[entity.unit_column] if entity.unit_column else None
    return RowOwner(record_id, owner, unit)
