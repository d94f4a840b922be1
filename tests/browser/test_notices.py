"""A webhook is added: its secret is there once, readable, and gone with the next page."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("portal")]

SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


def test_the_secret_is_shown_once(settled, open_page, picture):
    address = f"{settled.url}/teams/{settled.values['teams.pk']}/notices/"
    page = open_page(address, cookies=settled.cookies)
    page.set_default_timeout(20_000)
    page.get_by_label("Address").fill("https://127.0.0.1/hooks")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("main")).to_contain_text("inner network")
    expect(page.get_by_label("Address")).to_have_value("https://127.0.0.1/hooks")
    picture(page, "notices-refused")

    page.get_by_label("Address").fill("https://8.8.8.8/hooks")
    page.get_by_role("button", name="Add").click()
    shown = page.locator(".callout-success code")
    expect(shown).to_have_text(SECRET)
    for theme, width in (("light", 1280), ("dark", 390)):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        picture(page, f"notices-secret-{theme}-{width}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert Axe().run(page).response["violations"] == []

    page.goto(address)
    expect(page.get_by_role("row", name="8.8.8.8")).to_contain_text("Not tried yet")
    assert not SECRET.search(page.content())
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("main")).to_contain_text("No webhook yet")
    assert [text for text in page.troubles if "status of 422" not in text] == []
