"""A whole sandbox in one object: data folder in, running origins out."""

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

from sandbox import failures, front_app
from sandbox.ca import CertificateAuthority
from sandbox.clock import Clock
from sandbox.control import PREFIX, ControlPlane
from sandbox.database import Database
from sandbox.dataverse import DataverseApplication
from sandbox.dataverse.setup import SCENARIOS
from sandbox.directory import Directory
from sandbox.entra import EntraApplication
from sandbox.faults import Faults
from sandbox.front_app import FrontApp
from sandbox.gate import ErrorBody, Gate
from sandbox.globaldisco import DiscoveryApplication
from sandbox.graph import GraphApplication
from sandbox.house import House
from sandbox.journal import Journal
from sandbox.places import Places
from sandbox.porch import Porch
from sandbox.server import Listener
from sandbox.tokens import TokenAuthority

SERVICES = ("pages", "login", "graph", "discovery")


class World:
    """State lives in `data_dir` and outlives the process; ports do not, unless `port` says which.

    From `port` on: pages, login, graph, discovery, then the environments. 0 picks free ones.
    Raises ValueError for an unknown scenario.
    """

    def __init__(
        self,
        data_dir: Path | str,
        port: int = 0,
        scenario: str = "small",
        *,
        redirect_uris: Sequence[str] = (front_app.REDIRECT_URI,),
        replication_delay: float = 0.0,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """`settings` are the control plane's, such as limits; they hold again after each start and reset."""
        self.folder = Path(data_dir).resolve()
        self.scenario = _known(scenario)
        self._port = port
        self._redirect_uris = tuple(redirect_uris)
        self._settings = {**(settings or {}), "replication_delay": replication_delay}
        self._listeners: dict[str, Listener] = {}
        self._houses: dict[str, House] = {}
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ca = CertificateAuthority(self.folder)
        database = Database(self.folder / "directory.sqlite3")
        self.clock = Clock(database)
        self.directory = Directory(database, self.clock)
        self.tokens = TokenAuthority(database, self.clock)
        self.faults = Faults()
        self.journal = Journal()
        self.front_app: FrontApp
        self.places: Places

    @property
    def cloud_file(self) -> Path:
        """What a client needs to know, as JSON."""
        return self.folder / "cloud.json"

    @property
    def ca_file(self) -> Path:
        return self.ca.certificate_file

    @property
    def control_url(self) -> str:
        """Without trailing slash."""
        return self.places.pages + PREFIX

    def start(self) -> None:
        """Listen. Returns at once; an environment's data is built at its first request, or by `prepare()`.

        Raises OSError naming the port that is taken.
        """
        self._listen()
        try:
            self._open()
        except BaseException:
            self.stop()
            raise

    def _open(self) -> None:
        self.directory.place(self.places.environments)
        self.directory.settings.change(self._settings)
        self.front_app = front_app.ensure(self.directory, self.folder / "front-app.json", self._redirect_uris)
        self._furnish()
        self._write_cloud()
        for listener in self._listeners.values():
            listener.start()

    def prepare(self) -> None:
        """Build what every environment needs, if it is not there yet."""
        for house in self._houses.values():
            house.open()

    def environment(self, unique_name: str) -> DataverseApplication:
        """An environment without its origin, built if need be: for tools. Raises KeyError."""
        for environment in self.directory.environments():
            if environment.unique_name == unique_name:
                database = Database(self.folder / f"env-{unique_name}.sqlite3")
                application = DataverseApplication(
                    environment, database, self.directory, self.tokens, self.clock
                )
                application.ensure_ready(self.scenario)
                return application
        raise KeyError(unique_name)

    def stop(self) -> None:
        """Finish requests in flight and free the ports. State stays."""
        listeners = list(self._listeners.values())
        with ThreadPoolExecutor(max_workers=max(1, len(listeners))) as pool:
            list(pool.map(Listener.stop, listeners))
        self._listeners.clear()

    def reset(self, scenario: str | None = None) -> None:
        """Everything as at the first start, but for ports, certificates and the clock.

        Raises ValueError for an unknown scenario.
        """
        self.scenario = _known(scenario or self.scenario)
        self.faults.remove()
        self.directory.reset()
        self.directory.settings.change(self._settings)
        self.front_app = front_app.ensure(self.directory, self.folder / "front-app.json", self._redirect_uris)
        for house in self._houses.values():
            house.rebuild(self.scenario)
        self.journal.clear()

    def _listen(self) -> None:
        tls = self.ca.context()
        names = [one.url_name for one in self.directory.environments()]
        try:
            for offset, name in enumerate([*SERVICES, *names]):
                port = self._port + offset if self._port else 0
                self._listeners[name] = Listener(None, port, None if name == "pages" else tls)
        except OSError as error:
            self.stop()
            raise OSError(
                error.errno, f"Port {port} on 127.0.0.1 cannot be used: {error.strerror}."
            ) from error
        origins = {name: listener.origin for name, listener in self._listeners.items()}
        self.places = Places(
            pages=origins["pages"],
            login=origins["login"],
            graph=origins["graph"],
            discovery=origins["discovery"],
            environments={name: origins[name] for name in names},
        )

    def _furnish(self) -> None:
        directory, tokens, clock, places = self.directory, self.tokens, self.clock, self.places
        entra = EntraApplication(directory, tokens, clock, places)
        control = ControlPlane(self)
        self._serve("login", entra, ["login"], failures.entra)
        pages = self._gate(entra, ["pages", "login"], failures.entra)
        self._listeners["pages"].application = Porch(
            directory, places, str(self.ca_file), control=control, entra=pages
        )
        self._serve("graph", GraphApplication(directory, tokens, clock, places), ["graph"], failures.graph)
        discovery = DiscoveryApplication(directory, tokens, places, self._houses.get)
        self._serve("discovery", discovery, ["discovery"], failures.dataverse)
        for environment in directory.environments():
            name = environment.url_name
            house = House(
                environment,
                self.folder,
                self.scenario,
                directory=directory,
                tokens=tokens,
                clock=clock,
                login=places.login,
            )
            self._houses[name] = house
            self._serve(name, house, [name, "dataverse"], failures.dataverse)

    def _serve(self, name: str, application: WSGIApplication, services: list[str], errors: ErrorBody) -> None:
        self._listeners[name].application = self._gate(application, services, errors)

    def _gate(self, application: WSGIApplication, services: list[str], errors: ErrorBody) -> Gate:
        return Gate(application, services, errors, faults=self.faults, journal=self.journal, clock=self.clock)

    def _write_cloud(self) -> None:
        cloud: dict[str, Any] = {
            "name": "sandbox",
            "label": "Sandbox",
            "production": False,
            "login": self.places.login,
            "authorize": self.places.pages,
            "graph": self.places.graph,
            "discovery": self.places.discovery,
            "origins": list(self.places.environments.values()),
            "ca_file": str(self.ca_file),
            "control": self.control_url,
            "written": time.time(),
        }
        # Whoever waits for the file must never read half of it.
        draft = self.cloud_file.with_suffix(".new")
        draft.write_text(json.dumps(cloud, indent=2) + "\n")
        draft.replace(self.cloud_file)


def _known(scenario: str) -> str:
    if scenario not in SCENARIOS:
        raise ValueError(f"There is no scenario {scenario!r}; there are {', '.join(SCENARIOS)}.")
    return scenario
