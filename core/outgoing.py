"""Requests to addresses that people typed: to the public internet, or to hosts that the operator has listed.

The name is looked up once, every address it has must be a public one, and the connection goes to the address that was
looked at: a name that answers differently a moment later leads nowhere else. Redirects are not followed.
"""

import ipaddress
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter

from core.problems import BadInput, Unavailable

TIMEOUT = (5, 10)  # seconds to connect, and between two bytes of the answer
LONGEST = 2000
_HOST = re.compile(r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$|^[0-9a-f:.]+$")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Target:
    """An address taken apart; what is requested is put together from these parts alone."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def label(self) -> str:
        """Host and port, as the Host header says them."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return name if self.port == usual else f"{name}:{self.port}"


def target_of(url: str) -> Target:
    """Take an address apart.

    Raises:
        BadInput: it is not one that Isthmus would ever send something to; `fields` says why under "url".

    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise _bad("This is not an address.") from None
    if len(url) > LONGEST or re.search(r"[\s\\\x00-\x1f\x7f]", url) or not url.isascii():
        raise _bad("An address has no blanks, backslashes or accents, and at most 2,000 characters.")
    if parts.scheme not in ("https", "http") or not _HOST.match(host):
        raise _bad("Give a whole address that begins with https://.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _bad("Leave out user name, password and #.")
    port = port or (443 if parts.scheme == "https" else 80)
    if parts.scheme == "http" and not _is_listed(host, port):
        raise _bad("Only https:// keeps what is sent from being read on the way.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path)


def check(url: str) -> Target:
    """The same, and that its name leads to public addresses at this moment. Raises BadInput, Unavailable."""
    target = target_of(url)
    addresses_of(target.host, target.port)
    return target


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Send a body; the status of the answer, whose content is not read.

    Raises:
        BadInput: the address is not allowed, or is not any more.
        Unavailable: no connection, or no answer in time.

    """
    target = target_of(url)
    address = addresses_of(target.host, target.port)[0]
    place = f"[{address}]" if ":" in address else address
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", _Pinned(target.host))
        try:
            answer = session.post(
                f"{target.scheme}://{place}:{target.port}{target.path}",
                data=body,
                headers={"Host": target.label, "User-Agent": f"Isthmus/{settings.VERSION}", **headers},
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
                verify=settings.OUTGOING_CA_FILE or True,
            )
            answer.close()
        except requests.exceptions.SSLError:
            raise Unavailable(f"The certificate of {target.label} could not be verified.") from None
        except requests.Timeout:
            raise Unavailable(f"{target.label} did not answer in time.") from None
        except requests.RequestException:
            raise Unavailable(f"There is no connection to {target.label}.") from None
    return answer.status_code


class _Pinned(HTTPAdapter):
    """Connects to an address, and wants the certificate of a name."""

    def __init__(self, host: str) -> None:
        self._host = host
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, server_hostname=self._host, assert_hostname=self._host, **options)


def addresses_of(host: str, port: int) -> list[str]:
    """The addresses of a host that may be spoken to; connect to one of these, and to nothing looked up later.

    Raises:
        BadInput: it lies in an inner network, and the operator has not listed it; `fields` says so under "url".
        Unavailable: the name has no address.

    """
    if not _HOST.fullmatch(host.lower()):
        raise _bad("This is not the name of a host.")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unavailable(f"The name {host} has no address.", advice="Check its spelling.") from None
    addresses = [str(one[4][0]) for one in found]
    if not _is_listed(host, port) and not all(_is_public(one) for one in addresses):
        raise _bad(f"{host} is an address of an inner network, where Isthmus sends nothing.")
    return addresses


def _is_listed(host: str, port: int) -> bool:
    return any(one.lower() in (host.lower(), f"{host.lower()}:{port}") for one in settings.OUTGOING_HOSTS)


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if any(one is not None and not _is_public(str(one)) for one in inner):
            return False
        if address.ipv4_mapped is not None:
            return True
    return address.is_global and not address.is_multicast


def _bad(why: str) -> BadInput:
    return BadInput(why, title="This address is not allowed", fields={"url": why})
