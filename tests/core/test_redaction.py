"""Nothing that looks like a credential survives the log."""

import json
import logging

import pytest

from core.redaction import REDACTED, redact

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl"
FERNET = "gAAAAABn" + "x" * 92 + "=="
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----"


@pytest.mark.parametrize(
    "value",
    [
        {"refresh_token": "0.AXoA"},
        {"headers": {"Authorization": "Bearer abcdefghijkl"}},
        {"message": f"got {JWT} back"},
        {"key": PEM},
        {"text": PEM},
        {"row": FERNET},
        {"url": "/complete/entra/?code=0.AbCd&state=x"},
        {"list": [f"Bearer {JWT}"]},
        {"client_secret": "shh"},
        {"said": "no connection to postgresql://me:hush-hush@db/mirror"},
        {"said": "rediss://:hush-hush@cache:6379/0 is away"},
    ],
)
def test_secrets_are_replaced(value):
    cleaned = json.dumps(redact(value))

    assert REDACTED in cleaned
    for secret in ("0.AXoA", "abcdefghijkl", JWT, "MIIEvQ", FERNET, "0.AbCd", "shh", "hush-hush"):
        assert secret not in cleaned


def test_ordinary_values_stay():
    value = {"name": "Contoso", "count": 3, "state": "ready", "has_token": True, "ids": ["a", "b"]}

    assert redact(value) == value


def test_a_traceback_with_a_token_in_it_is_cleaned(capfd):
    logger = logging.getLogger("isthmus.test")
    try:
        int(f"Bearer {JWT}")
    except ValueError:
        logger.exception("calling with %s", JWT, extra={"access_token": "plain"})

    written = capfd.readouterr().err
    assert JWT not in written
    assert "plain" not in written
