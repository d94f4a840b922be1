"""Answers as Entra sends them, and the error each one means."""

import pickle

import pytest

from microsoft import errors
from microsoft.token_verdicts import authorize_error, token_error

CLAIMS = '{"access_token":{"capolids":{"essential":true,"values":["abc"]}}}'


def answer(error, number=None, **more):
    described = (
        f"AADSTS{number}: Something happened. Trace ID: t-1 Correlation ID: c-1 Timestamp: now"
        if number
        else ""
    )
    return {
        "error": error,
        "error_description": described,
        "error_codes": [number] if number else [],
        "trace_id": "t-1",
        "correlation_id": "c-1",
        **more,
    }


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (answer("interaction_required", 50076), errors.InteractionRequired),
        (answer("invalid_grant", 50076, suberror="basic_action"), errors.InteractionRequired),
        (answer("invalid_grant", 50079, suberror="additional_action"), errors.InteractionRequired),
        (answer("invalid_grant", 53003, suberror="message_only"), errors.InteractionRequired),
        (answer("invalid_grant", 50076), errors.InteractionRequired),
        (answer("invalid_grant", 99999, claims=CLAIMS), errors.InteractionRequired),
        (answer("login_required", 50058), errors.InteractionRequired),
        (answer("invalid_grant", 65001, suberror="consent_required"), errors.ConsentRequired),
        (answer("invalid_grant", 65001), errors.ConsentRequired),
        (answer("consent_required", 65001), errors.ConsentRequired),
        (answer("invalid_grant", 90094, suberror="consent_required"), errors.AdminConsentRequired),
        (answer("access_denied", 90095), errors.AdminConsentRequired),
        (answer("invalid_grant", 50173), errors.SignInExpired),
        (answer("invalid_grant", 700082, suberror="token_expired"), errors.SignInExpired),
        (answer("invalid_grant", 70008, suberror="bad_token"), errors.SignInExpired),
        (answer("invalid_grant", 50057), errors.SignInExpired),
        (answer("invalid_client", 7000215), errors.CredentialRejected),
        (answer("unauthorized_client", 700016), errors.CredentialRejected),
        (answer("access_denied", 53003), errors.Forbidden),
        (answer("invalid_resource", 500011), errors.Invalid),
        (answer("invalid_scope", 70011), errors.Invalid),
        (answer("invalid_request", 9002325), errors.Invalid),
        (answer("temporarily_unavailable", 90033), errors.Unreachable),
        (answer("server_error"), errors.Unreachable),
        (answer("something_new"), errors.Refused),
    ],
)
def test_error_and_suberror_decide(given, kind):
    error = token_error(given)
    assert type(error) is kind
    assert error.ids() == {"code": given["error"], "request_id": "t-1", "correlation_id": "c-1"}
    assert error.advice


def test_too_many_requests_are_throttled_whatever_the_body_says():
    error = token_error(answer("invalid_grant", 50196), status=429, retry_after=17)
    assert type(error) is errors.Throttled
    assert error.retry_after == 17


def test_claims_and_suberror_are_kept_verbatim():
    error = token_error(answer("invalid_grant", 50076, suberror="basic_action", claims=CLAIMS))
    assert (error.claims, error.suberror) == (CLAIMS, "basic_action")


def test_the_message_ends_before_the_ids():
    assert token_error(answer("invalid_grant", 50173)).message == "AADSTS50173: Something happened."


def test_numbers_choose_the_advice():
    assert "secret's value" in token_error(answer("invalid_client", 7000215)).advice
    assert "no Dataverse" in token_error(answer("invalid_resource", 650052)).advice


def test_a_person_who_declines_may_try_again():
    query = {"error": "access_denied", "error_description": "AADSTS65004: User declined to consent"}
    error = authorize_error(query)
    assert type(error) is errors.ConsentRequired
    assert "did not accept" in error.advice


def test_invalid_client_is_about_the_credential_only_where_one_was_shown():
    unknown_scope = answer("invalid_client", 650053)
    assert type(token_error(unknown_scope, status=400)) is errors.Invalid
    assert type(token_error(answer("invalid_client", 7000215), status=401)) is errors.CredentialRejected
    assert (
        type(authorize_error({"error": "invalid_client", "error_description": "AADSTS650053: no"}))
        is errors.Invalid
    )


def test_the_browser_comes_back_with_a_subcode():
    query = {"error": "access_denied", "error_subcode": "cancel", "error_description": "The user cancelled"}
    assert type(authorize_error(query)) is errors.Forbidden


@pytest.mark.parametrize(
    "error",
    [
        errors.InteractionRequired("m", claims=CLAIMS, suberror="s", code="c", advice="a", request_id="r"),
        errors.ClaimsChallenge("m", claims=CLAIMS, status=401),
        errors.Forbidden("m", privilege="prvX"),
        errors.Throttled("m", retry_after=3.5, correlation_id="x"),
        errors.OriginRefused("m"),
    ],
)
def test_errors_survive_a_trip_between_processes(error):
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


def test_the_tree_in_the_docstring_is_the_tree():
    drawn = {}
    parents = []
    for line in errors.__doc__.splitlines():
        name = line.strip().partition(" ")[0].partition("(")[0]
        kind = getattr(errors, name, None)
        if not (isinstance(kind, type) and line.startswith("    ")):
            continue
        depth = (len(line) - len(line.lstrip()) - 4) // 2
        parents[depth:] = [kind]
        drawn[kind] = parents[depth - 1] if depth else Exception
    existing = {
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)
    }
    assert drawn == {kind: kind.__bases__[0] for kind in existing}
