"""The grid shows a mirror with the same filters, orders and pages, says how old it is, and changes nothing."""

import re
import shutil
from html import unescape
from urllib.parse import urlencode

import pytest

from accounts.models import Role
from core import clock
from entities.trail import PAGE_SIZE
from integrations.definition import READ_WRITE
from integrations.filters import Operator, Where
from jobs.testing import run_due
from sync.destinations import folder_of
from sync.models import Sync
from sync.services import runs, setup
from tests.entities.pages import text
from tests.entities.test_as_the_person import personal  # noqa: F401
from tests.entities.test_grid import FILTERS, IMPOSSIBLE, names


@pytest.fixture
def keep(sample_integration, sample_owner, settings, tmp_path):
    """`keep(…)`: a mirror of the sample's accounts, loaded."""
    settings.DATA_DIR = tmp_path

    def made(name="Mirror", **more):
        plan = setup.Plan(name, entities=["account"], **more)
        sync = setup.create(sample_owner, sample_integration, sample_integration.bindings.get().stage, plan)
        runs.run_now(sample_owner, sync)
        run_due()
        return sync

    return made


def address(at, **fields):
    return f"{at('account')}?{urlencode({**fields, 'source': 'mirror'}, doseq=True)}"


def test_it_shows_what_the_live_list_shows(ana, at, keep):
    keep()
    live = ana.get(f"{at('account')}?sort=name")
    page = ana.get(address(at, sort="name"))

    assert names(page) == names(live)
    assert len(names(page)) == PAGE_SIZE
    assert "From the mirror" in text(page)
    assert "nothing is changed or chosen here" in text(page)
    html = page.content.decode()
    assert not re.search("data-edit|data-select|selection-bar|/import/|/export/|/new/", html)
    switch = dict(re.findall(r'href="(\?[^"]+)"[^>]*>(Live|Mirror)</a>', html))
    assert {word: unescape(url) for url, word in switch.items()} == {
        "Live": "?sort=name",
        "Mirror": "?sort=name&source=mirror",
    }
    record = re.search(r'data-href="([^"]+)"', html)[1]
    assert ana.get(record).status_code == 200
    assert "From the mirror" not in text(live)


def test_it_filters_counts_and_goes_on_as_the_live_list_does(ana, at, keep, accounts):
    keep()
    for at_number, where in enumerate(FILTERS):
        live, page = (ana.get(f"{at('account')}?{query}") for query in _both(where=where, sort="name"))
        assert sorted(names(page)) == sorted(names(live)), where
        if at_number % 4:
            continue
        counts = [ana.get(f"{at('account')}?{query}&count=1") for query in _both(where=where)]
        assert text(counts[0]) == text(counts[1]), where
    first = ana.get(address(at, sort="-revenue"))
    following = unescape(re.search(r'data-next="([^"]+)"', first.content.decode())[1])
    more = ana.get(at("account") + following)
    again = ana.get(address(at, sort="-revenue", page=2))
    wanted = accounts.search(order_by=[("revenue", "desc")], top=2 * PAGE_SIZE).records
    assert names(more) == names(again)
    shown = [*names(first), *names(more)]
    assert len(shown) == 2 * PAGE_SIZE
    assert sorted(shown[:20]) == sorted(str(each.values["name"]) for each in wanted[:20])
    assert ana.get(at("account") + following.replace("after=", "after=x")).status_code == 400
    assert ana.get(at("account") + following.replace("-revenue", "name")).status_code == 400


def _both(**fields):
    return urlencode(fields), urlencode({**fields, "source": "mirror"})


def test_find_looks_in_every_text_and_takes_it_as_text(ana, at, keep, accounts):
    town = "Ærø 100%_\\ O'Hara\"--"
    key = accounts.create({"name": "Quiet name", "description": f"Seen in {town}, twice"})
    keep()
    assert names(ana.get(address(at, find=town.upper().replace("Æ", "æ")))) == ["Quiet name"]
    for nothing in ("%%%", "' OR 1=1 --", '"; DROP TABLE account; --', "\\"):
        assert "Nothing matches" in text(ana.get(address(at, find=nothing + "zz")))
    assert ana.get(address(at, find="\x00")).status_code == 400
    assert len(names(ana.get(address(at)))) == PAGE_SIZE
    accounts.delete(key)


def test_what_cannot_be_asked_is_refused_with_a_way_back(ana, at, keep):
    keep()
    for wrong in [*IMPOSSIBLE, "?after=x&rows=1", "?sort=name%22%3B--", "?where=name%22~eq~1"]:
        if "attribute=" not in wrong:
            answer = ana.get(f"{at('account')}{wrong}&source=mirror")
            assert answer.status_code == 400, wrong
            assert "Show it live" in text(answer) or "rows=1" in wrong, wrong
    assert ana.get(f"{at('account')}?source=elsewhere").status_code == 400


def test_values_are_formatted_and_links_lead_to_live_records(ana, at, keep, accounts):
    industry = accounts.entity.attribute("industrycode").options[2]
    key = accounts.create({"name": "Formatted", "revenue": "1234567.5", "industrycode": industry.value})
    keep()
    page = text(
        ana.get(address(at, where="name~eq~Formatted", columns="name,revenue,industrycode,statecode"))
    )
    assert "1,234,567.50" in page
    assert industry.label in page
    assert "Active" in page
    linked = accounts.search(Where("primarycontactid", Operator.NOT_EMPTY), top=1).records[0]
    found = ana.get(address(at, where=f"name~eq~{linked.values['name']}", columns="name,primarycontactid"))
    assert f'/contact/{linked.links["primarycontactid"].id}/"' in found.content.decode()
    accounts.delete(key)


def test_its_age_is_shown_and_warned_of_beyond_the_limit(ana, at, keep):
    sync = keep(lag_limit=600)
    assert "mirror-late" not in ana.get(address(at)).content.decode()
    sync.entities.update(as_of=clock.after(-3600))
    page = ana.get(address(at))
    assert "mirror-late" in page.content.decode()
    assert "further behind" in text(page)
    Sync.objects.update(lag_limit=None)
    assert "mirror-late" not in ana.get(address(at)).content.decode()


def test_a_mirror_that_is_missing_or_broken_leads_back_to_the_live_list(ana, at, keep):
    assert ana.get(address(at)).status_code == 503, "nothing is mirrored yet"
    assert "source-switch" not in ana.get(at("account")).content.decode()
    file = folder_of(keep()) / "mirror.sqlite3"
    whole = file.read_bytes()
    for damage in (file.unlink, lambda: file.write_bytes(b"no database" * 400)):
        for beside in file.parent.glob("*-*"):
            beside.unlink()
        file.write_bytes(whole)
        damage()
        answer = ana.get(address(at, sort="name"))
        assert answer.status_code == 503
        assert "The mirror cannot be read" in text(answer)
        assert f'href="{at("account")}?sort=name"' in answer.content.decode()
        assert str(file) not in text(answer)
    assert ana.get(at("account")).status_code == 200


def test_a_folder_of_parquet_is_shown_just_as_a_file_of_sqlite(ana, at, keep):
    mirrors = [keep(), keep("Folder", destination="parquet")]
    shown = {"columns": "name,revenue,industrycode,primarycontactid,createdon", "sort": "-revenue,-createdon"}
    for more in ({}, {"find": "a"}, {"where": "industrycode~not_empty~"}, {"page": 2}):
        pages = []
        for number, sync in enumerate(mirrors):
            sync.entities.update(as_of=clock.after(60 * number))
            pages.append(ana.get(address(at, **shown, **more)))
        assert "From the mirror" in text(pages[1])
        assert len(names(pages[0])) == PAGE_SIZE, more
        assert _cells(pages[0]) == _cells(pages[1]), more


def _cells(page):
    found = re.findall(r"<td.*?</td>", page.content.decode(), re.DOTALL)
    return [re.sub("<[^>]*>", " ", cell).split() for cell in found]


def test_a_folder_of_parquet_that_is_away_leads_back_to_the_live_list(ana, at, keep):
    folder = folder_of(keep(destination="parquet"))
    assert ana.get(address(at)).status_code == 200
    shutil.rmtree(folder)
    answer = ana.get(address(at, sort="name"))
    assert answer.status_code == 503
    assert "The mirror cannot be read" in text(answer)
    assert f'href="{at("account")}?sort=name"' in answer.content.decode()
    assert str(folder) not in text(answer)


def test_members_see_it_and_strangers_do_not(person, at, keep):
    keep()
    assert person("ben", Role.VIEWER).get(address(at)).status_code == 200
    assert person("dara", None).get(address(at)).status_code == 404


def test_what_is_published_no_longer_is_not_shown_although_it_is_mirrored(ana, at, keep, republish):
    keep()
    assert ana.get(address(at, sort="-revenue")).status_code == 200
    republish("account", READ_WRITE, ["name", "industrycode"])
    for query in ({"sort": "-revenue"}, {"columns": "revenue"}, {"where": "revenue~ge~1"}):
        assert ana.get(address(at, **query)).status_code == 400
    page = ana.get(address(at)).content.decode()
    assert 'data-name="industrycode"' in page
    assert 'data-name="revenue"' not in page


def test_what_is_published_and_not_mirrored_yet_is_said(ana, at, keep, republish, accounts):
    keep()
    chosen = [each.logical_name for each in accounts.entity.attributes]
    republish("account", READ_WRITE, [*chosen, "fax"])
    page = ana.get(address(at, columns="name,fax"))
    assert "1 published attribute is not in it" in text(page)
    refused = ana.get(address(at, sort="fax"))
    assert refused.status_code == 400
    assert "The mirror does not hold “fax”" in text(refused)


def test_an_integration_that_acts_as_the_person_shows_no_copy_of_the_application(ana, at, keep, request):
    keep()
    request.getfixturevalue("personal")
    answer = ana.get(address(at))
    assert answer.status_code == 403
    assert "acts as the signed-in person" in text(answer)
    assert "Show it live" in text(answer)
    assert "source-switch" not in ana.get(at("account")).content.decode()


def test_the_fresher_mirror_is_shown(ana, at, keep, sample_owner, sample_integration):
    old = keep()
    plan = setup.Plan("Newer", entities=["account"], destination="parquet")
    newer = setup.create(sample_owner, sample_integration, old.stage, plan)
    runs.run_now(sample_owner, newer)
    run_due()
    assert "kept by the sync Newer" in text(ana.get(address(at)))
    old.entities.update(as_of=clock.after(60))
    assert "kept by the sync Mirror" in text(ana.get(address(at)))


@pytest.mark.services
@pytest.mark.database("postgresql")
def test_a_schema_of_postgresql_is_shown_in_the_same_way(ana, at, keep, sample_owner):
    sync = keep(destination="postgres", schema="mirror_in_the_grid")
    shown = {"columns": "name,revenue,industrycode,primarycontactid", "sort": "-revenue,name"}
    for more in ({}, {"find": "a"}, {"where": "industrycode~not_empty~"}, {"page": 2}):
        page = ana.get(address(at, **shown, **more))
        assert "From the mirror" in text(page)
        assert len(names(page)) == PAGE_SIZE, more
    setup.drop_data(sync)
    assert "The mirror cannot be read" in text(ana.get(address(at)))
    setup.remove(sample_owner, sync)
