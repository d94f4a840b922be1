"""Where this sandbox is served right now."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Places:
    """Origins without trailing slash. `pages` is plain http on the loopback, the others are TLS."""

    pages: str
    login: str
    graph: str
    discovery: str
    environments: dict[str, str]  # url name → origin

    def all_tls(self) -> list[str]:
        return [self.login, self.graph, self.discovery, *self.environments.values()]
