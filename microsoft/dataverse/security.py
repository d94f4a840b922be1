"""Users, roles and privileges of an environment, as far as an application needs them.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/security-model
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from microsoft.errors import Duplicate, Invalid, NotReplicated, Refused
from microsoft.odata import and_, eq, guid, or_

from .records import Records, bind

DEPTHS = ("Basic", "Local", "Deep", "Global")
_ROLE_LINK = "systemuserroles_association"
_NOT_YET_KNOWN = "0x80041d49"  # the application has no service principal as far as Dataverse can see
_NAMES_PER_QUERY = 40


@dataclass(frozen=True)
class ApplicationUser:
    """The user that an application acts as; `object_id` is that of its service principal."""

    id: str
    disabled: bool
    business_unit_id: str
    object_id: str


@dataclass(frozen=True)
class Role:
    id: str
    name: str
    business_unit_id: str


class Security(Records):
    """Needs an administrator of the environment, except for reading one's own rights."""

    def application_user(self, app_id: str) -> ApplicationUser | None:
        """The user of an application; there is at most one."""
        found = self.list(
            "systemusers",
            select=("systemuserid", "isdisabled", "azureactivedirectoryobjectid", "_businessunitid_value"),
            filter=eq("applicationid", guid(app_id)),
            formatted=False,
        ).records
        return _application_user(found[0]) if found else None

    def create_application_user(self, app_id: str, business_unit_id: str) -> str:
        """Create the user of an application and return its id.

        Raises Duplicate when there is one, NotReplicated when Dataverse does not see the service principal yet.
        https://learn.microsoft.com/en-us/power-apps/developer/data-platform/use-multi-tenant-server-server-authentication
        """
        body = {
            "applicationid": str(guid(app_id)),
            "businessunitid@odata.bind": bind("businessunits", business_unit_id),
        }
        try:
            return self.create("systemusers", body)
        except Refused as error:
            if error.code.lower() == _NOT_YET_KNOWN:
                raise NotReplicated.instead_of(error) from None
            raise

    def enable_user(self, user_id: str) -> None:
        self.update("systemusers", user_id, {"isdisabled": False})

    def disable_user(self, user_id: str) -> None:
        self.update("systemusers", user_id, {"isdisabled": True})

    def reassign_records(self, user_id: str, heir_id: str) -> None:
        """Give everything that a user owns to another user.

        https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/reference/reassignobjectssystemuser
        """
        heir = {"@odata.type": "Microsoft.Dynamics.CRM.systemuser", "systemuserid": str(guid(heir_id))}
        self.call(
            "POST",
            f"systemusers({guid(user_id)})/Microsoft.Dynamics.CRM.ReassignObjectsSystemUser",
            body={"ReassignPrincipal": heir},
            retry=True,
        )

    def root_business_unit(self) -> str:
        """The id of the business unit above all others."""
        found = self.list(
            "businessunits",
            select=("businessunitid",),
            filter=eq("_parentbusinessunitid_value", None),
            formatted=False,
        ).records
        if not found:
            raise Refused("The environment shows no root business unit to this account")
        return str(found[0]["businessunitid"])

    def roles(self, name: str, business_unit_id: str) -> list[Role]:
        """Roles of this name in this very business unit; every unit has its own copy of a role.

        Without a name, all of that unit.
        """
        here = eq("_businessunitid_value", guid(business_unit_id))
        wanted = and_(eq("name", name), here) if name else here
        found = self.list(
            "roles", select=("roleid", "name", "_businessunitid_value"), filter=wanted, formatted=False
        )
        return [_role(record) for record in found.records]

    def create_role(self, name: str, business_unit_id: str) -> str:
        """Create an empty role and return its id."""
        body = {"name": name, "businessunitid@odata.bind": bind("businessunits", business_unit_id)}
        return self.create("roles", body)

    def role_privileges(self, role_id: str) -> dict[str, str]:
        """Privilege names to depths.

        https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/reference/retrieveroleprivilegesrole
        """
        found = self.call("GET", f"RetrieveRolePrivilegesRole(RoleId={guid(role_id)})").json()
        return self._named(found["RolePrivileges"])

    def set_role_privileges(self, role_id: str, privileges: Mapping[str, str]) -> None:
        """Make a role hold exactly these privileges, names to depths (Basic, Local, Deep, Global).

        Raises Invalid naming those that the environment does not have.
        https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/reference/replaceprivilegesrole
        """
        wrong = sorted({depth for depth in privileges.values() if depth not in DEPTHS})
        if wrong:
            raise Invalid(f"Privileges cannot have the depth {', '.join(wrong)}")
        ids = self.privileges(privileges)
        missing = sorted(set(privileges) - set(ids))
        if missing:
            raise Invalid(f"The environment has no privilege named {', '.join(missing)}")
        unit = self.get("roles", role_id, select=("_businessunitid_value",), formatted=False)[
            "_businessunitid_value"
        ]
        granted = [
            {"PrivilegeId": ids[name], "Depth": depth, "BusinessUnitId": unit}
            for name, depth in privileges.items()
        ]
        self.call(
            "POST",
            f"roles({guid(role_id)})/Microsoft.Dynamics.CRM.ReplacePrivilegesRole",
            body={"Privileges": granted},
            retry=True,
        )

    def privileges(self, names: Iterable[str]) -> dict[str, str]:
        """Ids of privileges by name; unknown names are left out."""
        return {record["name"]: record["privilegeid"] for record in self._privileges("name", names)}

    def narrowest_depths(self, names: Iterable[str]) -> dict[str, str]:
        """For each privilege the narrowest depth it can be granted with: Basic where its entity has owners.

        https://learn.microsoft.com/en-us/power-apps/developer/data-platform/reference/entities/privilege
        """
        flags = {f"canbe{depth.lower()}": depth for depth in DEPTHS}
        return {
            record["name"]: next((depth for flag, depth in flags.items() if record.get(flag)), DEPTHS[-1])
            for record in self._privileges("name", names, tuple(flags))
        }

    def user_roles(self, user_id: str) -> list[Role]:
        """Roles assigned to the user itself (not those of its teams)."""
        params = {"$select": "roleid,name,_businessunitid_value"}
        found = self.call("GET", f"systemusers({guid(user_id)})/{_ROLE_LINK}", params).json()
        return [_role(record) for record in found["value"]]

    def assign_role(self, user_id: str, role_id: str) -> None:
        """Give a user a role of its own business unit; twice is once."""
        if any(role.id == guid(role_id) for role in self.user_roles(user_id)):
            return
        try:
            self.associate("systemusers", user_id, _ROLE_LINK, "roles", role_id)
        except Duplicate:
            return

    def remove_role(self, user_id: str, role_id: str) -> None:
        """Take a role from a user; one it does not have is no error."""
        if any(role.id == guid(role_id) for role in self.user_roles(user_id)):
            self.disassociate("systemusers", user_id, _ROLE_LINK, role_id)

    def user_privileges(self, user_id: str) -> dict[str, str]:
        """All that a user may do, by its own roles and its teams': privilege names to depths.

        https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/reference/retrieveuserprivileges
        """
        path = f"systemusers({guid(user_id)})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges"
        return self._named(self.call("GET", path).json()["RolePrivileges"])

    def _named(self, granted: Iterable[Mapping[str, Any]]) -> dict[str, str]:
        """Names to depths; older servers name privileges by id only. Of several grants the widest counts."""
        listed = list(granted)
        unnamed = [guid(entry["PrivilegeId"]) for entry in listed if not entry.get("PrivilegeName")]
        names = {
            guid(found["privilegeid"]): found["name"] for found in self._privileges("privilegeid", unnamed)
        }
        depths: dict[str, str] = {}
        for entry in listed:
            name = entry.get("PrivilegeName") or names.get(guid(entry["PrivilegeId"]), entry["PrivilegeId"])
            depths[name] = max(depths.get(name, "Basic"), str(entry["Depth"]), key=DEPTHS.index)
        return depths

    def _privileges(
        self, attribute: str, values: Iterable[str], more: tuple[str, ...] = ()
    ) -> list[dict[str, Any]]:
        wanted = sorted(set(values))
        found: list[dict[str, Any]] = []
        for start in range(0, len(wanted), _NAMES_PER_QUERY):
            some = or_(*(eq(attribute, value) for value in wanted[start : start + _NAMES_PER_QUERY]))
            found += self.list(
                "privileges", select=("privilegeid", "name", *more), filter=some, formatted=False
            ).records
        return found


def _application_user(record: Mapping[str, Any]) -> ApplicationUser:
    return ApplicationUser(
        id=record["systemuserid"],
        disabled=bool(record.get("isdisabled")),
        business_unit_id=record.get("_businessunitid_value") or "",
        object_id=record.get("azureactivedirectoryobjectid") or "",
    )


def _role(record: Mapping[str, Any]) -> Role:
    return Role(id=record["roleid"], name=record["name"], business_unit_id=record["_businessunitid_value"])
