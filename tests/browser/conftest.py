"""A whole Isthmus of its own, started as `make run` starts it, and a real Chromium before it."""

import os
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import BrowserContext, Error, Page

from runtime.tour import steps
from runtime.tour.browser import Browser
from runtime.tour.portal import Portal

PICTURES = os.environ.get("LOOK_PICTURES")
NOBODY = "00000000-0000-4000-8000-00000000dead"
CONTEXTS = pytest.StashKey[list[BrowserContext]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Beside a failure: what its pages showed, and what the portal said last."""
    report = yield
    if report.when == "call" and report.failed:
        for page in (page for context in item.stash.get(CONTEXTS, []) for page in context.pages):
            report.sections.append((f"Page {page.url}", _shown(page)))
        if "portal" in item.funcargs:
            report.sections.append(("Portal", item.funcargs["portal"].last_lines()))
    return report


def _shown(page: Page) -> str:
    """What there is to read; a page that has crashed must not hide why the test failed."""
    try:
        return f"{page.locator('body').aria_snapshot()}\n{getattr(page, 'troubles', '')}"
    except Error as error:
        return str(error)


@dataclass
class Settled:
    """A portal in which Ana has done the whole way once, and where everything is."""

    url: str
    cookies: list[dict[str, str]]
    values: dict[str, str] = field(default_factory=dict)
    session: requests.Session = field(default_factory=requests.Session)

    def is_page(self, url: str) -> bool:
        """Whether the address shows a page of its own to somebody who just opens it."""
        answer = self.session.get(url, allow_redirects=False, timeout=60)
        return answer.status_code not in {302, 405} and "<!doctype html>" in answer.text[:200].lower()


@pytest.fixture(scope="session")
def portal(tmp_path_factory):
    with Portal(tmp_path_factory.mktemp("portal")) as running:
        running.start()
        yield running


@pytest.fixture(scope="session")
def settled(portal):
    """Everything the tour does up to a record, done over plain HTTP, so that pages have something to show."""
    notes = steps.Notes(portal, Browser())
    for step in (
        steps.sign_in,
        steps.authorise,
        steps.create_connection,
        steps.test_connection,
        steps.choose,
        steps.publish,
        steps.bind,
        steps.create,
    ):
        step(notes)
    record = notes.places["record"].rstrip("/").rsplit("/", 1)[-1]
    run = re.search(r"/jobs/([0-9a-f-]{36})/", notes.browser.open("/jobs/").html)
    changes = re.search(
        r"/history/([0-9a-f-]{36})/revert/",
        notes.browser.open(notes.places["record"].rstrip("/") + "/history/").html,
    )
    team = re.search(r"/teams/(\d+)/", notes.browser.open("/teams/").html)
    authorization = re.search(r"/authorizations/(\d+)/revoke/", notes.browser.open("/authorizations/").html)
    integration = notes.places["integration"].rstrip("/").rsplit("/", 1)[-1]
    values = {
        "connections.pk": notes.places["connection"].rstrip("/").rsplit("/", 1)[-1],
        "integrations.pk": integration,
        "integration_id": integration,
        "logical_name": "account",
        "stage": "development",
        "entity": "account",
        "record_id": record,
        "attribute": "primarycontactid",
        "relation": "nonesuch",
        "view_id": record,
        "change_id": changes[1] if changes else record,
        "bulk_id": "00000000-0000-0000-0000-000000000000",
        "transfer_id": "00000000-0000-0000-0000-000000000000",
        "run_id": run[1],
        "teams.pk": team[1],
        "accounts.pk": team[1],
        "authorization": authorization[1],
        "member": "1",
        "number": "1",
        "team": team[1],
        "key_id": "00000000-0000-4000-8000-000000000001",
        "service": "tour_is",
        "path": "account",
        "backend": "entra",
        "association_id": "1",
        "webhook": NOBODY,
        "certificate": "00000000-0000-0000-0000-000000000000",
        "what": "pem",
    }
    notes.browser.open("/syncs/new/")
    binding = re.search(r'name="binding" value="(\d+)"', notes.browser.page.html)[1]
    notes.browser.open(f"/syncs/new/?binding={binding}")
    notes.browser.press("Create the sync", name="Mirror")
    values["sync.pk"] = urlsplit(notes.browser.page.url).path.split("/")[2]
    values["sync.row"] = re.search(r"/entities/(\d+)/", notes.browser.page.html)[1]
    notes.browser.press("Run now")
    notes.browser.open("/connections/new/")
    address = re.search(r'name="environment" value="([^"]+)"', notes.browser.page.html)[1]
    notes.browser.press("Create the connection", environment=address, name="By hand", kind="manual")
    values["connections:hand_over.pk"] = urlsplit(notes.browser.page.url).path.split("/")[2]
    host = urlsplit(portal.url).hostname
    cookies = [
        {"name": cookie.name, "value": cookie.value, "domain": host, "path": "/"}
        for cookie in notes.browser.session.cookies
        if cookie.name.startswith("isthmus_")
    ]
    return Settled(portal.url, cookies, values, notes.browser.session)


@pytest.fixture
def open_page(chromium, request):
    """`open_page(url, …)`; `page.troubles` lists what the console said, `page.policy` what the CSP stopped."""
    contexts = request.node.stash[CONTEXTS] = []

    def show(url: str, *, theme: str = "light", width: int = 1280, cookies=()) -> Page:
        context = chromium.new_context(color_scheme=theme, viewport={"width": width, "height": 900})
        contexts.append(context)
        context.add_cookies(list(cookies))
        page = context.new_page()
        page.troubles = []
        page.on("console", lambda said: said.type == "error" and page.troubles.append(said.text))
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        page.answer = page.goto(url)
        return page

    yield show
    for context in contexts:
        context.close()


@pytest.fixture
def records(settled, open_page):
    """`records("account", "new")`: a page of the workspace."""
    base = f"{settled.url}/records/{settled.values['integration_id']}/development/"

    def show(*parts, query="", **ways):
        page = open_page(
            base + "".join(f"{part}/" for part in parts) + query, cookies=settled.cookies, **ways
        )
        page.set_default_timeout(20_000)
        return page

    return show


@pytest.fixture
def picture():
    """Keeps a picture where LOOK_PICTURES names a folder: for looking, not for judging."""

    def keep(page: Page, name: str) -> None:
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)

    return keep
