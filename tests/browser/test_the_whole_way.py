"""What the README promises, as a person does it: sign in, connect, build, publish, bind, edit. By mouse and keyboard."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.walking import build, connect, publish_and_bind, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("portal")]


def test_from_a_microsoft_sign_in_to_an_edited_record(portal, open_page):
    page = open_page(portal.url)
    page.set_default_timeout(20_000)

    sign_in(page, "Ana Alvarez")
    connect(page, "Walked")
    build(page, "Walked", {"Account": ("Main Phone", "Annual Revenue", "Industry")})
    publish_and_bind(page, "Walked")
    _edit_an_account(page)

    assert page.troubles == []


def _edit_an_account(page: Page) -> None:
    page.get_by_role("link", name="Records", exact=True).click()
    page.get_by_role("link", name=re.compile("Account.*Walked")).click()
    expect(page.locator("#grid-count")).to_contain_text("of")
    page.get_by_role("link", name="Account Name").click()
    page.get_by_role("rowheader").first.get_by_role("link").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Main Phone").fill("+44 20 7946 0018")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("saved")
    expect(page.get_by_role("main")).to_contain_text("+44 20 7946 0018")
