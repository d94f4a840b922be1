"""How one environment is called: its address, its scope, the headers that every request carries."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from microsoft.errors import OriginRefused, Refused
from microsoft.http import Door, Governor, Response, TokenProvider
from microsoft.odata import build_url, guid

API = "/api/data/v9.2"
_ENTITY_ID = re.compile(r"\(([0-9a-fA-F-]{36})\)\s*$")


class Calls:
    """The ground that records, metadata and security stand on."""

    def __init__(
        self,
        door: Door,
        url: str,
        tokens: TokenProvider,
        *,
        governor: Governor | None = None,
        priority: str = "person",
        default_scope: bool = False,
    ) -> None:
        cloud = door.cloud
        self.origin = cloud.require_environment(url)
        self.base = f"{self.origin}{API}"
        self.scope = cloud.environment_default_scope(url) if default_scope else cloud.environment_scope(url)
        self._door = door
        self._tokens = tokens
        self._governor = governor
        self._priority = priority

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.origin}>"

    def call(
        self,
        method: str,
        relative: str,
        params: Mapping[str, str] | None = None,
        *,
        body: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        retry: bool | None = None,
        admit: Callable[[], None] | None = None,
    ) -> Response:
        """One request to this environment, relative to the Web API's root. Raises the errors of the door.

        `body` goes as JSON, `data` as it is; `admit` as the door says.
        """
        address = build_url(self.base, f"/{relative}", params)
        return self._send(method, address, headers, body=body, data=data, retry=retry, admit=admit)

    def follow(
        self,
        link: str,
        *,
        headers: Mapping[str, str] | None = None,
        admit: Callable[[], None] | None = None,
    ) -> Response:
        """GET a link that the server gave; it must lead to this very environment."""
        return self._send("GET", self._own(link), headers, admit=admit)

    def follow_with(
        self,
        method: str,
        link: str,
        params: Mapping[str, str],
        data: bytes,
        headers: Mapping[str, str],
    ) -> Response:
        """Send bytes to a link that the server gave; it must lead to this very environment."""
        return self._send(method, build_url(self._own(link), params=params), headers, data=data)

    def _own(self, link: str) -> str:
        if not link.startswith(f"{self.base}/"):
            raise OriginRefused("This link does not lead to the environment it is said to come from")
        return link

    def _send(
        self,
        method: str,
        address: str,
        headers: Mapping[str, str] | None,
        *,
        body: Any = None,
        data: bytes | None = None,
        retry: bool | None = None,
        admit: Callable[[], None] | None = None,
    ) -> Response:
        sent = {"Accept": "application/json", "OData-Version": "4.0", "OData-MaxVersion": "4.0"}
        if method == "GET":
            sent["If-None-Match"] = (
                "null"  # the literal word keeps caches from answering with stale expansions
            )
        return self._door.request(
            method,
            address,
            tokens=self._tokens,
            scope=self.scope,
            json=body,
            data=data,
            headers={**sent, **(headers or {})},
            governor=self._governor,
            priority=self._priority,
            retry=retry,
            admit=admit,
        )


def created_id(response: Response) -> str:
    """The id that a creation answers with, from OData-EntityId or, in batches, Location."""
    address = response.headers.get("OData-EntityId") or response.headers.get("Location") or ""
    found = _ENTITY_ID.search(address)
    if found is None:
        raise Refused(
            "The record was created, but the answer does not say under which id",
            status=response.status,
            request_id=response.request_id,
            correlation_id=response.correlation_id,
        )
    return str(guid(found[1]))
