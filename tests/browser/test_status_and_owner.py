"""A status with its reasons, and a new owner, chosen in a browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from runtime.tour.steps import ATTRIBUTES

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("portal")]

CHOSEN = """
from accounts.actors import Actor
from accounts.models import User
from integrations.definition import READ_WRITE
from integrations.models import Integration
from integrations.services import drafts, publishing
row, ana = Integration.objects.get(pk="{pk}"), Actor.person(User.objects.get(username="ana@contoso.example"))
made = drafts.shape_entity(ana, row, row.revision, "account", operations=READ_WRITE, chosen={chosen}, called={{}})
publishing.publish(ana, made, made.revision)
"""


@pytest.fixture(scope="module")
def account(portal, settled):
    """The address of the account; status, reason and owner are published meanwhile."""
    publish = lambda chosen: portal.manage(  # noqa: E731
        "shell", "-v0", "-c", CHOSEN.format(pk=settled.values["integration_id"], chosen=chosen)
    )
    publish([*ATTRIBUTES["account"], "statecode", "statuscode", "ownerid"])
    yield (
        f"{settled.url}/records/{settled.values['integration_id']}/development/account/{settled.values['record_id']}/"
    )
    publish(ATTRIBUTES["account"])


def violations(page):
    return [found["id"] for found in Axe().run(page).response["violations"]]


def offered(page):
    return page.get_by_label("Status Reason").locator("option:enabled").all_inner_texts()


def test_reasons_narrow_to_those_of_the_chosen_status(account, settled, open_page, picture):
    page = open_page(f"{account}edit/", cookies=settled.cookies)
    status, reason = page.get_by_label("Status", exact=True), page.get_by_label("Status Reason")
    assert offered(page) == ["—", "Active"]
    status.select_option(label="Inactive")
    assert offered(page) == ["—", "Inactive"]
    expect(reason.locator("option:checked")).to_have_text("Inactive")
    expect(page.locator("[data-unsaved]")).to_be_visible()
    picture(page, "status-reasons")
    status.select_option(label="Active")
    expect(reason.locator("option:checked")).to_have_text("Active")
    expect(page.locator("[data-unsaved]")).to_be_hidden()
    assert page.troubles == []


def test_a_record_is_assigned_by_name_and_to_oneself(account, settled, open_page, picture):
    page = open_page(account, cookies=settled.cookies)
    page.set_default_timeout(20_000)
    page.locator("summary", has_text="More").click()
    expect(page.get_by_role("button", name="Assign to me")).to_be_visible()
    picture(page, "assign-menu-light")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.set_viewport_size({"width": 390, "height": 900})
    picture(page, "assign-menu-dark-390")
    assert violations(page) == []
    page.get_by_role("link", name="Assign", exact=True).click()
    box = page.get_by_role("combobox", name="Owner")
    box.fill("Ben")
    page.get_by_role("option", name="Ben Okafor").click()
    picture(page, "assign-form-dark-390")
    page.get_by_role("button", name="Assign").click()
    expect(page.get_by_role("main")).to_contain_text("Ben Okafor")
    page.locator("summary", has_text="More").click()
    page.get_by_role("button", name="Assign to me").click()
    expect(page.get_by_role("main")).to_contain_text("is yours now")
    expect(page.get_by_role("main")).to_contain_text("Ana Alvarez")
    assert page.troubles == []
