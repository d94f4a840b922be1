"""The workspace by keyboard alone: find and edit, resolve a conflict, create with lookups; and what may go wrong on the way."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("portal")]
RESPONSES = "Failed to load resource"


def violations(page):
    return [
        (found["id"], [node["html"] for node in found["nodes"]])
        for found in Axe().run(page).response["violations"]
    ]


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def into_the_grid(page):
    """Tab until a cell has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('tbody [data-name]')"):
            return
    raise AssertionError("the grid cannot be reached with Tab")


def cell(page, name, row=1):
    return page.locator(f"tbody tr:nth-child({row}) [data-name={name}]")


def editor(page, label):
    return page.locator("[data-cell-form]").get_by_label(label)


def test_find_and_edit(records, picture):
    page = records("account")
    press(page, "/")
    page.keyboard.type("Tour")
    press(page, "Enter")
    expect(page.locator(".filter-chips")).to_contain_text("Find “Tour”")
    expect(cell(page, "name")).to_contain_text("Tour & Töchter")

    into_the_grid(page)
    while page.evaluate("document.activeElement.dataset.name") != "telephone1":
        press(page, "ArrowRight")
    press(page, "F2")
    box = editor(page, "Main Phone")
    expect(box).to_be_focused()
    picture(page, "grid-edit")
    assert violations(page) == []
    press(page, "Control+A")
    page.keyboard.type("+49 30 5555")
    press(page, "Enter")
    expect(cell(page, "telephone1")).to_have_text("+49 30 5555")
    expect(page.locator("#announcer")).to_have_text("Saved")

    press(page, "x")
    expect(editor(page, "Main Phone")).to_have_value("x")
    press(page, "Escape")
    expect(cell(page, "telephone1")).to_have_text("+49 30 5555")
    expect(cell(page, "telephone1")).to_be_focused()

    press(page, "Space")
    expect(page.locator("[data-selection-count]")).to_have_text("1")
    picture(page, "grid-selected")
    assert violations(page) == []
    press(page, "Home", "Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tour & Töchter")
    expect(page.get_by_role("main")).to_contain_text("+49 30 5555")
    assert page.troubles == []


def test_a_cell_says_what_is_wrong_and_keeps_it(records, picture):
    page = records("account", query="?find=Tour")
    target = cell(page, "revenue")
    target.focus()
    press(page, "a")
    box = editor(page, "Annual Revenue")
    expect(box).to_have_value("a")
    press(page, "Enter")
    expect(page.locator(".cell-trouble")).to_contain_text("This must be a number")
    expect(editor(page, "Annual Revenue")).to_have_value("a")
    picture(page, "grid-refused")
    assert violations(page) == []
    press(page, "Escape")
    expect(page.locator(".cell-trouble")).to_have_count(0)
    assert [text for text in page.troubles if RESPONSES not in text] == []


def test_a_conflict_in_a_cell_is_resolved(records, settled):
    mine, theirs = records("account", query="?find=Tour"), records("account", query="?find=Tour")
    cell(mine, "telephone1").focus()
    press(mine, "m")
    expect(editor(mine, "Main Phone")).to_have_value("m")
    cell(theirs, "telephone1").focus()
    press(theirs, "t")
    expect(editor(theirs, "Main Phone")).to_have_value("t")
    press(theirs, "Enter")
    expect(cell(theirs, "telephone1")).to_have_text("t")

    press(mine, "Enter")
    expect(mine.locator(".cell-trouble")).to_contain_text("Somebody changed this meanwhile, to “t”")
    expect(editor(mine, "Main Phone")).to_have_value("m")
    press(mine, "Enter")
    expect(cell(mine, "telephone1")).to_have_text("m")


def test_a_conflict_of_forms_is_resolved_field_by_field(records, settled, picture):
    parts = ("account", settled.values["record_id"], "edit")
    mine, theirs = records(*parts), records(*parts)
    theirs.get_by_label("Main Phone").fill("+49 theirs again")
    press(theirs, "Enter")
    expect(theirs.get_by_role("main")).to_contain_text("saved")
    mine.get_by_label("Main Phone").fill("+44 mine again")
    press(mine, "Enter")
    expect(mine.get_by_role("main")).to_contain_text("Somebody changed this record while you were editing it")
    expect(mine.get_by_role("row", name=re.compile("Main Phone"))).to_contain_text("+49 theirs again")
    expect(mine.get_by_label("Main Phone")).to_have_value("+44 mine again")
    expect(mine.locator("[data-unsaved]")).to_be_visible()
    take = mine.get_by_role("button", name=re.compile("Take theirs"))
    expect(take).to_be_visible()
    take.focus()
    press(mine, "Enter")
    expect(mine.get_by_label("Main Phone")).to_have_value("+49 theirs again")
    mine.get_by_role("button", name=re.compile("Keep mine")).focus()
    press(mine, "Enter")
    expect(mine.get_by_label("Main Phone")).to_have_value("+44 mine again")
    picture(mine, "records-merge")
    assert violations(mine) == []
    mine.get_by_role("button", name="Save my changes").focus()
    press(mine, "Enter")
    expect(mine.get_by_role("main")).to_contain_text("+44 mine again")


def test_create_with_lookups(records):
    page = records("contact")
    page.get_by_role("link", name="New", exact=True).focus()
    press(page, "Enter")
    page.get_by_label("Last Name").focus()
    page.keyboard.type("Keyboard")
    box = page.get_by_role("combobox", name="Company Name")
    while not box.evaluate("box => box === document.activeElement"):
        press(page, "Tab")
    page.keyboard.type("Tour")
    option = page.get_by_role("option", name="Tour & Töchter")
    expect(option.first).to_be_visible()
    press(page, "ArrowDown", "Enter")
    expect(box).to_have_value("Tour & Töchter")
    press(page, "Enter")
    expect(page.get_by_role("main")).to_contain_text("created")
    expect(page.get_by_role("link", name="Tour & Töchter")).to_be_visible()
    assert page.troubles == []


def test_signed_out_in_the_middle_of_a_cell(records, settled):
    page = records("account", query="?find=Tour")
    cell(page, "telephone1").focus()
    press(page, "s")
    expect(editor(page, "Main Phone")).to_have_value("s")
    kept = page.context.cookies()
    page.context.clear_cookies()
    press(page, "Enter")
    expect(page.locator(".cell-trouble")).to_contain_text("You have been signed out")
    expect(editor(page, "Main Phone")).to_have_value("s")
    page.context.add_cookies(kept)
    press(page, "Enter")
    expect(cell(page, "telephone1")).to_have_text("s")


def test_the_list_grows_folds_and_can_be_walked_through(records):
    page = records("account", query="?sort=name")
    box = page.locator("[data-grid]")
    first = cell(page, "name").first.inner_text()
    for _ in range(60):
        box.evaluate("box => box.scrollTo(0, box.scrollHeight)")
        if page.locator("[data-shown]").inner_text() != "1\u201350":
            break
        page.wait_for_timeout(50)
    expect(page.locator("[data-shown]")).not_to_have_text("1\u201350")
    expect(page.locator("tbody")).not_to_have_count(1)
    box.evaluate("box => box.scrollTo(0, 0)")
    page.get_by_role("link", name=first, exact=True).first.click()
    expect(page.locator("[data-step-place]")).to_contain_text("1 of")
    press(page, "j")
    expect(page.locator("[data-step-place]")).to_contain_text("2 of")
    press(page, "k")
    expect(page.get_by_role("heading", level=1)).to_have_text(first)
    assert page.troubles == []


def test_columns_are_arranged_by_keyboard(records):
    page = records("account")
    names = page.locator("thead th .sort")
    second = names.nth(1).inner_text()
    names.nth(1).focus()
    press(page, "Alt+ArrowLeft")
    expect(names.first).to_have_text(second)
    page.get_by_role("button", name=f"Width of {second}").focus()
    with page.expect_response(re.compile("/widths/")) as answer:
        press(page, "ArrowRight")
    assert answer.value.status == 204
    page.locator("summary", has_text="Columns").focus()
    press(page, "Enter")
    page.get_by_role("button", name="The usual ones").focus()
    press(page, "Enter")
    expect(names.nth(1)).to_have_text(second)
    assert page.troubles == []


@pytest.mark.parametrize(("theme", "width"), [("dark", 1280), ("light", 390)])
@pytest.mark.long
def test_menus_are_accessible(records, settled, picture, theme, width):
    page = records("account", query="?where=name~contains~a&where=|name~contains~b", theme=theme, width=width)
    for name in ("Columns", "Filter"):
        page.locator("summary", has_text=name).click()
        assert violations(page) == []
        picture(page, f"grid-{name.lower()}-{theme}-{width}")
        press(page, "Escape")
    page.locator("summary.view-name").click()
    expect(page.locator("#view-list")).to_contain_text("Active Accounts")
    picture(page, f"grid-views-{theme}-{width}")
    assert violations(page) == []
    press(page, "Escape")
    page.locator("[data-grid-help]").click()
    expect(page.get_by_role("dialog", name="Keys of the grid")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.troubles == []
