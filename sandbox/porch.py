"""The http origin: the home page, the control plane, and Entra's pages."""

from typing import Any
from wsgiref.types import WSGIApplication

from sandbox.control import PREFIX
from sandbox.directory import Directory
from sandbox.pages import page
from sandbox.places import Places


class Porch:
    """Sends each path to whom it belongs. The control plane is reached without passing the gate of faults."""

    def __init__(
        self,
        directory: Directory,
        places: Places,
        ca_file: str,
        *,
        control: WSGIApplication,
        entra: WSGIApplication,
    ) -> None:
        self._directory = directory
        self._places = places
        self._ca_file = ca_file
        self._control = control
        self._entra = entra

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        path = environ["PATH_INFO"]
        if path == PREFIX or path.startswith(f"{PREFIX}/"):
            return self._control(environ, start_response)
        if path == "/" and environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            return self._home()(environ, start_response)
        return self._entra(environ, start_response)

    def _home(self) -> Any:
        tenants = {tenant.id: tenant.name for tenant in self._directory.people_table.tenants()}
        people = [
            {
                "given_name": person.given_name,
                "surname": person.surname,
                "display_name": person.display_name,
                "upn": person.upn,
                "job_title": person.job_title,
                "tenant": tenants[person.tenant_id],
                "enabled": person.enabled,
            }
            for person in self._directory.people()
        ]
        environments = self._directory.environments()
        return page(
            "home", places=self._places, environments=environments, people=people, ca_file=self._ca_file
        )
