"""What the README promises, as a person does it: sign in, connect, build, publish, bind, edit. By mouse and keyboard."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("portal")]

PROVISIONED = 90_000  # ms: Entra's replication delay included


def test_from_a_microsoft_sign_in_to_an_edited_record(portal, open_page):
    page = open_page(portal.url)
    page.set_default_timeout(20_000)

    _sign_in(page, "Ana Alvarez")
    _connect(page, "Walked")
    _build(page, "Walked")
    _publish_and_bind(page)
    _edit_an_account(page)

    assert page.troubles == []


def _sign_in(page: Page, person: str) -> None:
    _follow(page, page.get_by_role("button", name="Sign in with Microsoft"))
    _through_microsoft(page, page.get_by_role("button", name=re.compile(person)))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Welcome")


def _follow(page: Page, control: Locator) -> None:
    """Press it and wait for the page to which it leads: one that looks at once still sees the page before."""
    with page.expect_navigation():
        control.click()


def _through_microsoft(page: Page, button: Locator) -> None:
    """Consent, where Microsoft asks for it: the second time it does not."""
    _follow(page, button)
    accept = page.get_by_role("button", name="Accept")
    if accept.count():
        _follow(page, accept)


def _connect(page: Page, name: str) -> None:
    _follow(page, page.get_by_role("link", name="Connections", exact=True))
    _follow(page, page.get_by_role("link", name="New connection").first)
    authorise = page.get_by_role("main").get_by_role("button", name="Authorise with Microsoft")
    while authorise.count():
        _through_microsoft(page, authorise.first)
    page.get_by_role("radio", name=re.compile(r"^Contoso Sales(?! \()")).check()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Create the connection").click()
    expect(page.locator(".page-title")).to_contain_text("Ready", timeout=PROVISIONED)
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_role("main")).to_contain_text("works")


def _build(page: Page, name: str) -> None:
    page.get_by_role("link", name="Integrations", exact=True).click()
    page.get_by_role("link", name="New integration").first.click()
    page.get_by_label("Name", exact=False).first.fill(name)
    environments = page.get_by_role("combobox", name="Environment")
    offered = environments.locator("option").all_inner_texts()
    environments.select_option(
        label=next(text for text in offered if re.match(r"Contoso Sales(?! \()", text))
    )
    page.get_by_role("button", name="Create and choose").click()

    page.get_by_role("searchbox", name="Search").fill("account")
    page.get_by_role("checkbox", name="Account", exact=True).check()
    page.get_by_role("button", name="Save and choose attributes").click()

    for label in ("Main Phone", "Annual Revenue", "Industry"):
        page.get_by_role("searchbox", name="Search").fill(label)
        page.get_by_role("checkbox", name=label, exact=True).check()
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("button", name="Save and review").click()


def _publish_and_bind(page: Page) -> None:
    page.get_by_label("Notes").fill("The first one.")
    page.get_by_role("button", name="Publish version 1").click()
    page.get_by_role("link", name="Bind it to a connection").click()
    development = page.locator("section.panel", has=page.get_by_role("heading", name="Development"))
    development.get_by_label("Connection").select_option(label="Walked")
    development.get_by_role("button", name="Bind").click()
    expect(page).to_have_url(re.compile("/use/$"))
    # The role grows in the background.
    page.get_by_role("link", name="Connections", exact=True).click()
    page.get_by_role("link", name="Walked", exact=True).click()
    expect(page.locator(".page-title")).to_contain_text("Ready", timeout=PROVISIONED)


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
