"""Every page in light and dark, on a desk and in a hand: no axe violation, nothing against the policy."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.addresses import every_address

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("portal")]

# Both themes and both widths; the rest of the square is for the long run.
WAYS = [
    ("dark", 1280),
    ("light", 390),
    pytest.param("light", 1280, marks=pytest.mark.long),
    pytest.param("dark", 390, marks=pytest.mark.long),
]


@pytest.mark.parametrize(("theme", "width"), WAYS)
@pytest.mark.parametrize("address", every_address(), ids=lambda address: address.name)
def test_a_page_is_accessible_and_keeps_to_the_policy(settled, open_page, picture, address, theme, width):
    url = settled.url + address.url(settled.values)
    if not settled.is_page(url):
        return  # it answers only to a POST, with a redirect, or with a fragment of a page that is swept whole
    page = open_page(url, theme=theme, width=width, cookies=settled.cookies)
    page.wait_for_function("document.fonts.status === 'loaded'")
    picture(page, f"{address.name.replace(':', '-')}-{theme}-{width}")

    assert page.answer.status < 500
    assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    refused = f"status of {page.answer.status}"
    assert [text for text in page.troubles if refused not in text] == []
    violations = Axe().run(page).response["violations"]
    assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in violations] == []
