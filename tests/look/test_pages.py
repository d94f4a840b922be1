"""Every piece, in both themes and at two widths: no axe violation, nothing against the policy, nothing cut off."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

# Errors share one frame, so one of them is looked at in every way and the others once.
EVERY_WAY = {"gallery": "/gallery/", "sign-in": "/sign-in/", "403": "/gallery/failing/403/"}
WAYS = [("dark", 1280), ("light", 390)]
MORE_WAYS = [("light", 1280), ("dark", 390)]
ONCE = [(status, f"/gallery/failing/{status}/", "light", 390) for status in ("400", "404", "500")]
CASES = [
    *((name, path, *way) for name, path in EVERY_WAY.items() for way in WAYS),
    *ONCE,
    *(
        pytest.param((name, path, *way), marks=pytest.mark.long)
        for name, path in EVERY_WAY.items()
        for way in MORE_WAYS
    ),
]

# Whitenoise would rather have a collected folder; development and tests serve from the sources.
pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore:No directory at:UserWarning")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[2]}-{case[3]}")
def test_a_page_is_accessible_and_keeps_to_the_policy(browse, picture, case):
    name, path, theme, width = case
    page = browse(path, theme=theme, width=width, signed_in=name == "gallery")
    page.wait_for_function("() => document.fonts.status === 'loaded'")
    picture(page, f"{name}-{theme}-{width}")

    assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    expected = [] if name in {"gallery", "sign-in"} else [f"status of {name}"]
    assert [text for text in page.troubles if not any(part in text for part in expected)] == []
    violations = Axe().run(page).response["violations"]
    assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in violations] == []


def open_menu(page):
    page.get_by_role("button", name="Ana Alvarez").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def open_dialog(page):
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def refuse_form(page):
    page.locator("form.form").evaluate("form => { form.noValidate = true; }")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("This was not saved.")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("act", [open_menu, open_dialog, refuse_form])
def test_what_opens_is_accessible_too(browse, act, theme):
    page = browse("/gallery/", theme=theme)
    act(page)
    violations = Axe().run(page).response["violations"]
    assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in violations] == []
    assert page.troubles == []
