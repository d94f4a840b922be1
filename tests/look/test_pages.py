"""Every piece, in both themes and at two widths: no axe violation, nothing against the policy, nothing cut off."""

import pytest
from axe_playwright_python.sync_playwright import Axe

PAGES = {
    "gallery": ("/gallery/", True),
    "sign-in": ("/sign-in/", False),
    "404": ("/gallery/failing/404/", False),
    "403": ("/gallery/failing/403/", False),
    "500": ("/gallery/failing/500/", False),
    "400": ("/gallery/failing/400/", False),
}

# Whitenoise would rather have a collected folder; development and tests serve from the sources.
pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore:No directory at:UserWarning")]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_keeps_to_the_policy(browse, picture, name, theme, width):
    path, signed_in = PAGES[name]
    page = browse(path, theme=theme, width=width, signed_in=signed_in)
    page.wait_for_load_state("networkidle")
    picture(page, f"{name}-{theme}-{width}")

    assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    expected = [] if name in {"gallery", "sign-in"} else [f"status of {name}"]
    assert [text for text in page.troubles if not any(part in text for part in expected)] == []
    violations = Axe().run(page).response["violations"]
    assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in violations] == []
