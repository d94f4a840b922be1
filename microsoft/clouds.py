"""Where Microsoft's services are, and which addresses may be spoken to at all.

A cloud is data. Besides Microsoft's public and national clouds there are *custom* ones, read from a JSON file:
that is how an emulator or a gateway is named. Every address is checked against the cloud before a token is
fetched for it or sent to it, so that a wrong link or a forged answer cannot carry a token away.

https://learn.microsoft.com/en-us/entra/identity-platform/authentication-national-cloud
https://learn.microsoft.com/en-us/power-platform/admin/new-datacenter-regions
"""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import msgspec

from .errors import OriginRefused

# Stricter than a URL parser on purpose: what does not look plainly like an address is refused, so that two
# parsers can never disagree about its host (no userinfo, no backslash, no white space, no escapes in the host).
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*"
    r"|\[[0-9a-f:]+\])(?::(?P<port>[0-9]{1,5}))?(?:[/?#][!-\[\]-~]*)?",
    re.IGNORECASE,
)
_TENANT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_ENVIRONMENT_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


def origin_of(url: str) -> str:
    """`scheme://host[:port]` of a plain http(s) address in lower case, without a default port; raises OriginRefused."""
    match = _ADDRESS.fullmatch(url)
    if match is None:
        raise OriginRefused("This is not a plain web address")
    scheme, host, port = match["scheme"].lower(), match["host"].lower(), match["port"]
    default = {"http": 80, "https": 443}[scheme]
    return f"{scheme}://{host}" if port is None or int(port) == default else f"{scheme}://{host}:{int(port)}"


@dataclass(frozen=True)
class Cloud:
    """One Microsoft cloud, or a stand-in for it. All addresses are origins without a trailing slash."""

    name: str
    label: str
    login: str
    graph: str
    discovery: str
    authorize: str = ""  # what a browser opens; the login origin unless it differs
    environment_suffixes: tuple[
        str, ...
    ] = ()  # an environment's host is one label (or label.api) before one of these
    origins: tuple[str, ...] = ()  # exact further origins: the environments of a custom cloud
    ca_file: str | None = None
    production: bool = True

    def __post_init__(self) -> None:
        if not self.authorize:
            object.__setattr__(self, "authorize", self.login)

    def authority(self, tenant: str) -> str:
        """The token authority of a tenant (GUID, domain, or `organizations`)."""
        return f"{self.login}/{_checked_tenant(tenant)}"

    def authorize_url(self, tenant: str) -> str:
        """Where a browser goes to sign in."""
        return f"{self.authorize}/{_checked_tenant(tenant)}/oauth2/v2.0/authorize"

    def admin_consent_url(
        self, tenant: str, client_id: str, scope: str, redirect_uri: str, state: str
    ) -> str:
        """Where an administrator consents for the whole tenant.

        https://learn.microsoft.com/en-us/entra/identity-platform/v2-admin-consent
        """
        given = {"client_id": client_id, "scope": scope, "redirect_uri": redirect_uri, "state": state}
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in given.items())
        return f"{self.authorize}/{_checked_tenant(tenant)}/v2.0/adminconsent?{query}"

    def environment_scope(self, url: str) -> str:
        """The delegated scope of an environment. One slash, always: another spelling would miss MSAL's cache."""
        return f"{self._audience(url)}/user_impersonation"

    def environment_default_scope(self, url: str) -> str:
        """The scope of an environment for an application by itself."""
        return f"{self._audience(url)}/.default"

    def graph_scope(self, name: str) -> str:
        """The full name of a Graph permission such as `User.Read`."""
        return f"{self.graph}/{name}"

    @property
    def discovery_scope(self) -> str:
        return f"{self.discovery}/user_impersonation"

    def allows(self, url: str) -> bool:
        """Whether a token may be fetched for, and sent to, this address."""
        try:
            origin = origin_of(url)
        except OriginRefused:
            return False
        if not origin.startswith("https://"):
            return False
        return origin in self._services or self._is_environment(origin)

    def require_environment(self, url: str) -> str:
        """The origin of an environment's address as people paste it; raises OriginRefused for any other address."""
        address = url.strip()
        if "://" not in address:
            address = f"https://{address}"
        origin = origin_of(address)
        if not origin.startswith("https://"):
            raise OriginRefused(f"{origin} is not an https address")
        if origin in self._services or not self._is_environment(origin):
            raise OriginRefused(f"{origin} is not an environment of {self.label}")
        return origin

    @property
    def _services(self) -> tuple[str, ...]:
        return (self.login, self.graph, self.discovery)

    def _is_environment(self, origin: str) -> bool:
        return origin in self.origins or self._plain_environment(origin) is not None

    def _plain_environment(self, origin: str) -> str | None:
        """The origin without `.api.`, if the host is an environment's by its suffix."""
        host = origin.removeprefix("https://")
        for suffix in self.environment_suffixes:
            label = host.removesuffix(suffix).removesuffix(".api")
            if host.endswith(suffix) and _ENVIRONMENT_LABEL.fullmatch(label):
                return f"https://{label}{suffix}"
        return None

    def _audience(self, url: str) -> str:
        """An environment's tokens carry its plain host, also when its `.api.` host is spoken to."""
        origin = self.require_environment(url)
        return self._plain_environment(origin) or origin


def _checked_tenant(tenant: str) -> str:
    if not _TENANT.fullmatch(tenant):
        raise OriginRefused("This is not a tenant: use its id or its domain")
    return tenant


# Numbers are regions; Microsoft adds new ones in sequence. 9 is GCC, a cloud of its own.
_PUBLIC_REGIONS = tuple(f".crm{number or ''}.dynamics.com" for number in (0, *range(2, 9), *range(10, 40)))

PUBLIC = Cloud(
    name="public",
    label="Microsoft public cloud",
    login="https://login.microsoftonline.com",
    graph="https://graph.microsoft.com",
    discovery="https://globaldisco.crm.dynamics.com",
    environment_suffixes=_PUBLIC_REGIONS,
)
GCC = Cloud(
    name="gcc",
    label="US Government (GCC)",
    login="https://login.microsoftonline.com",
    graph="https://graph.microsoft.com",
    discovery="https://globaldisco.crm9.dynamics.com",
    environment_suffixes=(".crm9.dynamics.com",),
)
GCC_HIGH = Cloud(
    name="gcc-high",
    label="US Government (GCC High)",
    login="https://login.microsoftonline.us",
    graph="https://graph.microsoft.us",
    discovery="https://globaldisco.crm.microsoftdynamics.us",
    environment_suffixes=(".crm.microsoftdynamics.us",),
)
DOD = Cloud(
    name="dod",
    label="US Government (DoD)",
    login="https://login.microsoftonline.us",
    graph="https://dod-graph.microsoft.us",
    discovery="https://globaldisco.crm.appsplatform.us",
    environment_suffixes=(".crm.appsplatform.us",),
)
CHINA = Cloud(
    name="china",
    label="China (21Vianet)",
    login="https://login.chinacloudapi.cn",
    graph="https://microsoftgraph.chinacloudapi.cn",
    discovery="https://globaldisco.crm.dynamics.cn",
    environment_suffixes=(".crm.dynamics.cn",),
)
BY_NAME = {cloud.name: cloud for cloud in (PUBLIC, GCC, GCC_HIGH, DOD, CHINA)}


class _CloudFile(msgspec.Struct):
    name: str
    label: str
    login: str
    graph: str
    discovery: str
    origins: list[str]
    authorize: str = ""
    ca_file: str | None = None
    production: bool = False


def load_custom(path: str | Path) -> Cloud:
    """Read a custom cloud from its JSON file.

    Keys: name, label, production, login, authorize, graph, discovery, origins (a list), ca_file (relative to the
    file). Everything must be https; only `authorize`, which browsers open, may be http, and only on this machine.
    Raises OSError when the file cannot be read and ValueError when it is not right.
    """
    file = Path(path)
    try:
        given = msgspec.json.decode(file.read_bytes(), type=_CloudFile)
        login, graph, discovery, *origins = (
            _https_origin(url) for url in (given.login, given.graph, given.discovery, *given.origins)
        )
        authorize = _browser_origin(given.authorize) if given.authorize else ""
    except (msgspec.DecodeError, OriginRefused) as error:
        raise ValueError(f"{file.name} does not describe a cloud: {error}") from error
    return Cloud(
        name=given.name,
        label=given.label,
        login=login,
        graph=graph,
        discovery=discovery,
        authorize=authorize,
        origins=tuple(origin for origin in origins if origin not in (login, graph, discovery)),
        ca_file=str(file.parent / given.ca_file) if given.ca_file else None,
        production=given.production,
    )


def _https_origin(url: str) -> str:
    origin = origin_of(url)
    if not origin.startswith("https://"):
        raise OriginRefused(f"{origin} is not https")
    return origin


def _browser_origin(url: str) -> str:
    origin = origin_of(url)
    host = origin.partition("://")[2].rpartition(":")[0] or origin.partition("://")[2]
    if origin.startswith("http://") and host not in ("localhost", "127.0.0.1", "[::1]"):
        raise OriginRefused(f"{origin} must be https")
    return origin
