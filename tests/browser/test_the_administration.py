"""Django's administration keeps to the policy as well, and what we put into it is accessible."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("portal")]

PASSWORD = "a-long-password-for-one-test"
MAKE_ADMINISTRATOR = f"""
from accounts.models import User
User.objects.create_superuser("root", password="{PASSWORD}")
"""


@pytest.fixture(scope="session")
def administrator(portal, settled, chromium):
    """A browser in which a site administrator has signed in at Django's own door."""
    portal.manage("shell", "-c", MAKE_ADMINISTRATOR)
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{portal.url}/admin/")
    page.get_by_label("Username").fill("root")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    yield context
    context.close()


def test_every_page_of_the_administration_keeps_to_the_policy(administrator, portal, settled):
    page = administrator.new_page()
    troubles = []
    # A root without a role in any team is refused the form that adds a connection: with a page, as it should be.
    page.on(
        "console",
        lambda said: (
            said.type == "error"
            and "status of 403" not in said.text
            and troubles.append((page.url, said.text))
        ),
    )
    page.goto(f"{portal.url}/admin/")
    lists = page.locator(".app-list a, #content-main a").evaluate_all("all => all.map(each => each.href)")
    connection = f"{portal.url}/admin/connections/connection/{settled.values['connections.pk']}/change/"

    for address in [*sorted(set(lists)), connection]:
        page.goto(address)

    assert len(set(lists)) > 10
    assert troubles == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_connection_is_managed_on_accessible_pages(administrator, portal, settled, theme):
    page = administrator.new_page()
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    base = f"{portal.url}/admin/connections/connection"
    for address in (f"{base}/", f"{base}/{settled.values['connections.pk']}/change/"):
        page.goto(address)
        violations = Axe().run(page).response["violations"]
        assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in violations] == []
