"""A tiny TLS server that answers what a test tells it to, and remembers what it was asked."""

import datetime as dt
import ipaddress
import json
import ssl
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from microsoft.clouds import Cloud


@dataclass
class Answer:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0

    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int = 0  # the same for all requests of one


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that refuses our certificate is what some tests are about."""


class TlsServer:
    """Answers come from `script` in turn, then from `routes` by path; anything else is 404."""

    def __init__(self, folder: Path) -> None:
        self.script: deque[Answer] = deque()
        self.routes: dict[str, Answer] = {}
        self.asked: list[Asked] = []
        self.ca_file = folder / "cert.pem"
        self._server = _Quiet(("127.0.0.1", 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca_file, folder / "key.pem")
        # The handshake belongs into the connection's thread: a client that refuses us must not stop the server.
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.origin = f"https://localhost:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def cloud(self, **changes: Any) -> Cloud:
        given = {
            "login": self.origin,
            "graph": self.origin,
            "discovery": self.origin,
            "origins": (),
        } | changes
        return Cloud(name="tiny", label="Tiny", ca_file=str(self.ca_file), production=False, **given)

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if self.script:
            return self.script.popleft()
        return self.routes.get(
            asked.path.partition("?")[0], Answer(404, {"error": {"code": "", "message": "none"}})
        )

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body leave together; apart they would wait for each other

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = server.answer(Asked(self.command, self.path, headers, body, self.client_address[1]))
                if answer.delay:
                    threading.Event().wait(answer.delay)
                content = answer.content()
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PATCH = do_DELETE = do_HEAD = _serve  # noqa: N815

            def log_message(self, *args: Any) -> None:
                """Quiet: tests look at `asked`."""

        return Handler


def write_certificate(folder: Path) -> None:
    """`cert.pem` and `key.pem` for localhost; the certificate vouches for itself."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    hosts = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
