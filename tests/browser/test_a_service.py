"""A key is made, tried on the page of API docs, seen in the usage, and revoked: in a real browser, against the real policy."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("portal")]


def test_from_a_key_to_its_usage(settled, open_page):
    root = f"{settled.url}/integrations/{settled.values['integrations.pk']}"
    page = open_page(f"{root}/keys/new/", cookies=settled.cookies)
    page.set_default_timeout(20_000)
    page.get_by_label("Name").fill("Browser")
    page.get_by_role("button", name="Create the key").click()
    key = re.search(r"isk_[\w-]{43}", page.locator("main").inner_text())[0]
    assert Axe().run(page).response["violations"] == []
    page.goto(f"{root}/keys/")
    assert key not in page.content()
    expect(page.get_by_role("row", name="Browser")).to_contain_text("Active")

    page.goto(f"{root}/docs/")
    operation = page.locator("#list_account")
    operation.get_by_role("button", name="Send").click()
    expect(operation.locator("[data-answer]")).to_contain_text("Put your key")
    page.get_by_label("Your key").fill(key)
    operation.get_by_label("top").fill("2")
    operation.get_by_role("button", name="Send").click()
    expect(operation.locator(".api-status")).to_contain_text("200")
    expect(operation.locator(".api-body")).to_contain_text('"records": [')
    create = page.locator("#create_account")
    create.locator("summary").first.click()
    create.get_by_label("Body").fill('{"nonesuch": 1}')
    create.get_by_role("button", name="Send").click()
    expect(create.locator(".api-status")).to_contain_text("400")
    expect(create.locator(".api-body")).to_contain_text("The integration has no such attribute.")
    assert Axe().run(page).response["violations"] == []

    page.goto(f"{root}/usage/")
    expect(page.get_by_role("row", name="Search account").first).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("POST account")).first).to_contain_text("invalid")
    assert Axe().run(page).response["violations"] == []

    page.goto(f"{root}/keys/")
    page.get_by_role("row", name="Browser").get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("row", name="Browser")).to_contain_text("Revoked")
    assert [text for text in page.troubles if "400" not in text] == []
