"""The way that the README promises, as a person walks it in a browser."""

import re
from collections.abc import Mapping, Sequence

from playwright.sync_api import Locator, Page, expect

PROVISIONED = 240_000  # ms: replication is waited for, and a busy machine repeats what timed out
SALES = re.compile(r"^Contoso Sales(?! \()")


def sign_in(page: Page, person: str) -> None:
    follow(page, page.get_by_role("button", name="Sign in with Microsoft"))
    _through_microsoft(page, page.get_by_role("button", name=re.compile(person)))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Welcome")


def follow(page: Page, control: Locator) -> None:
    """Press it and wait for the page to which it leads: one that looks at once still sees the page before."""
    with page.expect_navigation():
        control.click()


def _through_microsoft(page: Page, button: Locator) -> None:
    """Consent, where Microsoft asks for it: the second time it does not."""
    follow(page, button)
    accept = page.get_by_role("button", name="Accept")
    if accept.count():
        follow(page, accept)


def connect(page: Page, name: str) -> None:
    follow(page, page.get_by_role("link", name="Connections", exact=True))
    follow(page, page.get_by_role("link", name="New connection").first)
    authorise = page.get_by_role("main").get_by_role("button", name="Authorise with Microsoft")
    while authorise.count():
        _through_microsoft(page, authorise.first)
    page.get_by_role("radio", name=SALES).check()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Create the connection").click()
    expect(page.locator(".page-title")).to_contain_text("Ready", timeout=PROVISIONED)
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_role("main")).to_contain_text("works")


def build(page: Page, name: str, entities: Mapping[str, Sequence[str]]) -> None:
    """Choose entities, in the order of their names, and of each the attributes with these labels besides the usual."""
    page.get_by_role("link", name="Integrations", exact=True).click()
    page.get_by_role("link", name="New integration").first.click()
    page.get_by_label("Name", exact=False).first.fill(name)
    environments = page.get_by_role("combobox", name="Environment")
    offered = environments.locator("option").all_inner_texts()
    environments.select_option(label=next(text for text in offered if SALES.match(text)))
    page.get_by_role("button", name="Create and choose").click()
    _tick(page, entities)
    page.get_by_role("button", name="Save and choose attributes").click()
    for entity, attributes in entities.items():
        expect(page.get_by_role("heading", level=1)).to_have_text(entity)
        _tick(page, attributes)
        page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("button", name="Save and review").click()


def _tick(page: Page, labels: Sequence[str] | Mapping[str, object]) -> None:
    for label in labels:
        page.get_by_role("searchbox", name="Search").fill(label)
        page.get_by_role("checkbox", name=label, exact=True).check()


def publish_and_bind(page: Page, connection: str) -> None:
    page.get_by_label("Notes").fill("The first one.")
    page.get_by_role("button", name="Publish version 1").click()
    page.get_by_role("link", name="Bind it to a connection").click()
    development = page.locator("section.panel", has=page.get_by_role("heading", name="Development"))
    development.get_by_label("Connection").select_option(label=connection)
    development.get_by_role("button", name="Bind").click()
    expect(page).to_have_url(re.compile("/use/$"))
    # The role grows in the background.
    page.get_by_role("link", name="Connections", exact=True).click()
    page.get_by_role("link", name=connection, exact=True).click()
    expect(page.locator(".page-title")).to_contain_text("Ready", timeout=PROVISIONED)
