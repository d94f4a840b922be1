"""Files in a real browser: refused before they travel, sent with progress, gone on with after a break."""

import re

import pytest
from playwright.sync_api import expect

from runtime.tour import steps
from runtime.tour.browser import Browser

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("portal")]
LATER = 60_000
MB = 1024 * 1024


@pytest.fixture(scope="module")
def files_page(settled, portal):
    """The address of a record's files: a second integration, on the one entity that has a file attribute."""
    browser = Browser()
    browser.session = settled.session
    notes = steps.Notes(portal, browser)
    browser.open(f"{settled.url}/integrations/new/")
    address = steps._value_beside(notes, "environment", steps.ENVIRONMENT)
    browser.press("Create and choose", name="Contracts", environment=address)
    notes.places["integration"] = re.sub(r"entities/$", "", browser.page.url)
    browser.press("Save and choose attributes", {"entity": ["smp_project"]}, access="read_write")
    chosen = ["smp_name", "smp_code", "smp_contract"]
    browser.press("Save and go on", {"attribute": chosen}, access="read_write")
    browser.press("Save and review")
    steps.publish(notes)
    notes.places["connection"] = f"/connections/{settled.values['connections.pk']}/"
    steps.bind(notes)
    browser.open(f"{notes.places['records']}/smp_project/new/")
    browser.press("Create", smp_name="With a contract", smp_code="C-1")
    return f"{browser.page.url.rstrip('/')}/files/"


@pytest.fixture
def files(files_page, settled, open_page):
    def show(**ways):
        page = open_page(files_page, cookies=settled.cookies, **ways)
        page.set_default_timeout(30_000)
        page.sent = []
        page.on("request", lambda asked: asked.method == "POST" and page.sent.append(asked.url))
        return page

    return show


def choose(page, path):
    page.set_input_files("input[type=file]", path)


def test_what_does_not_fit_is_refused_before_any_of_it_is_sent(files, tmp_path, picture):
    page = files()
    limit = int(page.locator("form[data-upload]").get_attribute("data-limit"))
    expect(page.get_by_text(re.compile(r"At most \d+(\.\d)?\sMB"))).to_be_visible()
    large, empty = tmp_path / "large.pdf", tmp_path / "empty.pdf"
    with large.open("wb") as stream:
        stream.truncate(limit + 1)
    empty.touch()
    for path, why in ((large, "at most"), (empty, "This file is empty")):
        choose(page, path)
        expect(page.get_by_role("alert").filter(has_text=why)).to_be_visible()
        page.get_by_role("button", name="Upload").click()
        expect(page.get_by_role("alert").filter(has_text=why)).to_be_visible()
    picture(page, "files-refused")
    assert page.sent == []
    assert page.troubles == []


def test_a_broken_upload_goes_on_where_it_was(files, tmp_path, picture):
    contract = tmp_path / "contract.bin"
    contract.write_bytes(bytes(range(256)) * (10 * MB // 256))
    page = files()
    held = []
    page.route(re.compile(rf"start={4 * MB}$"), lambda route: held.append(route))  # noqa: PLW0108  it takes no builtin
    choose(page, contract)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("4.0 MB of 10.0 MB")).to_be_visible(timeout=LATER)
    assert page.locator("progress").evaluate("bar => bar.value") == pytest.approx(0.4)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    picture(page, "files-under-way")
    # The person closes the tab in the middle of a piece, and comes back.
    page.reload()
    page.unroute(re.compile(rf"start={4 * MB}$"))
    assert held
    page.sent.clear()
    # On the way to the last piece the net is gone for a moment.
    broken = []

    def break_once(route):
        if broken:
            return route.continue_()
        broken.append(route.request.url)
        return route.abort()

    page.route(re.compile(rf"start={8 * MB}$"), break_once)
    choose(page, contract)
    with page.expect_navigation(timeout=LATER):
        page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("link", name="contract.bin")).to_be_visible()
    assert [re.search(r"start=(\d+)$", url)[1] for url in page.sent] == [
        str(4 * MB),
        str(8 * MB),
        str(8 * MB),
    ]
    assert broken
    with page.expect_download() as got:
        page.get_by_role("link", name="contract.bin").click()
    assert got.value.path().read_bytes() == contract.read_bytes()
    picture(page, "files-there")


def test_an_upload_is_paused(files, tmp_path):
    contract = tmp_path / "paused.bin"
    contract.write_bytes(b"x" * (9 * MB))
    page = files(theme="dark", width=390)
    held = []
    page.route(re.compile(rf"start={4 * MB}$"), lambda route: held.append(route))  # noqa: PLW0108  it takes no builtin
    choose(page, contract)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("4.0 MB of 9.0 MB")).to_be_visible(timeout=LATER)
    page.get_by_role("button", name="Pause").click()
    held[0].continue_()
    expect(page.get_by_text("paused; Upload goes on")).to_be_visible(timeout=LATER)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with page.expect_navigation(timeout=LATER):
        page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("link", name="paused.bin")).to_be_visible()
    assert page.troubles == []


def test_an_import_takes_tables_only(settled, open_page):
    page = open_page(
        f"{settled.url}/records/{settled.values['integration_id']}/development/account/import/",
        cookies=settled.cookies,
    )
    sent = []
    page.on("request", lambda asked: asked.method == "POST" and sent.append(asked.url))
    for name, kind in (("report.pdf", "application/pdf"), ("old.xls", "application/vnd.ms-excel")):
        page.set_input_files("#file", files=[{"name": name, "mimeType": kind, "buffer": b"%PDF"}])
        expect(page.get_by_text("This is neither CSV nor Excel")).to_be_visible()
        page.get_by_role("button", name="Upload and go on").click()
    assert sent == []
    page.set_input_files(
        "#file", files=[{"name": "a.CSV", "mimeType": "text/csv", "buffer": b"Account Name\nx\n"}]
    )
    expect(page.get_by_text("This is neither CSV nor Excel")).to_be_hidden()
