"""A requests session that cannot be led astray: checked addresses, no redirects, no cookies, always a timeout."""

import http.cookiejar
import os
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

import requests

from .clouds import Cloud
from .errors import OriginRefused

MOST_IDLE = 32  # sessions that wait for a thread


class GuardedSession(requests.Session):
    """Speaks only to addresses that the cloud allows.

    `trust_env` is off because REQUESTS_CA_BUNDLE and the like would override `verify`, and because proxies are
    given explicitly. Cookies are dropped: one session serves many people, and without Dataverse's affinity cookie
    requests spread over its servers.
    """

    def __init__(
        self,
        cloud: Cloud,
        *,
        verify: str,
        proxies: Mapping[str, str],
        timeout: tuple[float, float],
        user_agent: str,
    ) -> None:
        super().__init__()
        self.cloud = cloud
        self.timeout = timeout
        self.trust_env = False
        self.verify = verify
        self.proxies.update(proxies)
        self.headers["User-Agent"] = user_agent
        self.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self.timeout
        kwargs["allow_redirects"] = False
        return super().request(method, url, *args, **kwargs)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        if not self.cloud.allows(request.url or ""):
            raise OriginRefused(f"This address does not belong to {self.cloud.label}; nothing was sent")
        return super().send(request, **kwargs)


class Bearer(requests.auth.AuthBase):
    """A token on its way into a request; it does not show in tracebacks that print local variables."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Lent:
    """A thread's session. When the thread has ended, and this with it, the session is free for another."""

    def __init__(self, session: GuardedSession, idle: "deque[tuple[int, GuardedSession]]") -> None:
        self.session, self.pid, self._idle = session, os.getpid(), idle

    def __del__(self) -> None:
        self._idle.append((self.pid, self.session))


class SessionPool:
    """One session per thread and process: requests does not promise to be thread-safe, and sockets must not fork.

    The session of a thread that has ended serves the next one, which so finds its connections made.
    """

    def __init__(
        self,
        cloud: Cloud,
        *,
        ca_file: str | None,
        proxies: Mapping[str, str] | None,
        timeout: tuple[float, float],
        user_agent: str,
    ) -> None:
        self._cloud = cloud
        self._verify = ca_file or cloud.ca_file or requests.utils.DEFAULT_CA_BUNDLE_PATH
        self._proxies = dict(proxies or {})
        self._timeout = timeout
        self._user_agent = user_agent
        self._local = threading.local()
        self._idle: deque[tuple[int, GuardedSession]] = deque(maxlen=MOST_IDLE)

    def session(self) -> GuardedSession:
        lent: _Lent | None = getattr(self._local, "lent", None)
        if lent is None or lent.pid != os.getpid():
            lent = self._local.lent = _Lent(self._idle_one() or self._new(), self._idle)
        return lent.session

    def close(self) -> None:
        """Close this thread's session and those of threads that have ended; others end with their threads."""
        lent: _Lent | None = getattr(self._local, "lent", None)
        if lent is not None and lent.pid == os.getpid():
            lent.session.close()
        while (idle := self._idle_one()) is not None:
            idle.close()

    def _idle_one(self) -> GuardedSession | None:
        """The session that was left last; those of another process stay untouched."""
        while self._idle:
            try:
                pid, session = self._idle.pop()
            except IndexError:
                return None  # another thread was quicker
            if pid == os.getpid():
                return session
        return None

    def _new(self) -> GuardedSession:
        return GuardedSession(
            self._cloud,
            verify=self._verify,
            proxies=self._proxies,
            timeout=self._timeout,
            user_agent=self._user_agent,
        )
