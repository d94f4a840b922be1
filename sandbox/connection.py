"""One client's connection: HTTP/1.1 requests in, WSGI, answers out."""

import http
import socket
import struct
import sys
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

MAX_BODY = 256 * 1024 * 1024
IDLE_SECONDS = 120
NO_BODY = {204, 304}


class Sever(Exception):  # noqa: N818 - an order, not a mishap
    """Raised by a fault: break the connection off instead of answering."""


class Unreadable(Exception):  # noqa: N818 - internal to this module
    """The request makes no sense as HTTP; `status` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Connection(BaseHTTPRequestHandler):
    """Reads every body wholly before the application runs, so that the next request starts where it should."""

    protocol_version = "HTTP/1.1"
    # What a garbled request line is answered in; the oldest version would leave the status line out.
    default_request_version = "HTTP/1.0"
    timeout = IDLE_SECONDS
    wbufsize = 64 * 1024
    error_content_type = "text/html; charset=us-ascii"
    error_message_format = (
        "<!DOCTYPE HTML><HTML><HEAD><TITLE>%(message)s</TITLE></HEAD>"
        "<BODY><h2>%(message)s</h2><hr><p>HTTP Error %(code)d.</p></BODY></HTML>"
    )

    def version_string(self) -> str:
        return "sandbox"

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """In the plain words of the status; the base class would quote the request."""
        super().send_error(code, http.HTTPStatus(code).phrase)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """The control plane keeps the request log; a console line would repeat it."""

    def handle_one_request(self) -> None:
        self.close_connection = True
        try:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline:
                return
            if len(self.raw_requestline) > 65536:
                self.requestline = self.request_version = self.command = ""
                self.send_error(414)
                return
            if not self.parse_request():
                return
            environ = self._environ(self._read_body())
        except Unreadable as problem:
            self.close_connection = True
            self.send_error(problem.status)
            return
        except OSError:
            self.close_connection = True
            return
        if self.server.stopping:  # type: ignore[attr-defined]
            self.close_connection = True
        self._answer(environ)

    def _read_body(self) -> bytes:
        encoding = self.headers.get("Transfer-Encoding")
        length = self.headers.get("Content-Length")
        if encoding is not None:
            if encoding.strip().lower() != "chunked" or length is not None:
                raise Unreadable(400)
            return self._read_chunks()
        if length is None:
            return b""
        if not (length.isascii() and length.isdigit()):
            raise Unreadable(400)
        if int(length) > MAX_BODY:
            raise Unreadable(413)
        return self._exactly(int(length))

    def _read_chunks(self) -> bytes:
        parts: list[bytes] = []
        total = 0
        while True:
            try:
                size = int(self.rfile.readline(1026).split(b";")[0], 16)
            except ValueError as error:
                raise Unreadable(400) from error
            total += size
            if size < 0 or total > MAX_BODY:
                raise Unreadable(413)
            if size == 0:
                while self.rfile.readline(65537).strip():
                    continue
                return b"".join(parts)
            parts.append(self._exactly(size))
            self.rfile.readline(3)

    def _exactly(self, size: int) -> bytes:
        data = self.rfile.read(size)
        if len(data) < size:
            raise ConnectionResetError("The client left in the middle of its request.")
        return data

    def _answer(self, environ: dict[str, Any]) -> None:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:  # noqa: ARG001
            started[:] = [(status, headers)]
            return None

        try:
            chunks = self.server.application(environ, start_response)  # type: ignore[attr-defined]
            try:
                self._send(*started[0], chunks)
            finally:
                if hasattr(chunks, "close"):
                    chunks.close()
        except Sever:
            self.close_connection = True
            self._reset()
        except OSError:
            self.close_connection = True

    def _send(self, status: str, headers: list[tuple[str, str]], chunks: Iterable[bytes]) -> None:
        code, _, reason = status.partition(" ")
        number = int(code)
        self.send_response(number, reason or http.HTTPStatus(number).phrase)
        names = {name.lower() for name, _ in headers}
        for name, value in headers:
            self.send_header(name, value)
        bare = number in NO_BODY or self.command == "HEAD"
        chunked = False
        if "content-length" not in names and not bare:
            if isinstance(chunks, list | tuple):
                self.send_header("Content-Length", str(sum(map(len, chunks))))
            elif self.request_version == "HTTP/1.1":
                chunked = True
                self.send_header("Transfer-Encoding", "chunked")
            else:
                self.close_connection = True
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        for chunk in chunks:
            if bare or not chunk:
                continue
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _environ(self, body: bytes) -> dict[str, Any]:
        target = "/" + self.path.lstrip("/") if self.path.startswith("//") else self.path
        try:
            url = urlsplit(target)
        except ValueError as error:
            raise Unreadable(400) from error
        # A proxy's form of the request line names the host too; the path is what counts.
        path = url.path or "/"
        raw = (f"{path}?{url.query}" if url.query else path) if url.scheme else self.path
        listener: Any = self.server
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": url.query,
            "RAW_URI": raw,
            "REQUEST_URI": raw,
            "REMOTE_ADDR": self.client_address[0],
            "SERVER_NAME": "localhost",
            "SERVER_PORT": str(listener.port),
            "SERVER_PROTOCOL": self.request_version,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": listener.scheme,
            "wsgi.input": BytesIO(body),
            "wsgi.input_terminated": True,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            if "_" in name:
                continue  # indistinguishable from the dashed one after the translation below
            key = name.upper().replace("-", "_")
            key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
            environ[key] = f"{environ[key]},{value}" if key in environ else value
        environ["CONTENT_LENGTH"] = str(len(body))
        if not body and "CONTENT_LENGTH" in environ and self.headers.get("Content-Length") is None:
            del environ["CONTENT_LENGTH"]
        return environ

    def _reset(self) -> None:
        """Close with RST instead of FIN, as a broken network does."""
        raw: socket.socket = self.connection
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Not the TLS object's own close, which would first say goodbye.
        socket.socket(fileno=raw.detach()).close()
