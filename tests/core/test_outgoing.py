"""Where messages may go, and that they go nowhere else."""

import socket

import pytest

from core import outgoing
from core.problems import BadInput, Unavailable
from tests.microsoft.tlsserver import Answer, TlsServer, write_certificate


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    folder = tmp_path_factory.mktemp("receiver")
    write_certificate(folder)
    server = TlsServer(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def afresh(receiver, settings):
    receiver.asked.clear()
    receiver.script.clear()
    settings.OUTGOING_HOSTS = []
    settings.OUTGOING_CA_FILE = str(receiver.ca_file)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0/",
        "https://10.1.2.3/",
        "https://172.16.0.9:8443/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
        "https://[::1]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[2002:7f00:1::]/",
        "https://[64:ff9b::a01:203]/",
    ],
)
def test_inner_networks_are_refused_however_they_are_written(url):
    with pytest.raises(BadInput) as refused:
        outgoing.check(url)
    assert refused.value.fields["url"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.org",
        "http://8.8.8.8/",
        "ftp://8.8.8.8/",
        "file:///etc/passwd",
        "gopher://8.8.8.8/",
        "https://",
        "https:///path",
        "https://user:word@8.8.8.8/",
        "https://8.8.8.8/#part",
        "https://8.8.8.8:port/",
        "https://8.8.8.8:99999/",
        "https://8.8.8.8\\@127.0.0.1/",
        "https://8.8.8.8/a b",
        "https://8.8.8.8/\r\nHost: x",
        "https://exämple.org/",
        "https://[::1",
        "https://8.8.8.8/" + "x" * 2000,
        "//8.8.8.8/",
    ],
)
def test_what_is_no_address_to_send_to(url):
    with pytest.raises(BadInput) as refused:
        outgoing.target_of(url)
    assert refused.value.fields["url"]


@pytest.mark.parametrize(
    "url", ["https://8.8.8.8/hook?x=1", "https://[2606:4700:4700::1111]/", "https://[::ffff:8.8.8.8]/"]
)
def test_public_addresses_pass(url):
    assert outgoing.check(url).host in url


def test_a_name_without_an_address():
    with pytest.raises(Unavailable, match="has no address"):
        outgoing.check("https://nowhere.invalid/")


def test_a_listed_host_is_reached_under_its_name(receiver, settings):
    port = receiver.origin.rpartition(":")[2]
    settings.OUTGOING_HOSTS = [f"localhost:{port}"]
    receiver.script.append(Answer(204))
    assert outgoing.post(f"{receiver.origin}/hook?x=1", b"{}", {"Content-Type": "application/json"}) == 204
    (asked,) = receiver.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/hook?x=1", b"{}")
    assert asked.headers["host"] == f"localhost:{port}"
    with pytest.raises(BadInput):
        outgoing.post(f"https://127.0.0.1:{port}/", b"", {})


def test_the_certificate_must_be_that_of_the_name(receiver, settings):
    port = receiver.origin.rpartition(":")[2]
    other = socket.gethostname()
    settings.OUTGOING_HOSTS = ["localhost", other]
    settings.OUTGOING_CA_FILE = ""
    with pytest.raises(Unavailable, match="could not be verified"):
        outgoing.post(receiver.origin, b"", {})
    assert receiver.asked == []
    settings.OUTGOING_CA_FILE = str(receiver.ca_file)
    with pytest.raises(Unavailable):
        outgoing.post(f"https://{other}:{port}/", b"", {})
    assert receiver.asked == []


def test_a_redirect_leads_nowhere(receiver, settings):
    settings.OUTGOING_HOSTS = ["localhost"]
    receiver.script += [Answer(302, headers={"Location": f"{receiver.origin}/inner"}), Answer(200)]
    assert outgoing.post(f"{receiver.origin}/hook", b"", {}) == 302
    assert [asked.path for asked in receiver.asked] == ["/hook"]


def test_nobody_there_and_nobody_answering(receiver, settings, monkeypatch):
    settings.OUTGOING_HOSTS = ["localhost"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unavailable, match="no connection"):
        outgoing.post(f"https://localhost:{port}/secret-path", b"", {})
    monkeypatch.setattr(outgoing, "TIMEOUT", (1, 0.05))
    receiver.script.append(Answer(200, delay=0.5))
    with pytest.raises(Unavailable, match="in time") as late:
        outgoing.post(f"{receiver.origin}/secret-path", b"", {})
    assert "secret-path" not in str(late.value)
