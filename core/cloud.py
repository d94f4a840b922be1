"""The configured Microsoft cloud, and the one door through which this process reaches it."""

from functools import cache

from django.conf import settings

from microsoft.clouds import Cloud
from microsoft.http import Door
from microsoft.identity import ClientCertificate, ClientSecret


def cloud() -> Cloud:
    return settings.CLOUD


@cache
def door() -> Door:
    """Shared by all threads; each has an HTTP session of its own while it lives."""
    proxies = {"https": settings.HTTPS_PROXY} if settings.HTTPS_PROXY else None
    return Door(cloud(), proxies=proxies, user_agent=f"Isthmus/{settings.VERSION}")


def sign_in_app() -> ClientSecret | ClientCertificate:
    """The credential of the app people sign in to, as configured."""
    if settings.ENTRA_CLIENT_CERTIFICATE:
        with open(settings.ENTRA_CLIENT_CERTIFICATE) as file:  # noqa: PTH123
            pem = file.read()
        return ClientCertificate(settings.ENTRA_CLIENT_ID, pem, pem)
    return ClientSecret(settings.ENTRA_CLIENT_ID, settings.ENTRA_CLIENT_SECRET)
