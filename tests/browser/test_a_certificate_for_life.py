"""The certificate of a connection, replaced by a worker of its own while somebody watches."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("portal")]

ROTATED = 60_000  # ms: two proofs a second apart, and the replication of the sandbox


def test_rotate_now_and_check(settled, open_page):
    address = f"{settled.url}/connections/{settled.values['connections.pk']}/"
    page = open_page(address, cookies=settled.cookies)
    page.set_default_timeout(20_000)
    panel = page.locator("section.panel", has=page.get_by_role("heading", name="Certificate", exact=True))
    expect(panel.get_by_text("Retiring")).to_have_count(0)

    panel.get_by_role("button", name="Rotate now").click()
    expect(panel.get_by_text("Retiring")).to_be_visible(timeout=ROTATED)
    expect(panel.get_by_text("Active", exact=True)).to_be_visible()
    expect(page.locator(".page-title")).to_contain_text("Ready")

    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_role("main")).to_contain_text("Every link holds")
    assert page.troubles == []
