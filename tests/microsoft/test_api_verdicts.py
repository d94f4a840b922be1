"""Answers as Dataverse and Graph send them, and the error each one means."""

import base64
import json

import pytest
import requests
from requests.structures import CaseInsensitiveDict

from microsoft import errors
from microsoft.verdicts import error_of
from microsoft.wire import Response

CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}'


def answer(status, body=None, **headers):
    raw = requests.Response()
    raw.status_code = status
    raw._content = json.dumps(body).encode() if isinstance(body, dict) else (body or b"")
    raw.headers = CaseInsensitiveDict({name.replace("_", "-"): value for name, value in headers.items()})
    return Response(raw, "our-id")


def fault(code, message=""):
    return {"error": {"code": code, "message": message}}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, fault("0x80060888", "Could not find a property named 'x'"), errors.Invalid),
        (400, fault("", ""), errors.Invalid),
        (401, fault("0x8004A101"), errors.Unauthorized),
        (403, fault("0x80072560", "The user is not a member of the organization."), errors.Forbidden),
        (404, fault("0x80040217"), errors.NotFound),
        (404, b"<html>nothing here</html>", errors.NotFound),
        (405, fault("0x80060888"), errors.NotAllowed),
        (409, fault("Conflict"), errors.Conflict),
        (412, fault("0x80060882"), errors.Conflict),
        (412, fault("0x80040237"), errors.Duplicate),
        (412, fault("0x80060892"), errors.Duplicate),
        (412, fault("0x80040333"), errors.Duplicate),
        (500, fault("0x80040333"), errors.Duplicate),
        (400, fault("ObjectConflict"), errors.Duplicate),
        (413, fault(""), errors.Invalid),
        (418, fault(""), errors.Refused),
        (429, fault("0x80072322"), errors.Throttled),
        (500, fault("0x80040216"), errors.Unreachable),
        (501, fault("0x80040219"), errors.NotAllowed),
        (502, b"<html>bad gateway</html>", errors.Unreachable),
        (503, {"Message": "down"}, errors.Unreachable),
        (302, b"", errors.Refused),
    ],
)
def test_the_status_decides(status, body, kind):
    error = error_of(answer(status, body))
    assert type(error) is kind
    assert error.status == status
    assert error.advice
    assert error.correlation_id == "our-id"


def test_a_missing_privilege_is_named():
    message = "Principal user (Id=1, type=8) is missing prvCreateAccount privilege (Id=2) on OTC=1 for entity 'account'"
    error = error_of(answer(403, fault("0x80040220", message)))
    assert error.privilege == "prvCreateAccount"
    assert str(error) == f"{message} (0x80040220)"
    assert "security role" in error.advice


def test_ids_for_support():
    error = error_of(answer(403, fault("0x1"), x_ms_service_request_id="aaa,bbb"))
    assert error.ids() == {"code": "0x1", "request_id": "aaa", "correlation_id": "our-id"}
    graph = {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges"}}
    error = error_of(answer(403, graph, request_id="ggg"))
    assert error.request_id == "ggg"
    assert "Application Developer" in error.advice


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("padded", [True, False])
def test_a_claims_challenge_carries_its_claims_verbatim(encode, padded):
    claims = CLAIMS + "?>~ü"  # bytes on which the two alphabets differ
    text = encode(claims.encode()).decode()
    header = f'Bearer realm="", error="insufficient_claims", claims="{text if padded else text.rstrip("=")}"'
    error = error_of(answer(401, fault("x"), WWW_Authenticate=header))
    assert isinstance(error, errors.ClaimsChallenge)
    assert error.claims == claims


def test_claims_that_cannot_be_read_leave_a_plain_401():
    error = error_of(answer(401, fault("x"), WWW_Authenticate='Bearer claims="%%%"'))
    assert type(error) is errors.Unauthorized


@pytest.mark.parametrize(
    ("value", "seconds"), [("7", 7.0), ("0", 0.0), ("1.5", 1.5), ("soon", None), ("", None)]
)
def test_retry_after(value, seconds):
    assert error_of(answer(429, fault("x"), Retry_After=value)).retry_after == seconds


def test_retry_after_as_a_date():
    wait = error_of(answer(503, fault("x"), Retry_After="Wed, 21 Oct 2015 07:28:00 GMT")).retry_after
    assert wait == 0.0
