"""Saved views, columns of one's own, and what home keeps for a person."""

import re
from urllib.parse import urlencode

import pytest

from accounts.models import Membership, Role
from entities.models import GridLayout, SavedView
from integrations.definition import READ_ONLY
from tests.entities.pages import text

pytestmark = pytest.mark.django_db(transaction=True)
QUERY = urlencode({"where": "name~contains~a", "sort": "-name"})


def save(client, at, name, **more):
    return client.post(at("account", "views", "save"), {"name": name, "query": QUERY, **more})


def menu(client, at):
    return text(client.get(at("account", "views"), headers={"HX-Request": "true"}))


def test_a_view_is_private_unless_shared(ana, person, at):
    cleo = person("cleo", Role.VIEWER)
    assert save(ana, at, "Mine alone").status_code == 302
    answer = save(ana, at, "Everybody's", shared="yes")
    assert QUERY in answer["Location"]

    assert "Mine alone" in menu(ana, at)
    assert "Mine alone" not in menu(cleo, at)
    assert "Everybody's" in menu(cleo, at)
    assert "Everybody's" in text(cleo.get(answer["Location"])), "the view gives the list its name"


def test_viewers_keep_views_and_share_none(person, at):
    cleo = person("cleo", Role.VIEWER)
    assert save(cleo, at, "Cleo's").status_code == 302
    assert save(cleo, at, "For all", shared="yes").status_code == 403
    assert not SavedView.objects.filter(shared=True).exists()


def test_another_persons_view_is_neither_opened_nor_removed(ana, editor, at):
    save(ana, at, "Private")
    save(ana, at, "Shared", shared="yes")
    private, shared = SavedView.objects.get(name="Private"), SavedView.objects.get(name="Shared")

    assert "Private" not in text(editor.get(at("account") + f"?view={private.pk}"))
    assert editor.post(at("account", "views", private.pk, "remove")).status_code == 404
    assert editor.post(at("account", "views", shared.pk, "remove")).status_code == 403
    assert ana.post(at("account", "views", shared.pk, "remove")).status_code == 302


def test_a_view_cannot_be_saved_of_what_is_not_published(ana, at):
    for query in ("where=fax~eq~1", "sort=fax", "columns=fax", "where=name~drop~x"):
        assert ana.post(at("account", "views", "save"), {"name": "x", "query": query}).status_code == 400
    assert ana.post(at("account", "views", "save"), {"name": " ", "query": ""}).status_code == 400
    assert not SavedView.objects.exists()


def test_a_view_that_the_integration_has_outgrown_says_so(ana, at, republish):
    ana.post(at("account", "views", "save"), {"name": "By revenue", "query": "where=revenue~ge~1"})
    republish("account", READ_ONLY, ["name"])
    assert "Cannot be shown: There is no attribute “revenue”" in menu(ana, at)


def test_dynamics_own_views_are_offered_within_the_definition(ana, at, republish):
    said = menu(ana, at)
    assert "Active Accounts Default in Dynamics" in said
    page = ana.get(at("account", "views")).content.decode()
    link = re.search(r'href="([^"]+)"><svg[^>]*>.{0,200}?My Active Accounts', page, re.DOTALL)
    assert link

    republish("account", READ_ONLY, ["name"])
    assert "Not here: it filters by statecode, which is not part of this integration" in menu(ana, at)


def test_columns_are_ones_own_and_last(ana, editor, at):
    assert ana.post(at("account", "columns"), {"column": ["revenue", "name"]}).status_code == 302
    heads = r'<a class="sort"[^>]*>([^<]+)'

    assert re.findall(heads, ana.get(at("account")).content.decode()) == ["Annual Revenue", "Account Name"]
    assert re.findall(heads, editor.get(at("account")).content.decode())[0] == "Account Name"
    assert ana.post(at("account", "widths"), {"name": "321"}).status_code == 204
    assert 'data-col="name" width="321"' in ana.get(at("account")).content.decode()
    assert ana.post(at("account", "columns"), {"usual": "yes"}).status_code == 302
    assert GridLayout.objects.get().columns == []


def test_neither_columns_nor_widths_reach_beyond_the_definition(ana, at):
    for page, form in (
        ("columns", {"column": ["fax"]}),
        ("widths", {"fax": "9"}),
        ("widths", {"name": "-1"}),
    ):
        assert ana.post(at("account", page), form).status_code == 400
    assert not GridLayout.objects.exclude(columns=[]).exists()


def test_home_leads_back_and_forgets_what_one_may_no_longer_see(ana, at, accounts, sample_team):
    record_id = accounts.create({"name": "Seen lately"})
    assert "journey-now" in ana.get("/").content.decode(), "records are still to be looked at"
    ana.get(at("account", record_id))
    save(ana, at, "Saved lately")
    home = text(ana.get("/"))
    assert "journey-now" not in ana.get("/").content.decode(), "the way has been gone to its end"
    assert "Seen lately" in home
    assert "Saved lately" in home

    Membership.objects.filter(team=sample_team).delete()
    home = text(ana.get("/"))
    assert "Seen lately" not in home
    assert "Saved lately" not in home
