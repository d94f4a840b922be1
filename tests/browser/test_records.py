"""The workspace by keyboard: lookups, filters, and leaving a form that is not saved."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("portal")]


@pytest.fixture
def records(settled, open_page):
    """`records("account", "new")`: a page of the workspace."""
    base = f"{settled.url}/records/{settled.values['integration_id']}/development/"

    def show(*parts, **ways):
        page = open_page(base + "".join(f"{part}/" for part in parts), cookies=settled.cookies, **ways)
        page.set_default_timeout(20_000)
        return page

    return show


def violations(page):
    return [
        (found["id"], [node["html"] for node in found["nodes"]])
        for found in Axe().run(page).response["violations"]
    ]


def test_a_lookup_is_chosen_and_cleared_by_keyboard(records, settled, picture):
    page = records("account", settled.values["record_id"], "edit")
    box = page.get_by_role("combobox", name="Primary Contact")
    box.focus()
    box.press_sequentially("an")
    expect(page.get_by_role("listbox", name="Suggestions").get_by_role("option").first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#announcer")).to_contain_text("to choose from")
    picture(page, "records-lookup")
    assert violations(page) == []

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.locator('[role="option"][aria-selected="true"]')
    expect(box).to_have_attribute("aria-activedescendant", chosen.get_attribute("id"))
    name = chosen.inner_text()
    page.keyboard.press("Enter")
    expect(box).to_have_value(name)
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(page.locator("[data-unsaved]")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("saved")
    expect(page.get_by_role("link", name=name)).to_be_visible()

    page.get_by_role("link", name="Edit").click()
    box = page.get_by_role("combobox", name="Primary Contact")
    expect(box).to_have_value(name)
    box.fill("")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("saved")
    expect(page.get_by_role("link", name=name)).to_have_count(0)
    assert page.troubles == []


def test_what_was_typed_but_not_chosen_is_not_taken_for_a_record(records, settled):
    page = records("account", settled.values["record_id"], "edit")
    box = page.get_by_role("combobox", name="Primary Contact")
    box.fill("nobody of that name")
    expect(page.get_by_text("Nothing is called")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.locator("#id_primarycontactid_error")).to_contain_text("Choose a record from the list")
    expect(box).to_have_value("nobody of that name")
    expect(page.locator("[data-unsaved]")).to_be_visible()


@pytest.mark.parametrize(
    ("theme", "width"), [("light", 1280), pytest.param("dark", 390, marks=pytest.mark.long)]
)
def test_a_filter_is_added_and_removed_by_keyboard(records, picture, theme, width):
    page = records("account", theme=theme, width=width)
    button = page.locator("summary", has_text="Filter")
    button.focus()
    page.keyboard.press("Enter")
    attribute = page.get_by_label("Attribute")
    expect(attribute).to_be_focused()
    attribute.select_option(label="Industry")
    comparison = page.get_by_label("Comparison")
    expect(comparison.locator("option", has_text="is one of")).to_have_count(1)
    comparison.focus()
    comparison.select_option(label="is one of")
    page.get_by_role("checkbox", name="Accounting").check()
    expect(page.get_by_label("Comparison")).to_have_value("in")
    page.get_by_role("checkbox", name="Brokers").check()
    picture(page, f"records-filter-{theme}-{width}")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Enter")

    chip = page.get_by_role(
        "link", name=re.compile("Remove the filter: Industry is one of Accounting, Brokers")
    )
    expect(chip).to_be_visible()
    chip.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".filter-chips")).to_have_count(0)
    assert page.troubles == []


def test_a_panel_closes_by_escape_and_by_a_click_elsewhere(records):
    page = records("account")
    button = page.locator("summary", has_text="Columns")
    button.click()
    expect(page.get_by_role("group", name="Columns to show")).to_be_visible()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(page.get_by_role("group", name="Columns to show")).to_be_hidden()
    button.click()
    page.get_by_role("heading", level=1).click()
    expect(page.get_by_role("group", name="Columns to show")).to_be_hidden()


def test_leaving_with_something_unsaved_is_asked_about(records, settled):
    page = records("account", settled.values["record_id"], "edit")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_label("Main Phone").fill("+1 not saved")
    page.get_by_role("link", name="Home", exact=True).click()
    expect(page.get_by_label("Main Phone")).to_have_value("+1 not saved")
    assert asked == ["beforeunload"]
