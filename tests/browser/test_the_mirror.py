"""The grid on a mirror, in a browser: accessible in both themes, grows while it is scrolled, and changes nothing."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.test_every_page import OTHERWISE, keeps_to_its_width, violations

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("portal")]

LIVE = re.compile(r"/account/\?(?!.*source=)(?=.*sort=name)(?=.*where=name(~|%7E)contains(~|%7E)Tour)")


@pytest.fixture(scope="module")
def loaded(settled):
    """The address of the list of accounts, once their mirror has been loaded."""
    url = f"{settled.url}/records/{settled.values['integration_id']}/development/account/"
    until = time.monotonic() + 60
    while settled.session.get(f"{url}?source=mirror", timeout=60).status_code != 200:
        assert time.monotonic() < until, "the mirror is not loaded"
        time.sleep(0.2)
    return url


def test_one_switches_to_the_mirror_and_back(settled, loaded, open_page, picture):
    # One row is like the next, and axe looks at each.
    short = f"{loaded}?sort=name&where=name~contains~Tour"
    page = open_page(short, theme="dark", cookies=settled.cookies)
    page.get_by_role("link", name="Mirror", exact=True).first.click()
    expect(page.get_by_text("From the mirror,")).to_contain_text("ago")
    picture(page, "mirror-dark-1280")
    assert keeps_to_its_width(page)
    assert violations(page) == []

    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    picture(page, "mirror-light-1280")
    page.set_viewport_size({"width": 390, "height": 900})
    picture(page, "mirror-light-390")
    assert keeps_to_its_width(page)
    assert violations(page, OTHERWISE) == []

    page.get_by_role("link", name="Live", exact=True).click()
    expect(page.get_by_text("From the mirror,")).to_have_count(0)
    expect(page).to_have_url(LIVE)
    assert page.troubles == []


def test_it_grows_while_it_is_scrolled_and_no_key_changes_anything(settled, loaded, open_page):
    page = open_page(f"{loaded}?sort=name&source=mirror", cookies=settled.cookies)
    expect(page.locator("#grid-count")).to_contain_text("of ")
    page.locator(".grid-scroll").evaluate("box => box.scrollTo(0, box.scrollHeight)")
    expect(page.locator("tbody[data-page='2'] tr").first).to_be_visible()
    cell = page.locator("tbody[data-page='2'] tr").first.locator("td[data-name]").first
    cell.focus()  # a click would follow the link in it
    for key in ("F2", "x", "Space", "Control+a", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".grid form, .grid input")).to_have_count(0)
    expect(page).to_have_url(f"{loaded}?sort=name&source=mirror")
    assert page.troubles == []


def test_a_sync_is_asked_only_for_what_its_choices_need(settled, open_page):
    page = open_page(f"{settled.url}/syncs/new/", cookies=settled.cookies)
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Go on").click()
    address, cron = page.get_by_label("PostgreSQL address"), page.get_by_label("Cron expression")
    expect(address).to_be_hidden()
    page.get_by_role("radio", name="PostgreSQL").check()
    expect(address).to_be_visible()
    expect(cron).to_be_hidden()
    page.get_by_label("When", exact=True).select_option("cron")
    expect(cron).to_be_visible()
    page.get_by_role("button", name="Create the sync").click()
    page.get_by_label("When", exact=True).select_option("")
    expect(cron).to_be_visible()  # it is marked as wrong, and stays in sight
