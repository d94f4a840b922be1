"""Who calls: the key in the Authorization header, and whether it opens this service now."""

from django.http import HttpRequest
from django.utils.formats import date_format

from core import clock
from core.problems import NotPermitted
from integrations.api.problems import Unauthorised
from integrations.key_text import digest_of, has_shape
from integrations.models import ServiceKey


def known_key(request: HttpRequest) -> ServiceKey:
    """The caller's key, whatever may be wrong with it.

    Raises:
        Unauthorised: there is none, it is no key, or nobody knows it: `code` tells them apart.

    """
    text = _bearer(request)
    rows = ServiceKey.objects.select_related("integration__team", "stage").defer("integration__sealed_draft")
    try:
        return rows.get(digest=digest_of(text))
    except ServiceKey.DoesNotExist:
        raise Unauthorised(
            "Isthmus does not know this key.",
            title="Unknown key",
            advice="Check that all of it was copied, and that it belongs to this installation.",
            code="key_unknown",
        ) from None


def require_open(key: ServiceKey, service_name: str) -> None:
    """That the key still holds, and for the service of this name.

    Raises:
        Unauthorised: it was revoked or has expired.
        NotPermitted: it is for another service. Whether there is one of this name is not said.

    """
    if key.revoked_at is not None:
        raise Unauthorised(
            f"The key {key.name} was revoked on {_day(key.revoked_at)}.",
            title="The key was revoked",
            advice="Ask whoever looks after the integration for a new one.",
            code="key_revoked",
        )
    if key.has_expired(clock.now()):
        raise Unauthorised(
            f"The key {key.name} expired on {_day(key.expires_at)}.",
            title="The key has expired",
            advice="Ask whoever looks after the integration for a new one.",
            code="key_expired",
        )
    if key.integration.service_name != service_name:
        raise NotPermitted(
            f"The key {key.name} does not open a service {service_name[:60]!r}.",
            title="A key of another service",
            advice=f"It opens {key.integration.service_name}. Use that, or ask for a key of the other service.",
            code="key_elsewhere",
        )


def _bearer(request: HttpRequest) -> str:
    given = request.headers.get("Authorization", "").strip()
    if not given:
        raise Unauthorised("The call carries no key.", code="key_missing")
    scheme, _, text = given.partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not has_shape(text):
        raise Unauthorised(
            "The header Authorization does not hold a key of Isthmus.",
            title="This is not a key",
            code="key_malformed",
        )
    return text


def _day(moment: object) -> str:
    return date_format(moment, "j F Y")  # type: ignore[arg-type]
