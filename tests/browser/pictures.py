"""`make pictures`: takes the pictures of the docs anew, of an Isthmus of its own, with Chromium.

The portal gets the ports that `make run` would get, so that addresses in the pictures are those of the README.
Where Pillow is installed, colours are counted down to a palette, which makes the files a third as large.
"""

import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from runtime.tour.portal import Portal
from tests.browser.walking import build, connect, follow, publish_and_bind, sign_in
from tests.chromium_fixtures import CHROMIUM

IMAGES = Path(__file__).parents[2] / "docs" / "images"
USUAL, WIDE = (1280, 800), (1366, 860)
PATIENCE = 60_000  # ms: for jobs
LINKS = 7  # of a connection's chain
CONNECTION, INTEGRATION = "Contoso Sales", "Field work"
ENTITIES = {
    "Account": ("Annual Revenue", "Email", "Industry", "Main Phone", "Owner", "Status", "Status Reason"),
    "Contact": ("Email", "Business Phone", "Job Title", "Company Name", "Status"),
    "Opportunity": ("Potential Customer", "Account", "Est. Revenue", "Total Amount", "Priority", "Status"),
    "Project": (),
}
FOODS = "?where=name~contains~foods&sort=-revenue"
OPEN = "?where=estimatedvalue~ge~1000&where=statecode~eq~0&sort=-estimatedvalue"


def main() -> None:
    ports = {
        "port": os.environ.get("PORT") or "8000",
        "sandbox_port": os.environ.get("SANDBOX_PORT") or "8440",
    }
    with tempfile.TemporaryDirectory(prefix="isthmus-pictures-") as folder, Portal(Path(folder)) as portal:
        portal.start(**ports)
        with _browser() as page:
            page.goto(portal.url)
            _prepare(page)
            _take_all(page)


@contextmanager
def _browser() -> Iterator[Page]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_page(color_scheme="light", reduced_motion="reduce", timezone_id="UTC")
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        yield page
        chromium.close()


def _prepare(page: Page) -> None:
    sign_in(page, "Ana Alvarez")
    connect(page, CONNECTION)
    build(page, INTEGRATION, ENTITIES)
    publish_and_bind(page, CONNECTION)


def _take_all(page: Page) -> None:
    _connection(page)
    integration = _integration_of(page)
    _sync(page)
    _records(page)
    _builder(page, integration)
    _for_programs(page, integration)


def _connection(page: Page) -> None:
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text("Holds", exact=True)).to_have_count(LINKS)
    page.reload()
    _take(page, "connection")


def _integration_of(page: Page) -> str:
    """The address of its page, without the slash at its end."""
    page.get_by_role("link", name="Integrations", exact=True).click()
    follow(page, page.get_by_role("link", name=INTEGRATION, exact=True))
    return page.url.rstrip("/")


def _sync(page: Page) -> None:
    page.get_by_role("link", name="Syncs", exact=True).click()
    page.get_by_role("link", name="New sync").first.click()
    page.get_by_role("radio", name=INTEGRATION).check()
    follow(page, page.get_by_role("button", name="Go on"))
    follow(page, page.get_by_role("button", name="Create the sync"))
    runs = page.locator("section.panel", has=page.get_by_role("heading", name="Recent runs"))
    for times in (1, 2):
        follow(page, page.get_by_role("button", name="Run now"))
        expect(runs.get_by_text("Succeeded")).to_have_count(times * len(ENTITIES))
    page.reload()
    _take(page, "sync")


def _records(page: Page) -> None:
    records = _list_of(page, "Accounts")
    page.goto(records + FOODS)
    for row in (0, 1):
        page.locator("tbody").get_by_role("checkbox").nth(row).check()
    _take(page, "records")
    page.goto(records)
    follow(page, page.get_by_role("rowheader").nth(1).get_by_role("link"))
    expect(page.locator("[data-step-place]")).to_contain_text("2 of")
    _take(page, "record")
    page.goto(_list_of(page, "Opportunities") + OPEN)
    _take(page, "grid", WIDE)


def _list_of(page: Page, entities: str) -> str:
    follow(page, page.get_by_role("link", name="Records", exact=True).first)
    follow(page, page.get_by_role("link", name=entities))
    return page.url


def _builder(page: Page, integration: str) -> None:
    page.goto(f"{integration}/entities/account/")
    page.get_by_role("checkbox", name="Selected only").check()
    _take(page, "builder")


def _for_programs(page: Page, integration: str) -> None:
    page.goto(f"{integration}/use/?way=python")
    _take(page, "use-it")
    page.goto(f"{integration}/keys/new/")
    page.get_by_label("Name").fill("Web shop")
    follow(page, page.get_by_role("button", name="Create the key"))
    key = page.get_by_text("isk_").first.inner_text().strip()
    page.goto(f"{integration}/docs/")
    page.locator("#try-key").fill(key)
    page.locator("#list_account-order_by").fill("-revenue")
    send = page.locator("#list_account").get_by_role("button", name="Send")
    send.click()
    expect(page.locator("#list_account .api-body")).to_contain_text('"records": [')
    send.evaluate("button => scrollBy(0, button.getBoundingClientRect().top - 300)")
    _take(page, "api-docs")


def _take(page: Page, name: str, size: tuple[int, int] = USUAL) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.evaluate("document.fonts.ready")
    path = IMAGES / f"{name}.png"
    path.write_bytes(_smaller(page.screenshot(animations="disabled")))
    sys.stdout.write(f"{path}: {path.stat().st_size:,} bytes\n")


def _smaller(picture: bytes) -> bytes:
    try:
        from PIL import Image
    except ImportError:
        return picture
    small = io.BytesIO()
    few = Image.open(io.BytesIO(picture)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    few.save(small, "PNG", optimize=True)
    return small.getvalue()


if __name__ == "__main__":
    main()
