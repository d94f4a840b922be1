"""What the small modules do, in a real browser under the real policy."""

import re

import pytest
from playwright.sync_api import expect

from tests.look import gallery

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore:No directory at:UserWarning")]


def test_a_live_region_survives_a_failing_answer_keeps_what_is_open_and_ends(browse):
    page = browse("/gallery/counting/")
    page.locator("#counter summary").click()
    # The second answer is a 503.
    expect(page.locator("#counter")).to_contain_text(re.compile(r"Answer ([3-9]|\d\d)"))
    assert page.locator("#counter details").evaluate("details => details.open")

    gallery.finished.set()
    expect(page.locator("#counter")).to_contain_text("Done after")
    expect(page.locator("#counter")).to_have_attribute("data-live", "done")
    asks = gallery.asked["count"]
    page.wait_for_timeout(700)  # three periods in which a region that went on would have asked
    assert gallery.asked["count"] == asks


def test_removing_asks_first_and_no_means_no(browse):
    page = browse("/gallery/counting/")
    page.get_by_role("button", name="Remove").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("It is gone for good.")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert page.url.endswith("/gallery/counting/")

    page.get_by_role("button", name="Remove").click()
    dialog.get_by_role("button", name="Remove").click()
    expect(page.locator("#asked")).to_contain_text("removed: 1")


def test_an_htmx_post_carries_the_csrf_token(browse):
    page = browse("/gallery/counting/")
    page.get_by_role("button", name="By htmx").click()
    expect(page.locator("#answer")).to_contain_text("nothing: 1")
    assert [text for text in page.troubles if "503" not in text] == []


def test_leaving_with_unsaved_changes_asks(browse):
    page = browse("/gallery/counting/")
    page.get_by_label("What").fill("typed")
    expect(page.locator("[data-unsaved]")).to_be_visible()
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="Records").click()
    expect(page.get_by_label("What")).to_have_value("typed")
    assert asked == ["beforeunload"]


def test_the_theme_is_remembered_and_painted_before_the_page(browse):
    page = browse("/gallery/", theme="light")
    page.get_by_role("button", name="Ana Alvarez").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    page.get_by_role("button", name="Ana Alvarez").click()
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")


def test_times_are_told_from_the_reader_s_side(browse):
    page = browse("/gallery/")
    first = page.locator("td time").first
    expect(first).to_have_text("7 minutes ago")
    assert first.get_attribute("datetime").endswith("Z")


def test_copying_puts_the_text_on_the_clipboard_and_says_so(browse):
    page = browse("/gallery/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy Client id").click()
    expect(page.locator("#announcer")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "7a5b9c04-4c55-4f6e-9d5d-0d2b8c1f9a11"


def test_a_row_opens_by_click_and_its_link_by_keyboard(browse):
    page = browse("/gallery/")
    row = page.locator("tr[data-href]").first
    row.locator("td").nth(1).click()
    page.wait_for_url("**/c/1")


def test_shortcuts_are_listed_and_work_but_not_while_typing(browse):
    page = browse("/gallery/")
    page.get_by_label("Name").press("?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Keyboard shortcuts")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("j")
    page.wait_for_url("**/jobs/")


def test_the_navigation_opens_on_a_phone_and_the_skip_link_comes_first(browse, picture):
    page = browse("/gallery/", width=390, height=800)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.get_by_role("button", name="Open navigation").click()
    expect(page.get_by_role("link", name="Records")).to_be_visible()
    expect(page.locator("#side.showing")).to_have_count(0)
    picture(page, "phone-navigation", whole=False)
    page.get_by_role("button", name="Close navigation").click()
    expect(page.get_by_role("link", name="Records")).to_be_hidden()


def test_a_wide_table_is_a_stop_for_the_keyboard_only_where_it_scrolls(browse):
    narrow = browse("/gallery/", width=390)
    expect(narrow.locator(".table-scroll")).to_have_attribute("tabindex", "0")
    wide = browse("/gallery/", width=1600)
    assert wide.locator(".table-scroll").get_attribute("tabindex") is None
