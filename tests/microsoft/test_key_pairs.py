import base64
import datetime as dt
import hashlib

import jwt
import pytest
from cryptography import x509

from microsoft.certificates import load_key_pair, make_certificate
from microsoft.graph import Key, sign_proof
from microsoft.graph_objects import new_key
from microsoft.identity import CertificateTokens, ClientCertificate, ClientSecret


@pytest.fixture(scope="module")
def pair():
    return make_certificate("isthmus-test", days=90)


def test_the_certificate_is_what_entra_takes(pair):
    der = base64.b64decode(pair.der_base64, validate=True)
    certificate = x509.load_der_x509_certificate(der)
    assert certificate.signature_hash_algorithm.name == "sha256"
    assert certificate.public_key().key_size == 2048
    assert pair.thumbprint_sha1 == hashlib.sha1(der).hexdigest().upper()
    assert pair.thumbprint_sha256 == hashlib.sha256(der).hexdigest().upper()
    assert pair.not_after - pair.not_before == dt.timedelta(days=90)
    age = dt.datetime.now(dt.UTC) - pair.not_before
    assert dt.timedelta(minutes=4) < age < dt.timedelta(minutes=7), (
        "starts a little in the past: clocks differ"
    )


def test_a_pair_is_recognised_again(pair):
    assert load_key_pair(pair.private_key_pem, pair.certificate_pem) == pair
    both = pair.private_key_pem + pair.certificate_pem
    assert load_key_pair(both, both).thumbprint_sha1 == pair.thumbprint_sha1
    with pytest.raises(ValueError, match="does not belong"):
        load_key_pair(make_certificate("other").private_key_pem, pair.certificate_pem)


@pytest.mark.parametrize("wrong", [{"days": 0}, {"days": 366}, {"bits": 1024}])
def test_limits(wrong):
    with pytest.raises(ValueError):
        make_certificate("x", **wrong)


def test_secrets_stay_out_of_reprs(pair):
    secret = ClientSecret("id", "hush-hush")
    certificate = ClientCertificate("id", pair.private_key_pem, pair.certificate_pem)
    body = pair.private_key_pem.splitlines()[3]
    assert "hush" not in repr(secret)
    assert body not in repr(certificate)
    assert body not in repr(pair)


def test_a_proof_is_what_graph_documents(pair):
    proof = sign_proof("object-id", pair.private_key_pem, pair.certificate_pem)
    public = x509.load_pem_x509_certificate(pair.certificate_pem.encode()).public_key()
    claims = jwt.decode(proof, public, algorithms=["RS256"], audience="00000002-0000-0000-c000-000000000000")
    assert claims["iss"] == "object-id"
    assert claims["exp"] - claims["nbf"] == 600
    header = jwt.get_unverified_header(proof)
    assert base64.urlsafe_b64decode(header["x5t"] + "==").hex().upper() == pair.thumbprint_sha1
    assert "=" not in proof


@pytest.mark.parametrize("form", ["base64", "hex", "base64 of hex"])
def test_a_key_is_named_by_its_thumbprint_however_graph_spells_it(pair, form):
    raw = bytes.fromhex(pair.thumbprint_sha1)
    spelled = {
        "base64": base64.b64encode(raw).decode(),
        "hex": pair.thumbprint_sha1.lower(),
        "base64 of hex": base64.b64encode(pair.thumbprint_sha1.encode()).decode(),
    }
    key = Key.read(
        {"keyId": "k", "customKeyIdentifier": spelled[form], "endDateTime": "2020-01-01T00:00:00Z"}
    )
    assert key.thumbprint == pair.thumbprint_sha1
    assert key.is_expired()


def test_a_kept_key_goes_back_unchanged():
    raw = {
        "keyId": "k",
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
        "customKeyIdentifier": "AA==",
        "key": None,
    }
    assert Key.read(raw | {"@odata.type": "x"}).as_kept() == raw


def test_a_new_key_leaves_dates_and_identifier_to_graph(pair):
    assert new_key(pair.der_base64) == {
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
        "key": pair.der_base64,
        "displayName": "CN=isthmus-test",
    }
    assert new_key(base64.b64decode(pair.der_base64)) == new_key(pair.der_base64)


def test_tokens_do_not_show_their_key(pair, door):
    tokens = CertificateTokens(door, "tenant", "client", pair.private_key_pem, pair.certificate_pem)
    assert repr(tokens) == "<CertificateTokens of client in tenant>"
