"""The listeners: TLS, keep-alive, and manners towards clients that have none."""

import json
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

import pytest
import requests
from cryptography import x509

from sandbox.connection import Connection
from sandbox.server import Listener
from sandbox.world import World
from tests.sandbox_client import Client


def address(origin):
    return "127.0.0.1", urlsplit(origin).port


@pytest.fixture
def raw(sandbox):
    """Bytes in, bytes out, on the pages' plain origin."""
    opened = []

    def send(data, *, wait=5):
        connection = socket.create_connection(address(sandbox.places.pages), timeout=wait)
        opened.append(connection)
        connection.sendall(data)
        return connection

    yield send
    for connection in opened:
        connection.close()


def read_all(connection):
    chunks = []
    while chunk := connection.recv(65536):
        chunks.append(chunk)
    return b"".join(chunks)


class TestCertificates:
    def test_are_kept(self, tmp_path):
        first = World(tmp_path).ca_file.read_bytes()

        assert World(tmp_path).ca_file.read_bytes() == first

    def test_name_this_machine_only(self, sandbox):
        pem = ssl.get_server_certificate(address(sandbox.places.login))
        names = (
            x509.load_pem_x509_certificate(pem.encode())
            .extensions.get_extension_for_class(x509.SubjectAlternativeName)
            .value
        )
        authority = x509.load_pem_x509_certificate(sandbox.ca_file.read_bytes())

        assert names.get_values_for_type(x509.DNSName) == ["localhost"]
        assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
        assert authority.extensions.get_extension_for_class(x509.NameConstraints).critical

    def test_strict_clients_accept_them(self, sandbox):
        context = ssl.create_default_context(cafile=sandbox.ca_file)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        with (
            socket.create_connection(address(sandbox.places.graph), timeout=5) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            assert secure.version() == "TLSv1.3"

    @pytest.mark.parametrize("name", ["ca.key", "server.key", "front-app.json"])
    def test_secrets_are_for_the_owner_only(self, sandbox, name):
        assert stat.S_IMODE((sandbox.folder / name).stat().st_mode) == 0o600


class TestConnections:
    def test_are_kept_alive(self, sandbox, sandbox_http):
        url = f"{sandbox.places.login}/common/discovery/v2.0/keys"
        assert sandbox_http.get(url).status_code == 200
        pool = sandbox_http.get_adapter(url).poolmanager.connection_from_url(url)
        before = pool.num_connections
        for _ in range(5):
            assert sandbox_http.get(url).status_code == 200

        assert pool.num_connections == before

    def test_silent_clients_do_not_keep_others_waiting(self, sandbox, sandbox_http):
        stalled = [socket.create_connection(address(sandbox.places.login)) for _ in range(20)]
        try:
            started = time.monotonic()
            response = requests.Session()
            response.trust_env = False
            answer = response.get(
                f"{sandbox.places.login}/common/discovery/v2.0/keys", verify=str(sandbox.ca_file), timeout=5
            )
            assert answer.status_code == 200
            assert time.monotonic() - started < 4
        finally:
            for connection in stalled:
                connection.close()

    def test_plain_http_on_a_tls_port_is_dropped(self, sandbox, sandbox_http):
        with socket.create_connection(address(sandbox.places.login), timeout=5) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try:
                assert not connection.recv(1000).startswith(b"HTTP/")
            except ConnectionResetError:
                return

    def test_two_requests_in_one_go(self, raw):
        request = b"GET /_sandbox/clock HTTP/1.1\r\nHost: localhost\r\n\r\n"
        last = b"GET /_sandbox/clock HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

        assert read_all(raw(request + last)).count(b"HTTP/1.1 200") == 2

    def test_chunked_bodies(self, raw):
        head = b"POST /_sandbox/clock HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        body = b'6\r\n{"adva\r\n9\r\nnce": 0}\r\n'.replace(b"9\r\nnce", b"8\r\nnce") + b"0\r\n\r\n"

        assert b"HTTP/1.1 200" in read_all(raw(head + body))

    def test_head_has_no_body(self, raw):
        answer = read_all(raw(b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))

        assert answer.startswith(b"HTTP/1.1 200")
        assert answer.endswith(b"\r\n\r\n")

    @pytest.mark.parametrize(
        ("request_bytes", "status"),
        [
            (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414"),
            (b"nonsense\r\n\r\n", b"400"),
            (b"GET / HTTP/3.0\r\n\r\n", b"505"),
            (b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(200)) + b"\r\n", b"431"),
            (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
            (b"POST / HTTP/1.1\r\nContent-Length: ten\r\n\r\n", b"400"),
            (b"POST / HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n", b"413"),
            (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", b"400"),
            (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", b"400"),
            (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
            (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", b"413"),
            (b"GET http://[::1 HTTP/1.1\r\nConnection: close\r\n\r\n", b"400"),
            (b"GET //evil.example/x HTTP/1.1\r\nConnection: close\r\n\r\n", b"404"),
            (b"GET /%ff%fe HTTP/1.1\r\nConnection: close\r\n\r\n", b"404"),
            (b"BREW / HTTP/1.1\r\nConnection: close\r\n\r\n", b"404"),
        ],
    )
    def test_malformed_requests(self, raw, request_bytes, status):
        answer = read_all(raw(request_bytes))

        assert answer.split(b" ")[1] == status, answer[:200]
        assert b"Traceback" not in answer

    def test_client_that_leaves_in_the_middle(self, raw, sandbox):
        connection = raw(
            b"POST /_sandbox/reset HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
        )
        connection.shutdown(socket.SHUT_WR)

        assert read_all(connection) == b""
        assert sandbox.directory.people()


class TestStop:
    def test_lets_requests_in_flight_finish(self):
        begun, answers = threading.Event(), []

        def slow(environ, start_response):
            begun.set()
            time.sleep(0.3)
            start_response("200 OK", [])
            return [b"done"]

        listener = Listener(slow, 0)
        listener.start()
        asking = threading.Thread(
            target=lambda: answers.append(requests.get(listener.origin, timeout=5).text)
        )
        asking.start()
        assert begun.wait(5)
        listener.stop()
        asking.join()

        assert answers == ["done"]

    def test_frees_the_port(self):
        listener = Listener(None, 0)
        listener.start()
        idle = socket.create_connection(("127.0.0.1", listener.port))
        listener.stop()
        idle.close()
        again = Listener(None, listener.port)
        again.stop()

    def test_idle_limit_is_set(self):
        assert Connection.timeout == 120


class TestWorld:
    def test_ports_follow_one_another(self, tmp_path, free_ports):
        world = World(tmp_path, free_ports, scenario="empty")
        world.start()
        try:
            ports = [urlsplit(one).port for one in [world.places.pages, *world.places.all_tls()]]
            assert ports == list(range(free_ports, free_ports + 7))
            assert list(world.places.environments) == ["contoso-dev", "contoso", "fabrikam"]
        finally:
            world.stop()

    def test_cloud_file(self, sandbox):
        cloud = json.loads(sandbox.cloud_file.read_text())

        assert (cloud["name"], cloud["label"], cloud["production"]) == ("sandbox", "Sandbox", False)
        assert cloud["login"] == sandbox.places.login
        assert cloud["authorize"] == sandbox.places.pages
        assert cloud["origins"] == list(sandbox.places.environments.values())
        assert cloud["ca_file"] == str(sandbox.ca_file)

    def test_front_app_keeps_its_secret(self, new_sandbox):
        world = new_sandbox()
        first = world.front_app
        world.stop()
        world.start()

        assert world.front_app == first
        assert first.client_secret not in repr(first)
        assert first.client_secret.encode() not in (world.folder / "directory.sqlite3").read_bytes()

    def test_lost_secret_is_made_anew(self, new_sandbox):
        world = new_sandbox()
        old = world.front_app.client_secret
        world.stop()
        (world.folder / "front-app.json").unlink()
        world.start()

        assert world.front_app.client_secret != old
        assert (
            Client(world).token(grant_type="refresh_token", refresh_token="x").json()["error"]
            == "invalid_grant"
        )

    def test_redirect_uris_are_brought_up_to_date(self, new_sandbox):
        world = new_sandbox(redirect_uris=["https://portal.example/complete/entra/"])
        application = world.directory.applications.by_app_id(world.front_app.client_id)

        assert application.redirect_uris("web") == [
            "https://portal.example/complete/entra/",
            "http://localhost/",
        ]

    def test_unknown_scenario(self, tmp_path):
        with pytest.raises(ValueError, match="small"):
            World(tmp_path, scenario="tiny")

    def test_home_page(self, sandbox):
        page = requests.get(sandbox.places.pages, timeout=5)

        assert all(origin in page.text for origin in sandbox.places.all_tls())
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert (
            requests.get(f"{sandbox.places.pages}/_pages/sandbox.css", timeout=5)
            .headers["Content-Type"]
            .startswith("text/css")
        )


class TestCommand:
    def run(self, *arguments):
        return subprocess.Popen(
            [sys.executable, "-m", "sandbox", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def test_says_when_it_is_ready_and_stops_when_told(self, tmp_path):
        process = self.run("--data", str(tmp_path / "data"), "--port", "0", "--scenario", "empty")
        try:
            line = process.stdout.readline().strip()
            assert line.startswith("sandbox ready https://localhost:")
            login = line.rpartition(" ")[2]
            document = requests.get(
                f"{login}/common/v2.0/.well-known/openid-configuration",
                verify=str(tmp_path / "data/ca.pem"),
                timeout=5,
            )
            assert document.status_code == 200
        finally:
            process.terminate()
            _, errors = process.communicate(timeout=30)
        assert process.returncode == 0
        assert errors == ""

    def test_names_the_port_that_is_taken(self, tmp_path):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            process = self.run("--data", str(tmp_path), "--port", str(port))
            _, errors = process.communicate(timeout=30)

        assert process.returncode == 1
        assert f"Port {port}" in errors
        assert "Traceback" not in errors


@pytest.fixture
def free_ports():
    """The first of seven free neighbours."""
    for first in range(20_000, 30_000, 10):
        try:
            held = [socket.create_server(("127.0.0.1", first + offset)) for offset in range(7)]
        except OSError:
            continue
        for one in held:
            one.close()
        return first
    raise AssertionError("no seven free ports in a row")
