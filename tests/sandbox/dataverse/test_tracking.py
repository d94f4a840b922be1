"""Change tracking: delta links, deletions, paging, expiry, refusals."""

import re
from urllib.parse import unquote

import pytest

from tests.sandbox.dataverse.api import EVERYTHING, Api

TRACK = {"Prefer": "odata.track-changes"}
LINK = re.compile(r"\$deltatoken=\d+%21\d\d%2f\d\d%2f\d{4}%20\d\d%3a\d\d%3a\d\d\Z")


@pytest.fixture
def own(new_sandbox):
    """An environment in which nobody else changes anything."""
    return Api(new_sandbox())


def start(api, path="smp_projects?$select=smp_name", **headers) -> str:
    """The delta link of a first synchronisation."""
    response = api.send("GET", path, headers={**TRACK, **headers})
    assert response.status_code == 200, response.text
    return response.json()["@odata.deltaLink"]


def project(api, name: str) -> str:
    return api.create("smp_projects", {"smp_name": name, "smp_code": name})


def test_the_first_answer_ends_with_a_delta_link(own):
    response = own.send("GET", "accounts?$select=name", headers=TRACK)
    found = response.json()
    assert response.headers["Preference-Applied"] == "odata.track-changes"
    assert found["@odata.context"] == f"{own.root}/$metadata#accounts(name)"
    assert len(found["value"]) >= 2000
    assert set(found["value"][0]) == {"@odata.etag", "accountid", "name"}
    assert found["@odata.deltaLink"].startswith(f"{own.root}/accounts?$select=name&$deltatoken=")
    assert LINK.search(found["@odata.deltaLink"])


def test_a_delta_holds_what_is_new_changed_and_gone(own):
    kept, changed, gone = (project(own, name) for name in ("kept", "changed", "gone"))
    link = start(own)
    new, brief = project(own, "new"), project(own, "brief")
    own.send("PATCH", f"smp_projects({changed})", json={"smp_summary": "now"})
    for one in (gone, brief):
        own.send("DELETE", f"smp_projects({one})")

    found = own.send("GET", link).json()

    assert found["@odata.context"] == f"{own.root}/$metadata#smp_projects(smp_name)/$delta"
    rows, removed = found["value"][:2], found["value"][2:]
    assert [row["smp_projectid"] for row in rows] == [new, changed]
    assert rows[1]["smp_name"] == "changed"
    assert set(rows[0]) == {"@odata.etag", "smp_projectid", "smp_name"}
    context = f"{own.root}/$metadata#smp_projects/$deletedEntity"
    assert removed == [{"@odata.context": context, "id": key, "reason": "deleted"} for key in (gone, brief)]
    assert kept not in str(found)


def test_the_next_delta_goes_on_where_the_last_one_ended(own):
    link = start(own)
    project(own, "first")
    second = own.send("GET", link).json()["@odata.deltaLink"]
    assert own.send("GET", second).json()["value"] == []
    project(own, "later")
    assert [row["smp_name"] for row in own.send("GET", second).json()["value"]] == ["later"]
    assert [row["smp_name"] for row in own.send("GET", link).json()["value"]] == ["first", "later"]


def test_a_row_made_again_under_its_id_is_not_gone(own):
    again = project(own, "again")
    link = start(own)
    own.send("DELETE", f"smp_projects({again})")
    own.create("smp_projects", {"smp_projectid": again, "smp_name": "back", "smp_code": "back"})
    assert [row.get("smp_name") for row in own.send("GET", link).json()["value"]] == ["back"]


def test_the_first_synchronisation_pages(own):
    size = {"Prefer": "odata.track-changes,odata.maxpagesize=700"}
    seen, link, pages = {}, "accounts?$select=name", 0
    while True:
        found = own.send("GET", link, headers=size).json()
        pages += 1
        seen |= {row["accountid"]: row["name"] for row in found["value"]}
        if pages == 1:
            changed = next(iter(seen))
            own.send("PATCH", f"accounts({changed})", json={"name": "changed on the way"})
            late = own.create("accounts", {"name": "late"})
        if "@odata.deltaLink" in found:
            break
        assert 'istracking="True"' in unquote(found["@odata.nextLink"])
        link = found["@odata.nextLink"]
    assert pages == -(-len(seen) // 700)
    assert len(seen) >= 2000
    later = {row["accountid"] for row in own.send("GET", found["@odata.deltaLink"]).json()["value"]}
    assert later == {changed, late}, "what changes during the first walk is told again"


def test_deltas_page_over_rows_and_removals(own):
    doomed = [project(own, f"doomed {n}") for n in range(4)]
    link = start(own)
    new = [project(own, f"new {n}") for n in range(3)]
    for one in doomed:
        own.send("DELETE", f"smp_projects({one})")
    entries, pages = [], []
    while True:
        found = own.send("GET", link, headers={"Prefer": "odata.track-changes,odata.maxpagesize=2"}).json()
        pages.append(len(found["value"]))
        entries += [entry.get("smp_projectid") or entry["id"] for entry in found["value"]]
        if "@odata.deltaLink" in found:
            break
        link = found["@odata.nextLink"]
    assert entries == [*new, *doomed]
    assert pages == [2, 2, 2, 1]
    assert own.send("GET", found["@odata.deltaLink"]).json()["value"] == []


def test_counting_changes(own):
    doomed = project(own, "doomed")
    link = start(own)
    project(own, "one")
    own.send("DELETE", f"smp_projects({doomed})")
    path, _, query = link.partition("?")
    token = query.split("&")[-1]
    counted = own.send("GET", f"{path}/$count?{token}")
    assert (counted.text, counted.headers["Content-Type"]) == ("2", "text/plain")
    assert own.send("GET", f"{link}&$count=true").json()["@odata.count"] == 2


def test_annotations_come_along(own):
    link = start(own, "accounts?$select=industrycode,statecode")
    own.create("accounts", {"name": "annotated"})
    found = own.send("GET", link, headers=EVERYTHING).json()
    assert found["@Microsoft.Dynamics.CRM.totalrecordcount"] == -1
    assert found["value"][0]["statecode@OData.Community.Display.V1.FormattedValue"] == "Active"


@pytest.mark.parametrize(
    "option",
    ["$filter=name eq 'x'", "$orderby=name", "$expand=primarycontactid", "$top=3", "fetchXml=<fetch/>"],
)
def test_refused_options(api, option):
    name = option.split("=")[0]
    for headers, more in ((TRACK, ""), ({}, "&$deltatoken=1000000%2101%2f01%2f2026%2000%3a00%3a00")):
        message = api.error(api.send("GET", f"accounts?{option}{more}", headers=headers), 400, "0x80060888")
        assert message == f'The "{name}" query parameter isn\'t supported when Change Tracking is enabled.'


def test_tables_that_are_not_tracked(api):
    api.refused("systemuserrolescollection", code="0x80072491", headers=TRACK)


def test_reading_all_of_a_table_is_needed(cleo):
    message = cleo.refused("accounts", 403, "0x80040220", headers=TRACK)
    assert "organization-level" in message


def test_tokens_expire(own):
    link = start(own)
    own.world.clock.advance(6 * 86400)
    fresh = own.with_token(own.person_token("ana"))
    assert fresh.send("GET", link).status_code == 200
    fresh.world.clock.advance(2 * 86400)
    late = own.with_token(own.person_token("ana"))
    message = late.error(late.send("GET", link), 400, "0x80044352")
    assert "full sync" in message
    organization = late.rows("organizations", select="name")[0]["organizationid"]
    late.send("PATCH", f"organizations({organization})", json={"expirechangetrackingindays": 30})
    assert late.send("GET", link).status_code == 200


def test_a_token_from_before_a_reset_is_expired(own):
    link = start(own)
    token = re.sub(r"token=\d+", "token=99999999", link)
    own.error(own.send("GET", token), 400, "0x80044352")


@pytest.mark.parametrize("token", ["", "x", "1", "1!2", "1!99/99/2026 00:00:00", "1!08/22/2017", "9" * 40])
def test_tokens_that_are_none(api, token):
    api.refused(f"accounts?$deltatoken={token}", code="0x80060888")
