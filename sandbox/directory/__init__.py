"""The state of Entra: who exists, which applications are registered, who agreed to what.

It knows no HTTP. Entra, Graph, Global Discovery and every Dataverse environment ask it.
"""

from collections.abc import Mapping

from sandbox.clock import Clock
from sandbox.database import Database
from sandbox.directory import cast, tables
from sandbox.directory.applications import Applications
from sandbox.directory.consents import Consents
from sandbox.directory.credentials import Credentials
from sandbox.directory.model import Application, Environment, Person, ServicePrincipal, Tenant
from sandbox.directory.people import People
from sandbox.directory.service_principals import ServicePrincipals
from sandbox.directory.settings import Settings
from sandbox.directory.sign_ins import SignIns

__all__ = ["Application", "Directory", "Environment", "Person", "ServicePrincipal", "Tenant"]


class Directory:
    """All tenants of one sandbox. Created filled with the cast; `reset()` returns to that."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.people_table = People(database)
        self.principals = ServicePrincipals(database, clock)
        self.applications = Applications(database, clock)
        self.credentials = Credentials(database, clock)
        self.consents = Consents(database)
        self.sign_ins = SignIns(database, clock)
        self.settings = Settings(database)
        self._origins: dict[str, str] = {}
        with database.write() as connection:
            tables.create(connection)
            if not connection.execute("SELECT 1 FROM tenant").fetchone():
                cast.seed(connection)
        self.settings.load()

    def reset(self) -> None:
        """Forget everything that happened since the beginning."""
        with self.database.write() as connection:
            tables.clear(connection)
            cast.seed(connection)
        self.settings.load()

    def place(self, origins: Mapping[str, str]) -> None:
        """Say where each environment is served: url_name → origin. Ports differ from start to start."""
        self._origins = dict(origins)

    def environments(self) -> list[Environment]:
        return self.people_table.environments(self._origins)

    def environment_at(self, origin: str) -> Environment | None:
        return next((one for one in self.environments() if one.origin == origin), None)

    def tenant(self, name: str) -> Tenant | None:
        """By id or domain."""
        return self.people_table.tenant(name)

    def person(self, oid: str) -> Person | None:
        return self.people_table.person(oid)

    def people(self, tenant_id: str | None = None) -> list[Person]:
        return self.people_table.of_tenant(tenant_id)

    def service_principal(self, tenant_id: str, app_id: str) -> ServicePrincipal | None:
        """The application `app_id` as this tenant sees it; None while it has not replicated."""
        return self.principals.find(tenant_id, app_id)
