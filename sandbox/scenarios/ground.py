"""What no environment is without: the organisation, its units, currency, roles, people and teams."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sandbox.dataverse.security.privileges import BASIC, DEEP, GLOBAL, LOCAL, all_privileges, privilege_id
from sandbox.directory.model import Environment, Person
from sandbox.scenarios.loader import Loader, Owner
from sandbox.scenarios.packages import add_solutions
from sandbox.scenarios.roles import TEMPLATES, role_contents
from sandbox.scenarios.views import system_views

ROOT = ""
# Business units below the root (whose name is the environment's), with the unit above each.
UNITS: Mapping[str, str] = {"Sales": ROOT, "Service": ROOT}


@dataclass(frozen=True)
class Colleague:
    """Somebody with a user here who is not in the directory, and so never signs in."""

    given: str
    family: str
    title: str
    role: str
    unit: str
    manager: str = ""


@dataclass(frozen=True)
class Ground:
    """Who rows can belong to."""

    users: tuple[Owner, ...]
    teams: tuple[Owner, ...]
    colleagues: Mapping[str, Owner] = field(default_factory=dict)

    @property
    def owners(self) -> tuple[Owner, ...]:
        return self.users + self.teams


def lay_ground(
    loader: Loader,
    environment: Environment,
    people: Sequence[Person],
    units: Mapping[str, str] = UNITS,
    colleagues: Sequence[Colleague] = (),
) -> Ground:
    """Fill an empty environment with everything but business data. `units` come with the unit above each."""
    administrator = next(person for person in people if person.is_administrator)
    loader.author = loader.id("user", administrator.oid)
    loader.organization = environment.id
    loader.currency = loader.id("currency", "USD")
    ids = _units(loader, environment, units)
    _currencies(loader)
    _organization(loader, environment)
    roles = _roles(loader, ids, {ROOT: None, **units})
    users = _users(loader, environment, people, ids, roles)
    others = _colleagues(loader, environment, colleagues, ids, roles)
    teams = _teams(loader, ids)
    add_solutions(loader, environment)
    loader.add(
        "savedquery", [view for entity in loader.snapshot.entities.values() for view in system_views(entity)]
    )
    return Ground(users, teams, others)


def _units(loader: Loader, environment: Environment, parents: Mapping[str, str]) -> dict[str, str]:
    units = {name: loader.id("unit", name) for name in (ROOT, *parents)}
    rows = [
        {
            "businessunitid": key,
            "name": name or environment.friendly_name,
            "parentbusinessunitid": units[parents[name]] if name else None,
        }
        for name, key in units.items()
    ]
    loader.add("businessunit", rows)
    return units


def _currencies(loader: Loader) -> None:
    known = [
        ("USD", "US Dollar", "$", "1"),
        ("EUR", "Euro", "€", "0.9215"),
        ("JPY", "Japanese Yen", "¥", "151.37"),
    ]
    rows = [
        {
            "transactioncurrencyid": loader.id("currency", code),
            "currencyname": name,
            "isocurrencycode": code,
            "currencysymbol": symbol,
            "currencyprecision": 0 if code == "JPY" else 2,
            "exchangerate": Decimal(rate),
        }
        for code, name, symbol, rate in known
    ]
    loader.add("transactioncurrency", rows)


def _organization(loader: Loader, environment: Environment) -> None:
    row = {
        "organizationid": environment.id,
        "name": environment.unique_name,
        "schemanameprefix": "smp",
        "currencysymbol": "$",
        "basecurrencyid": loader.currency,
    }
    loader.add("organization", [row])


def _roles(
    loader: Loader, units: dict[str, str], parents: Mapping[str, str | None]
) -> dict[tuple[str, str], str]:
    """Roles by name and unit; each unit has copies of the root's."""
    privileges = all_privileges(entity.table for entity in loader.snapshot.entities.values())
    rows = [
        {
            "privilegeid": p.id,
            "name": p.name,
            "accessright": {"None": 0}.get(p.verb, 1),
            "canbebasic": bool(p.depths & BASIC),
            "canbelocal": bool(p.depths & LOCAL),
            "canbedeep": bool(p.depths & DEEP),
            "canbeglobal": bool(p.depths & GLOBAL),
        }
        for p in privileges.values()
    ]
    loader.add("privilege", rows)
    loader.add("roletemplate", [{"roletemplateid": key, "name": name} for name, key in TEMPLATES.items()])
    contents = role_contents(privileges)
    roles = {(name, unit): loader.id("role", name, unit) for name in contents for unit in units}
    loader.add("role", [_role(loader, name, unit, units, roles, parents[unit]) for name, unit in roles])
    grants = [
        {
            "roleprivilegesid": loader.id("roleprivilege", role, privilege),
            "roleid": role,
            "privilegeid": privilege_id(privilege),
            "privilegedepthmask": depth if privileges[privilege].depths & depth else GLOBAL,
        }
        for (name, _), role in roles.items()
        for privilege, depth in contents[name].items()
    ]
    loader.add("roleprivileges", grants)
    return roles


def _role(  # noqa: PLR0917 - one row
    loader: Loader,
    name: str,
    unit: str,
    units: dict[str, str],
    roles: dict[tuple[str, str], str],
    parent: str | None,
) -> dict[str, object]:
    return {
        "roleid": roles[name, unit],
        "name": name,
        "businessunitid": units[unit],
        "parentroleid": None if parent is None else roles[name, parent],
        "parentrootroleid": roles[name, ""],
        "roletemplateid": TEMPLATES[name],
        "canbedeleted": name != "System Administrator",
        "iscustomizable": name != "System Administrator",
        "createdby": loader.author,
    }


def _place(environment: Environment, person: Person) -> tuple[str, str] | None:
    """The role and the unit of a person here; None for whoever has no user in this environment."""
    if person.is_administrator:
        return "System Administrator", ""
    if "sales" in person.job_title.lower():
        # Sales people work where customers are, not where apps are made.
        return None if "development" in environment.friendly_name.lower() else ("Salesperson", "Sales")
    return "System Customizer", ""


def _users(
    loader: Loader,
    environment: Environment,
    people: Sequence[Person],
    units: dict[str, str],
    roles: dict[tuple[str, str], str],
) -> tuple[Owner, ...]:
    placed = [(person, place) for person in people if (place := _place(environment, person))]
    rows, settings, assignments, owners = [], [], [], []
    for person, (role, unit) in placed:
        key = loader.id("user", person.oid)
        owners.append(Owner(key, "systemuser", units[unit]))
        rows.append(
            {
                "systemuserid": key,
                "azureactivedirectoryobjectid": person.oid,
                "domainname": person.upn,
                "windowsliveid": person.upn,
                "internalemailaddress": person.upn,
                "firstname": person.given_name,
                "lastname": person.surname,
                "title": person.job_title,
                "jobtitle": person.job_title,
                "businessunitid": units[unit],
                "islicensed": 1,
            }
        )
        settings.append({"systemuserid": key, "businessunitid": units[unit]})
        assignment = loader.id("assignment", person.oid, role)
        assignments.append(
            {"systemuserrolesid": assignment, "systemuserid": key, "roleid": roles[role, unit]}
        )
    loader.add("systemuser", rows)
    loader.add("usersettings", settings)
    loader.add("systemuserroles", assignments)
    return tuple(owners)


def _colleagues(
    loader: Loader,
    environment: Environment,
    colleagues: Sequence[Colleague],
    units: dict[str, str],
    roles: dict[tuple[str, str], str],
) -> dict[str, Owner]:
    """Users by full name."""
    owners: dict[str, Owner] = {}
    rows, settings, assignments = [], [], []
    for one in colleagues:
        name = f"{one.given} {one.family}"
        key = loader.id("user", name)
        owners[name] = Owner(key, "systemuser", units[one.unit])
        address = f"{one.given}.{one.family}@{environment.unique_name}.example".lower()
        rows.append(
            {
                "systemuserid": key,
                "azureactivedirectoryobjectid": loader.id("person", name),
                "domainname": address,
                "windowsliveid": address,
                "internalemailaddress": address,
                "firstname": one.given,
                "lastname": one.family,
                "title": one.title,
                "jobtitle": one.title,
                "businessunitid": units[one.unit],
                "parentsystemuserid": loader.id("user", one.manager) if one.manager else None,
                "islicensed": 1,
            }
        )
        settings.append({"systemuserid": key, "businessunitid": units[one.unit]})
        assignments.append(
            {
                "systemuserrolesid": loader.id("assignment", name),
                "systemuserid": key,
                "roleid": roles[one.role, one.unit],
            }
        )
    loader.add("systemuser", rows)
    loader.add("usersettings", settings)
    loader.add("systemuserroles", assignments)
    return owners


def _teams(loader: Loader, units: dict[str, str]) -> tuple[Owner, ...]:
    """Each unit's default team; everybody of the unit is in it."""
    teams = {unit: loader.id("team", unit) for unit in units}
    names = dict(loader.connection.execute("SELECT businessunitid, name FROM businessunit").fetchall())
    rows = [
        {
            "teamid": key,
            "name": names[units[unit]],
            "isdefault": 1,
            "systemmanaged": 1,
            "businessunitid": units[unit],
            "administratorid": loader.author,
        }
        for unit, key in teams.items()
    ]
    loader.add("team", rows)
    members = loader.connection.execute("SELECT systemuserid, businessunitid FROM systemuser").fetchall()
    by_unit = {units[unit]: key for unit, key in teams.items()}
    loader.add(
        "teammembership",
        [
            {"teammembershipid": loader.id("member", user), "teamid": by_unit[unit], "systemuserid": user}
            for user, unit in members
        ],
    )
    return tuple(Owner(key, "team", units[unit]) for unit, key in teams.items())
