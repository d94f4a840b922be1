"""Two journeys by keyboard alone: changing many records, and an import with errors."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("portal")]
LATER = 60_000


@pytest.fixture
def here(settled, open_page):
    """`here("import/")`: a page of the list of accounts."""
    base = f"{settled.url}/records/{settled.values['integration_id']}/development/account/"

    def show(path="", **ways):
        page = open_page(base + path, cookies=settled.cookies, **ways)
        page.set_default_timeout(30_000)
        return page

    return show


def violations(page):
    return [
        (found["id"], [node["html"] for node in found["nodes"]])
        for found in Axe().run(page).response["violations"]
    ]


def press(page, locator, key="Enter"):
    """Reach something as a keyboard does, and press a key on it."""
    locator.focus()
    expect(locator).to_be_focused()
    page.keyboard.press(key)


def test_many_records_are_changed_and_changed_back(here, picture):
    page = here()
    for number in (0, 1):
        press(page, page.locator("tbody input[type=checkbox]").nth(number), "Space")
    expect(page.locator("[data-selection-count]")).to_have_text("2")
    press(page, page.get_by_role("button", name="Change", exact=True))
    expect(page.get_by_role("main")).to_contain_text("2 records selected")
    box = page.get_by_label("Main Phone", exact=True)
    box.focus()
    page.keyboard.type("+44 20 7946 0001")
    expect(page.get_by_role("checkbox", name="Change Main Phone")).to_be_checked()
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("2 records would be changed")
    picture(page, "many-preview")
    assert violations(page) == []
    press(page, page.get_by_role("button", name="Change them"))
    expect(page.get_by_text("All done")).to_be_visible(timeout=LATER)
    expect(page.get_by_role("cell", name=re.compile("7946 0001"))).to_have_count(2)
    assert violations(page) == []
    press(page, page.get_by_role("button", name="Undo…"))
    press(page, page.get_by_role("button", name="Undo it"))
    expect(page.get_by_text("All done")).to_be_visible(timeout=LATER)
    assert page.troubles == []


@pytest.mark.parametrize(
    ("theme", "width"), [("light", 1280), pytest.param("dark", 390, marks=pytest.mark.long)]
)
def test_an_import_with_errors(here, picture, theme, width):
    page = here("import/", theme=theme, width=width)
    assert violations(page) == []
    lines = ["Account Name,Annual Revenue", *(f"Keyboard {n},{'much' if n == 3 else n}" for n in range(6))]
    file = {"name": "accounts.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
    page.set_input_files("#file", files=[file])
    press(page, page.get_by_role("button", name="Upload and go on"))
    expect(page.get_by_label("Annual Revenue", exact=True)).to_have_value("revenue")
    assert violations(page) == []
    press(page, page.get_by_role("button", name="Check every line"))
    expect(page.get_by_text("Nothing has been sent yet")).to_be_visible(timeout=LATER)
    picture(page, f"many-dry-run-{theme}-{width}")
    press(page, page.get_by_role("button", name="Import 5 lines"))
    failed = page.get_by_role("link", name="Failed lines (CSV)")
    expect(failed).to_be_visible(timeout=LATER)
    expect(page.get_by_role("main")).to_contain_text("is not a number")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with page.expect_download() as got:
        press(page, failed)
    content = got.value.path().read_text("utf-8-sig").splitlines()
    assert content[0] == "Account Name,Annual Revenue,Problem"
    assert content[1].startswith("Keyboard 3,much,")
    press(page, page.get_by_role("button", name="Undo…"))
    press(page, page.get_by_role("button", name="Undo it"))
    expect(page.get_by_text("All done")).to_be_visible(timeout=LATER)
    assert page.troubles == []


@pytest.mark.long
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_what_failed_is_looked_at_alone_and_tried_again(here, settled, picture, theme, width):
    """Partly failed work: the failures alone, what they need, and once more, by which nothing is done twice."""
    name = f"Again {theme}"
    page = here("import/", theme=theme, width=width)
    lines = ["Account Name,Primary Contact", f"{name} 0,", f"{name} 1,Late {theme}", f"{name} 2,"]
    file = {"name": "again.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
    page.set_input_files("#file", files=[file])
    page.get_by_role("button", name="Upload and go on").click()
    picture(page, f"again-mapping-{theme}")
    page.get_by_role("button", name="Check every line").click()
    page.get_by_role("button", name="Import 2 lines").click()
    expect(page.get_by_text("Some did not go through")).to_be_visible(timeout=LATER)
    picture(page, f"again-import-{theme}")
    page.get_by_role("link", name="1 failed").click()
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("main")).to_contain_text(f"There is no “Late {theme}”")
    other = here("../contact/new/", theme=theme, width=width)
    other.get_by_label("Last Name").fill(f"Late {theme}")
    other.get_by_role("button", name="Create", exact=True).click()
    expect(other.get_by_role("heading", level=1)).to_contain_text(f"Late {theme}")
    page.get_by_role("button", name="Retry 1 failed").click()
    expect(page.get_by_text("All done")).to_be_visible(timeout=LATER)
    expect(page.get_by_text("3 records went through")).to_be_visible()

    page = here(f"?where=name~starts_with~{name}", theme=theme, width=width)
    ticks = page.locator("tbody input[type=checkbox]")
    expect(ticks).to_have_count(3)
    gone = ticks.nth(0).get_attribute("value")
    for number in (0, 1):
        ticks.nth(number).check()
    page.get_by_role("button", name="Change", exact=True).click()
    page.get_by_label("Main Phone", exact=True).fill("+44 20 7946 0002")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("2 records would be changed")
    removed = here(f"{gone}/delete/", theme=theme, width=width)
    removed.get_by_role("button", name="Delete").last.click()
    expect(removed.get_by_role("heading", level=1)).not_to_contain_text("Delete")
    page.get_by_role("button", name="Change them").click()
    expect(page.get_by_text("Some did not go through")).to_be_visible(timeout=LATER)
    page.get_by_role("link", name="1 failed").click()
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("main")).to_contain_text("There is no such record any more")
    assert page.locator(".table-scroll, .table-responsive").first.evaluate(
        "table => table.scrollWidth <= table.clientWidth"
    ), "on a phone, too, the reason is seen at once"
    picture(page, f"again-failed-{theme}")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Retry 1 failed").click()
    expect(page.get_by_role("link", name="1 failed")).to_be_visible(timeout=LATER)
    page.get_by_role("button", name="Undo…").click()
    picture(page, f"again-undo-{theme}")
    page.get_by_role("button", name="Undo it").click()
    expect(page.get_by_text("All done")).to_be_visible(timeout=LATER)
    assert page.troubles == []


def test_the_console_completes_and_runs_by_keyboard(settled, open_page, picture):
    address = f"{settled.url}/records/console/{settled.values['integration_id']}/development/"
    page = open_page(address, cookies=settled.cookies)
    area = page.get_by_role("textbox", name="Query")
    area.focus()
    page.keyboard.type("accou")
    hint = page.get_by_role("option", name=re.compile("^accounts"))
    expect(hint).to_be_visible(timeout=LATER)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(area).to_have_value("accounts")
    page.keyboard.type("?$select=telep")
    expect(page.get_by_role("option", name=re.compile("^telephone1"))).to_be_visible(timeout=LATER)
    assert violations(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("&$top=3")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("3 rows")).to_be_visible(timeout=LATER)
    picture(page, "console")
    assert violations(page) == []
    area.fill('<fetch count="2"><entity name="account"><attribute name="name"/></entity></fetch>')
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("there are more")).to_be_visible(timeout=LATER)
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_text("Rows 3\u20134; there are more")).to_be_visible(timeout=LATER)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.set_viewport_size({"width": 390, "height": 900})
    picture(page, "console-pages-dark-390")
    assert violations(page) == []
    page.get_by_role("button", name="First page").click()
    expect(page.get_by_text("Rows 1\u20132; there are more")).to_be_visible(timeout=LATER)
    assert page.troubles == []
