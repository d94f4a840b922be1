"""People in front of the portal: Django's test client here, Microsoft's pages over the network there.

    client = visitor(world)
    sign_in(client, "ana")
    authorise(client, "ana", reach="graph", next="/connections/")

Each visitor is one browser: it keeps the portal's cookies in the test client and Microsoft's in `client.microsoft`.
"""

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.test import Client

from core import cloud
from microsoft.clouds import load_custom
from sandbox.world import World
from tests.sandbox_browser import Browser, Page

HOST = "localhost"  # the host that the sandbox's sign-in app has its redirect address on
PEOPLE = {
    "ana": "ana@contoso.example",
    "ben": "ben@contoso.example",
    "cleo": "cleo@contoso.example",
    "dara": "dara@fabrikam.example",
}


class Visitor(Client):
    def __init__(self, world: World, **options: Any) -> None:
        super().__init__(SERVER_NAME=HOST, **options)
        self.world = world
        self.microsoft = Browser(world)


def use_sandbox(settings: Any, world: World) -> None:
    """Point the portal at this sandbox, for a test that has pytest-django's `settings`."""
    settings.CLOUD = load_custom(world.cloud_file)
    settings.ENTRA_CLIENT_ID = settings.SOCIAL_AUTH_ENTRA_KEY = world.front_app.client_id
    settings.ENTRA_CLIENT_SECRET = settings.SOCIAL_AUTH_ENTRA_SECRET = world.front_app.client_secret
    settings.ENTRA_CLIENT_CERTIFICATE = ""
    settings.SITE_URL = f"http://{HOST}"
    cloud.door.cache_clear()


def visitor(world: World) -> Visitor:
    """A browser in which nobody is signed in anywhere."""
    return Visitor(world)


def sign_in(client: Visitor, name: str, **form: str) -> HttpResponse:
    """Press the sign-in button and do what Microsoft's pages ask. The portal's answer to coming back."""
    return travel(client, client.post("/login/entra/", form), name)


def authorise(client: Visitor, name: str, **form: str) -> HttpResponse:
    """The same for the authorise button: tenant, reach, next, another. Whoever is signed in authorises."""
    return travel(client, client.post("/authorizations/authorise/", form), name)


def travel(
    client: Visitor, departure: HttpResponse, name: str, *, accept: bool = True, approve: bool = True
) -> HttpResponse:
    """From a redirect to Microsoft to the portal's answer to whoever comes back from there."""
    page = depart(client, departure)
    while not _back(page):
        page = step(client, page, name, accept=accept, approve=approve)
    return arrive(client, page)


def depart(client: Visitor, departure: HttpResponse) -> Page:
    """Open the page of Microsoft's that the portal sends to."""
    assert departure.status_code == 302, f"{departure.status_code}: {departure.content[:2000]!r}"
    assert departure["Location"].startswith(client.world.places.pages), departure["Location"]
    return client.microsoft.open(departure["Location"])


def step(client: Visitor, page: Page, name: str, *, accept: bool = True, approve: bool = True) -> Page:
    """Answer one of Microsoft's pages as this person would."""
    browser = client.microsoft
    if "Pick an account" in page.text:
        return browser.pick(page, PEOPLE.get(name, name))
    if "Approve the sign-in" in page.text:
        return browser.submit(page, decision="approve" if approve else "deny")
    if "Permissions requested" in page.text:
        return browser.submit(page, decision="accept" if accept else "cancel")
    if "Need admin approval" in page.text:
        return browser.submit(page, decision="cancel")
    raise AssertionError(page.text)


def arrive(client: Visitor, page: Page) -> HttpResponse:
    """Follow Microsoft's redirect back into the portal."""
    back = urlsplit(page.response.headers["Location"])
    assert back.hostname == HOST, back.geturl()
    return client.get(f"{back.path}?{back.query}")


def _back(page: Page) -> bool:
    return page.response.is_redirect
