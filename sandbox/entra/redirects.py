"""Redirect URIs: which are allowed, and how an answer is attached to one.

https://learn.microsoft.com/entra/identity-platform/reply-url
"""

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode, urlsplit

from sandbox.directory import Application

PLATFORMS = ("web", "spa", "publicClient")
LOOPBACK = {"localhost", "127.0.0.1"}


def is_registered(application: Application, uri: str, platforms: Iterable[str] = PLATFORMS) -> bool:
    """Exactly as registered, but for the port of http://localhost and http://127.0.0.1, which is free."""
    wanted = _portless(uri)
    return any(
        wanted == _portless(known) for platform in platforms for known in application.redirect_uris(platform)
    )


def attach(uri: str, parameters: Mapping[str, str], mode: str) -> str:
    """The redirect URI with an answer in its query or fragment."""
    encoded = urlencode({name: value for name, value in parameters.items() if value})
    if mode == "fragment":
        return f"{uri}#{encoded}"
    return f"{uri}{'&' if '?' in uri else '?'}{encoded}"


def _portless(uri: str) -> str:
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return uri
    if parts.scheme != "http" or parts.hostname not in LOOPBACK or port is None or "@" in parts.netloc:
        return uri
    return uri.replace(f":{port}", "", 1)
