"""Whether Microsoft's services can be reached from here, and whether they accept the sign-in app."""

import os
import uuid
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msal
import requests
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError

from core import clock
from core.cloud import cloud, door, sign_in_app
from core.doctor import Ailing, check
from microsoft.errors import CredentialRejected, MicrosoftError
from microsoft.identity.application import Application

TIMEOUT = (5.0, 15.0)
LARGEST_SKEW = 60.0  # seconds; assertions and tokens live for minutes, and Microsoft allows five
METADATA = "/organizations/v2.0/.well-known/openid-configuration"


@check("Microsoft sign-in host", rank=60)
def login_host() -> str:
    answer = _get(cloud().login + METADATA)
    if answer.status_code != 200:
        raise Ailing(
            f"{cloud().login} answers {answer.status_code} instead of its metadata",
            "Something between here and Microsoft answers in its place: look at the proxy, and at CLOUD.",
        )
    return f"{cloud().label} answers at {cloud().login}{_through()}"


@check("Microsoft Graph host", rank=61)
def graph_host() -> str:
    return f"{cloud().graph} answers {_get(cloud().graph + '/v1.0/').status_code}"


@check("discovery host", rank=62)
def discovery_host() -> str:
    return f"{cloud().discovery} answers {_get(cloud().discovery + '/').status_code}"


@check("clock", rank=63, needs=("Microsoft sign-in host",))
def skew() -> str:
    stated = _get(cloud().login + METADATA).headers.get("Date")
    if not stated:
        return "the sign-in host does not tell the time; not compared"
    apart = abs((clock.now() - parsedate_to_datetime(stated).astimezone(UTC)).total_seconds())
    if apart > LARGEST_SKEW:
        raise Ailing(
            f"this machine is {apart:.0f} seconds away from Microsoft's time ({datetime.now(UTC):%H:%M:%S} UTC here)",
            "Switch on time synchronisation (timedatectl set-ntp true): Microsoft refuses what is signed in another time.",
        )
    return f"within {max(1, round(apart))} second(s) of Microsoft's"


@check("sign-in app", rank=70, needs=("Microsoft sign-in host",))
def sign_in() -> str:
    if not settings.ENTRA_CLIENT_ID:
        raise Ailing(
            "ENTRA_CLIENT_ID is not set", "Register an app (docs/configuration.md) and set ENTRA_CLIENT_ID."
        )
    if not settings.ENTRA_CLIENT_SECRET and not settings.ENTRA_CLIENT_CERTIFICATE:
        raise Ailing(
            "it has no credential", "Set ENTRA_CLIENT_SECRET, or ENTRA_CLIENT_CERTIFICATE to a PEM file."
        )
    redirect = f"its redirect URI must be {settings.SITE_URL}/complete/entra/"
    tenant = _tenant()
    if not tenant:
        return (
            "configured; its credential cannot be tried before somebody has signed in or ENTRA_HOME_TENANT names"
            f" the tenant it is registered in; {redirect}"
        )
    try:
        application = Application(door(), tenant, sign_in_app(), msal.TokenCache())
        application.ask(lambda app: app.acquire_token_for_client([f"{cloud().graph}/.default"]))
    except CredentialRejected as error:
        raise Ailing(
            f"Microsoft refuses its credential: {error}",
            "Check that ENTRA_CLIENT_ID and the credential belong together and that the credential has not expired.",
        ) from None
    except OSError as error:
        raise Ailing(
            f"its certificate cannot be read: {error.strerror}", "Check ENTRA_CLIENT_CERTIFICATE."
        ) from None
    except MicrosoftError as error:
        raise Ailing(f"Microsoft answers: {error}", error.advice) from None
    return f"Microsoft accepts its credential; {redirect}"


def _tenant() -> str:
    """A tenant in which the app is known: configured, or one that somebody has signed in from."""
    named = os.environ.get("ENTRA_HOME_TENANT", "")
    for configured in (named, settings.ENTRA_TENANT, *settings.ENTRA_ALLOWED_TENANTS):
        try:
            return str(uuid.UUID(configured))
        except ValueError:
            continue
    try:
        authorizations = apps.get_model("accounts", "Authorization").objects
        known = authorizations.filter(cloud=cloud().name).values_list("tenant_id", flat=True).first()
    except DatabaseError:
        known = None
    return str(known or "")


def _get(url: str) -> requests.Response:
    try:
        return door().session.get(url, timeout=TIMEOUT)
    except requests.exceptions.SSLError:
        raise Ailing(
            f"{url.split('/')[2]} shows a certificate that is not trusted here",
            "If a proxy opens TLS, its authority has to be known: name its CA file in a cloud file (CLOUD_FILE).",
        ) from None
    except requests.exceptions.ProxyError:
        raise Ailing("the proxy does not let this through", "Check ISTHMUS_HTTPS_PROXY.") from None
    except requests.RequestException as error:
        raise Ailing(
            f"{url.split('/')[2]} cannot be reached{_through()}: {type(error).__name__}",
            "Check name resolution and the firewall; where only a proxy gets out, set ISTHMUS_HTTPS_PROXY.",
        ) from None


def _through() -> str:
    return " through the proxy" if settings.HTTPS_PROXY else ""
