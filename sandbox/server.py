"""One listener per origin: threads, keep-alive, TLS whose handshake never blocks the others."""

import socket
import socketserver
import ssl
import sys
import threading
import time
from typing import Any
from wsgiref.types import WSGIApplication

from sandbox.connection import Connection

HANDSHAKE_TIMEOUT = 10
STOP_TIMEOUT = 5


class Listener(socketserver.TCPServer):
    """Serves one WSGI application on 127.0.0.1:`port` (0 picks a free one)."""

    allow_reuse_address = True
    request_queue_size = 256

    def __init__(
        self, application: WSGIApplication | None, port: int, tls: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(("127.0.0.1", port), Connection)
        self.application = application
        self.tls = tls
        self.stopping = False
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, socket.socket] = {}
        self._acceptor: threading.Thread | None = None

    @property
    def port(self) -> int:
        port: int = self.server_address[1]
        return port

    @property
    def scheme(self) -> str:
        return "https" if self.tls else "http"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://localhost:{self.port}"

    def start(self) -> None:
        self._acceptor = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, name=f"accept-{self.port}", daemon=True
        )
        self._acceptor.start()

    def stop(self) -> None:
        """Accept nothing more, let requests in flight finish, close idle connections."""
        self.stopping = True
        if self._acceptor:
            self.shutdown()
            self._acceptor.join()
        self.server_close()
        with self._lock:
            waiting = dict(self._open)
        for connection in waiting.values():
            try:
                # Ends a blocked read, and leaves the answer of a request in flight its way out.
                socket.socket.shutdown(connection, socket.SHUT_RD)
            except OSError:
                continue
        deadline = time.monotonic() + STOP_TIMEOUT
        for thread in waiting:
            thread.join(max(0, deadline - time.monotonic()))

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(target=self._serve, args=(request, client_address), daemon=True)
        with self._lock:
            self._open[thread] = request
        thread.start()

    def _serve(self, raw: socket.socket, client_address: Any) -> None:
        connection = raw
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                raw.settimeout(HANDSHAKE_TIMEOUT)
                connection = self.tls.wrap_socket(raw, server_side=True)
                with self._lock:
                    self._open[threading.current_thread()] = connection
            self.finish_request(connection, client_address)
        except OSError:
            # The other side broke off, or never spoke TLS. Nobody is left to tell.
            return
        except Exception:  # noqa: BLE001 - the last line of defence of this thread
            self.handle_error(connection, client_address)
        finally:
            with self._lock:
                self._open.pop(threading.current_thread(), None)
            self.shutdown_request(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - socketserver's signature
        sys.excepthook(*sys.exc_info())
