"""Every page in light and dark, on a desk and in a hand: no axe violation, nothing against the policy."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.addresses import every_address

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("portal")]

# What depends on the theme or the width; everything else is the same in both.
OTHERWISE = {"runOnly": {"type": "rule", "values": ["color-contrast", "target-size"]}}


def violations(page, options=None):
    found = Axe().run(page, options=options).response["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]


def keeps_to_its_width(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture(scope="module")
def browser(chromium, settled):
    """One for all pages, as people have it: what they share is fetched once."""
    context = chromium.new_context(color_scheme="dark", viewport={"width": 1280, "height": 900})
    context.add_cookies(settled.cookies)
    yield context
    context.close()


@pytest.fixture
def opened(browser):
    page = browser.new_page()
    page.troubles = []
    page.on("console", lambda said: said.type == "error" and page.troubles.append(said.text))
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    yield page
    page.close()


@pytest.mark.parametrize("address", every_address(), ids=lambda address: address.name)
def test_a_page_is_accessible_and_keeps_to_the_policy(settled, opened, picture, address):
    """Opened in the dark on a desk, then taken to a phone in the light."""
    url = settled.url + address.url(settled.values)
    if not settled.is_page(url):
        return  # it answers only to a POST, with a redirect, or with a fragment of a page that is swept whole
    page, answer = opened, opened.goto(url)
    page.wait_for_function("() => document.fonts.status === 'loaded'")
    name = address.name.replace(":", "-")
    picture(page, f"{name}-dark-1280")

    assert answer.status < 500
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    assert keeps_to_its_width(page), "the page scrolls sideways on a desk"
    assert violations(page) == []

    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": 390, "height": 900})
    page.wait_for_function("() => document.documentElement.dataset.bsTheme === 'light'")
    picture(page, f"{name}-light-390")
    assert keeps_to_its_width(page), "the page scrolls sideways on a phone"
    assert violations(page, OTHERWISE) == []
    refused = f"status of {answer.status}"
    assert [text for text in page.troubles if refused not in text] == []


@pytest.mark.long
@pytest.mark.parametrize(("theme", "width"), [("dark", 1280), ("light", 390), ("light", 1280), ("dark", 390)])
@pytest.mark.parametrize("address", every_address(), ids=lambda address: address.name)
def test_a_page_is_accessible_in_every_way(settled, open_page, address, theme, width):
    url = settled.url + address.url(settled.values)
    if not settled.is_page(url):
        return
    page = open_page(url, theme=theme, width=width, cookies=settled.cookies)
    page.wait_for_function("() => document.fonts.status === 'loaded'")

    assert keeps_to_its_width(page), "the page scrolls sideways"
    assert violations(page) == []
