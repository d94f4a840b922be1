"""A session or an authorization ends while somebody types: what was typed is there again afterwards."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("portal")]

SESSION = "isthmus_session"
ACTING = """
from accounts.actors import Actor
from accounts.models import User
from integrations.definition import ActsAs
from integrations.models import Integration
from integrations.services import drafts, publishing
row, ana = Integration.objects.get(pk="{pk}"), Actor.person(User.objects.get(username="ana@contoso.example"))
made = drafts.name_parts(ana, row, row.revision, name=row.name, service_name=row.service_name, acts_as=ActsAs("{who}"), called={{}})
publishing.publish(ana, made, made.revision)
"""
ENDED = """
from accounts import vault
from accounts.actors import Actor
from accounts.models import Authorization, User
ana = User.objects.get(username="ana@contoso.example")
vault.revoke(Actor.person(ana), Authorization.objects.get(user=ana))
"""


@pytest.fixture
def edit(records, settled):
    return lambda **ways: records("account", settled.values["record_id"], "edit", **ways)


@pytest.fixture(scope="module")
def personal(portal, settled):
    """The integration acts as the signed-in person meanwhile."""
    publish = lambda who: portal.manage(  # noqa: E731
        "shell", "-v0", "-c", ACTING.format(pk=settled.values["integration_id"], who=who)
    )
    publish("person")
    yield lambda: portal.manage("shell", "-v0", "-c", ENDED)
    publish("application")


def violations(page):
    return [
        (found["id"], [node["html"] for node in found["nodes"]])
        for found in Axe().run(page).response["violations"]
    ]


def sign_in(page, person="Ana Alvarez"):
    page.get_by_role("button", name="Sign in with Microsoft").click()
    page.get_by_role("button", name=re.compile(person)).click()
    page.wait_for_load_state()
    accept = page.get_by_role("button", name="Accept")
    if accept.count():
        accept.click()


def authorise(page):
    """What the button beside the trouble opens: Microsoft's pages, and back."""
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Authorise with Microsoft").click()
    other = opened.value
    other.set_default_timeout(20_000)
    expect(other.get_by_role("button", name=re.compile("Ana Alvarez|Accept")).first).to_be_visible()
    for name in ("Ana Alvarez", "Accept"):
        button = other.get_by_role("button", name=re.compile(name))
        if button.count():
            button.click()
            other.wait_for_load_state()
    expect(other.get_by_role("heading", name="Welcome, Ana")).to_be_visible()
    other.close()


def kept(page):
    return page.evaluate("Object.keys(sessionStorage).length")


def offer(page):
    return page.get_by_role("status").filter(has_text="What you typed is still here")


def test_signed_out_in_the_middle_of_a_form(edit, picture):
    page = edit()
    page.get_by_label("Main Phone").fill("+44 kept")
    page.get_by_label("Annual Revenue").fill("12.50")
    page.context.clear_cookies(name=SESSION)
    page.keyboard.press("Enter")
    sign_in(page)
    expect(page.get_by_label("Main Phone")).not_to_have_value("+44 kept")
    expect(offer(page)).to_be_visible()
    picture(page, "draft-light-1280")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.set_viewport_size({"width": 390, "height": 900})
    picture(page, "draft-dark-390")
    assert violations(page) == []

    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_label("Main Phone")).to_have_value("+44 kept")
    expect(page.get_by_label("Annual Revenue")).to_have_value("12.50")
    expect(page.locator("[data-unsaved]")).to_be_visible()
    expect(offer(page)).to_be_hidden()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("main")).to_contain_text("saved")
    expect(page.get_by_role("main")).to_contain_text("+44 kept")
    assert kept(page) == 0
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_label("Main Phone")).to_have_value("+44 kept")
    expect(offer(page)).to_be_hidden()


def test_a_new_record_with_a_lookup_when_even_the_cookies_are_gone(records):
    page = records("contact", "new")
    page.get_by_label("Last Name").fill("Not Lost")
    box = page.get_by_role("combobox", name="Company Name")
    box.press_sequentially("Tour")
    page.get_by_role("option", name="Tour & Töchter").first.click()
    page.context.clear_cookies()
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("main")).to_contain_text("no longer valid")
    page.get_by_role("link", name="Open the form again").click()
    sign_in(page)
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_label("Last Name")).to_have_value("Not Lost")
    expect(box).to_have_value("Tour & Töchter")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("main")).to_contain_text("created")
    expect(page.get_by_role("link", name="Tour & Töchter")).to_be_visible()
    assert kept(page) == 0


def test_what_one_person_typed_is_not_kept_for_another(edit):
    page = edit()
    for leave in ("sign in as another", "throw away", "sign out"):
        page.get_by_label("Main Phone").fill(f"+44 {leave}")
        page.context.clear_cookies(name=SESSION)
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Sign in with Microsoft")).to_be_visible()
        assert kept(page) == 1
        assert "csrf" not in page.evaluate("JSON.stringify(sessionStorage)")
        there = page.url
        sign_in(page, "Ben Okafor" if leave == "sign in as another" else "Ana Alvarez")
        if leave == "sign in as another":
            expect(page.get_by_role("button", name="Ben Okafor")).to_be_visible()
            assert kept(page) == 0
            page.context.clear_cookies()
            page.goto(there)
            sign_in(page)
            expect(offer(page)).to_be_hidden()
        elif leave == "throw away":
            page.get_by_role("button", name="Throw it away").click()
            expect(offer(page)).to_be_hidden()
            assert kept(page) == 0
        else:
            expect(offer(page)).to_be_visible()
            page.locator(".side-foot .who").click()
            page.get_by_role("button", name="Sign out").click()
            expect(page.get_by_role("main")).to_contain_text("signed out")
            assert kept(page) == 0


@pytest.mark.long
def test_a_conflict_after_signing_in_again_is_still_found(edit):
    mine, theirs = edit(), edit()
    mine.get_by_label("Main Phone").fill("+44 mine kept")
    mine.context.clear_cookies(name=SESSION)
    mine.keyboard.press("Enter")
    expect(mine.get_by_role("button", name="Sign in with Microsoft")).to_be_visible()
    theirs.get_by_label("Main Phone").fill("+49 theirs meanwhile")
    theirs.keyboard.press("Enter")
    expect(theirs.get_by_role("main")).to_contain_text("saved")
    sign_in(mine)
    mine.get_by_role("button", name="Put it back").click()
    mine.get_by_role("button", name="Save").click()
    expect(mine.get_by_role("row", name=re.compile("Main Phone"))).to_contain_text("+49 theirs meanwhile")
    expect(mine.get_by_label("Main Phone")).to_have_value("+44 mine kept")


def test_an_authorization_ends_in_the_middle_of_a_form(personal, edit, picture):
    page = edit()
    page.get_by_label("Main Phone").fill("+44 delegated")
    personal()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Come back here afterwards and save again")
    expect(page.get_by_label("Main Phone")).to_have_value("+44 delegated")
    picture(page, "authorization-ended-form")
    assert violations(page) == []
    authorise(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("main")).to_contain_text("saved")
    expect(page.get_by_role("main")).to_contain_text("+44 delegated")


@pytest.mark.long
def test_an_authorization_ends_in_the_middle_of_a_cell(personal, records, picture):
    page = records("account", query="?find=Tour")
    cell = page.locator("tbody tr:nth-child(1) [data-name=telephone1]")
    box = page.locator("[data-cell-form]").get_by_label("Main Phone")
    cell.focus()
    page.keyboard.press("d")
    expect(box).to_have_value("d")
    personal()
    page.keyboard.press("Enter")
    expect(page.locator(".cell-trouble")).to_contain_text("Come back and save again")
    # However short the list is, what is said about a cell is within sight.
    assert page.evaluate(
        "document.querySelector('.cell-trouble').getBoundingClientRect().bottom"
        " <= document.querySelector('.grid-scroll').getBoundingClientRect().bottom"
    )
    expect(box).to_have_value("d")
    picture(page, "authorization-ended-cell")
    assert violations(page) == []
    authorise(page)
    expect(box).to_have_value("d")
    box.press("Enter")
    expect(cell).to_have_text("d")
