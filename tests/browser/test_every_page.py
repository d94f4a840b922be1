"""Every page in light and dark, on a desk and in a hand: no axe violation, nothing against the policy."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.addresses import every_address

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("portal")]

# They answer with a redirect or a fragment, or only to a POST: no page of their own to look at.
WAYS = [("light", 1280), ("dark", 1280), ("light", 390)]


@pytest.mark.parametrize(("theme", "width"), WAYS)
@pytest.mark.parametrize("address", every_address(), ids=lambda address: address.name)
def test_a_page_is_accessible_and_keeps_to_the_policy(settled, open_page, picture, address, theme, width):
    page = open_page(
        settled.url + address.url(settled.values), theme=theme, width=width, cookies=settled.cookies
    )
    if page.answer.status == 405 or not page.locator("body.has-banner").count():
        return  # only for POST, or a fragment of a page that is looked at as a whole
    page.wait_for_function("document.fonts.status === 'loaded'")
    picture(page, f"{address.name.replace(':', '-')}-{theme}-{width}")

    assert page.answer.status < 500
    assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    refused = f"status of {page.answer.status}"
    assert [text for text in page.troubles if refused not in text] == []
    violations = Axe().run(page).response["violations"]
    assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in violations] == []
