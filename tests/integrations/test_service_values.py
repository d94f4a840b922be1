"""Every type of attribute through REST and back, digit for digit, and records by keys and with related ones."""

import uuid
from urllib.parse import quote

import pytest

from accounts.actors import Actor
from accounts.models import User
from tests.integrations.caller import Caller, key_for, problem
from tests.people import PEOPLE


@pytest.fixture
def projects(wide_integrations):
    made = wide_integrations["Projects"]
    ana = Actor.person(User.objects.get(username=PEOPLE["ana"]))
    return Caller(made.service_name, key_for(ana, made))


def code() -> str:
    return f"P-{uuid.uuid4().hex[:12]}"


def made_by(caller, entity, values):
    answer = caller.post(entity, values)
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


@pytest.mark.parametrize(
    "money", ["922337203685477.0000", "-922337203685477.0000", "0.0100", "-0.9900", "1234567.8900", "0.0000"]
)
def test_money_stays_exact(projects, money):
    project = made_by(projects, "Project", {"title": "Exact", "code": code(), "budget": money})
    assert projects.get(f"Project/{project}?select=budget").json()["budget"] == money
    found = projects.post(
        "Project/search", {"where": {"attribute": "budget", "value": money}, "select": ["budget"]}
    )
    assert project in [each["id"] for each in found.json()["records"]]


def test_numbers_are_never_floats_on_their_way(projects):
    body = b'{"title": "Raw", "code": "%s", "budget": 922337203685477.01, "effort": 0.1234567891}'
    refused = problem(projects.post("Project", body % code().encode()), 400)
    assert "budget" in refused["fields"]
    body = body.replace(b"477.01", b"476.99")
    project = made_by(projects, "Project", body % code().encode())
    seen = projects.get(f"Project/{project}?select=budget,effort").json()
    assert (seen["budget"], seen["effort"]) == ("922337203685476.9900", "0.1234567891")


def test_a_number_beyond_floating_point_is_refused(projects):
    endless = b"1" + b"0" * 400
    refused = problem(projects.post("Customer", b'{"name": "x", "address1_latitude": %s}' % endless), 400)
    assert "address1_latitude" in refused["fields"]
    where = b'{"where": {"attribute": "address1_latitude", "operator": "gt", "value": %s}}' % endless
    problem(projects.post("Customer/search", where), 400)


def test_every_type_comes_back(projects):
    customer = made_by(
        projects,
        "Customer",
        {
            "name": "Every type ✓",
            "numberofemployees": 2147483,
            "address1_latitude": 48.13743,
            "creditonhold": True,
            "description": "Two\nlines",
            "industrycode": 1,
        },
    )
    project = made_by(
        projects,
        "Project",
        {
            "title": "Every type",
            "code": code(),
            "channels": ["Web shop", 727000002],
            "effort": "-99999999999.0000000001",
            "starts": "2028-02-29",
            "smp_isbillable": False,
            "customer": {"entity": "account", "id": customer},
            "smp_summary": "x" * 4000,
        },
    )
    seen = projects.get(f"Project/{project}").json()
    assert seen["channels"] == [
        {"value": 727000000, "label": "Web shop"},
        {"value": 727000002, "label": "Partner"},
    ]
    assert seen["effort"] == "-99999999999.0000000001"
    assert seen["starts"] == "2028-02-29"
    assert seen["smp_isbillable"] is False
    assert seen["customer"] == {"entity": "account", "id": customer, "name": "Every type ✓"}
    assert seen["statecode"] == {"value": 0, "label": "Active"}
    assert seen["contract"] is None
    assert isinstance(seen["versionnumber"], int)
    assert seen["ownerid"]["entity"] == "systemuser"

    there = projects.get(f"Customer/{customer}").json()
    assert there["numberofemployees"] == 2147483
    assert there["address1_latitude"] == 48.13743
    assert there["creditonhold"] is True
    assert there["description"] == "Two\nlines"
    assert there["industrycode"]["value"] == 1
    assert there["industrycode"]["label"]

    # What was read can be sent back as it is.
    again = {name: seen[name] for name in ("channels", "effort", "starts", "customer", "statecode")}
    changed = projects.call("PATCH", f"Project/{project}", again, If_Match=seen["etag"])
    assert changed.status_code == 204, changed.content
    assert projects.get(f"Project/{project}").json()["channels"] == seen["channels"]


def test_polymorphic_lookups_and_days(projects):
    customer = made_by(projects, "Customer", {"name": "Poly"})
    contact = made_by(
        projects,
        "contact",
        {
            "family": "Ångström",
            "birthdate": "1980-02-29",
            "parentcustomerid": {"entity": "account", "id": customer},
        },
    )
    seen = projects.get(f"contact/{contact}").json()
    assert seen["birthdate"] == "1980-02-29"
    assert seen["parentcustomerid"] == {"entity": "account", "id": customer, "name": "Poly"}
    refused = problem(projects.post("contact", {"family": "x", "parentcustomerid": customer}), 400)
    assert "entity" in refused["fields"]["parentcustomerid"]


def test_moments_ids_reasons_and_names_of_entities(projects, wide_integrations):
    account = str(uuid.uuid4())
    customer = made_by(projects, "Customer", {"name": "Moments", "address1_addressid": account})
    opportunity = made_by(
        projects,
        "opportunity",
        {
            "name": "Moments",
            "customerid": {"entity": "account", "id": customer},
            "finaldecisiondate": "2028-02-29T23:30:00+02:00",
            "estimatedclosedate": "2028-02-29",
            "estimatedvalue": 12345678.9,
            "statuscode": "In Progress",
        },
    )
    seen = projects.get(f"opportunity/{opportunity}").json()
    assert seen["finaldecisiondate"] == "2028-02-29T21:30:00Z"
    assert seen["estimatedclosedate"] == "2028-02-29"
    assert seen["estimatedvalue"] == "12345678.9000"
    assert seen["statuscode"] == {"value": 1, "label": "In Progress"}
    assert projects.get(f"Customer/{customer}").json()["address1_addressid"] == account
    found = projects.get(f"opportunity?filter={quote('finaldecisiondate eq 2028-02-29T21:30:00Z')}").json()
    assert opportunity in [each["id"] for each in found["records"]]

    glance = wide_integrations["Glance"]
    ana = Actor.person(User.objects.get(username=PEOPLE["ana"]))
    tasks = Caller(glance.service_name, key_for(ana, glance)).get("task?top=1").json()["records"]
    assert [each["activitytypecode"] for each in tasks] == ["task"]


def test_a_record_is_written_by_its_key(projects):
    key = {"code": code() + " O'Neill/ä?#&"}
    first = projects.post("Project/upsert", {"key": key, "values": {"title": "One", "budget": "1.0000"}})
    assert (first.status_code, first.json()["created"]) == (201, True), first.content
    again = projects.post("Project/upsert", {"key": key, "values": {"title": "Two"}})
    assert (again.status_code, again.json()) == (200, {"id": first.json()["id"], "created": False})
    seen = projects.get(f"Project/{first.json()['id']}").json()
    assert (seen["title"], seen["code"], seen["budget"]) == ("Two", key["code"], "1.0000")

    for body in (
        {"key": {"title": "x"}, "values": {}},
        {"key": {}, "values": {}},
        {"key": {"code": None}, "values": {"title": "x"}},
        {"key": {"code": "x"}, "values": {"code": "y"}},
        {"key": {"code": "x"}, "values": {"versionnumber": 1}},
        {"key": ["code"], "values": {}},
        {"key": {"code": "x"}},
    ):
        assert problem(projects.post("Project/upsert", body), 400)["fields"]
    assert (
        "no alternate keys"
        in problem(projects.post("Customer/upsert", {"key": {"name": "x"}, "values": {}}), 400)["advice"]
    )


def test_related_records_come_along(projects):
    customer = made_by(projects, "Customer", {"name": "Related", "revenue": "5.0000"})
    link = {"entity": "account", "id": customer}
    project = made_by(projects, "Project", {"title": "A", "code": code(), "customer": link})
    lonely = made_by(projects, "Project", {"title": "B", "code": code()})
    made_by(projects, "Project", {"title": "C", "code": code(), "customer": link})

    seen = projects.get(f"Project/{project}?expand=customer_record&select=title").json()
    assert seen["customer_record"]["name"] == "Related"
    assert seen["customer_record"]["revenue"] == "5.0000"
    assert projects.get(f"Project/{lonely}?expand=customer_record").json()["customer_record"] is None
    there = projects.get(f"Customer/{customer}?expand=projects").json()
    assert {each["title"] for each in there["projects"]} == {"A", "C"}
    text = quote(f"title eq 'A' and customer eq {customer}")
    found = projects.get(f"Project?expand=customer_record&filter={text}").json()["records"]
    assert [each["customer_record"]["id"] for each in found] == [customer]
    refused = problem(projects.get(f"Customer/{customer}?expand=nonesuch"), 400)
    assert "projects" in refused["advice"]


def test_a_file_goes_up_and_down_in_pieces(projects):
    project = made_by(projects, "Project", {"title": "File", "code": code()})
    place = f"Project/{project}/contract"
    problem(projects.get(place), 404, "no_file")
    content = bytes(range(256)) * 20_000  # more than one piece
    sent = projects.client.put(
        f"{projects.root}/{place}?name=Vertrag%20%C3%84.pdf",
        content,
        content_type="application/pdf",
        headers={"Authorization": f"Bearer {projects.key}"},
    )
    assert sent.status_code == 204, sent.content
    seen = projects.get(place)
    assert b"".join(seen.streaming_content) == content
    assert "Vertrag%20%C3%84.pdf" in seen.headers["Content-Disposition"]
    assert projects.call("DELETE", place).status_code == 204
    problem(projects.get(place), 404, "no_file")
    problem(projects.get(f"Project/{project}/title"), 404)
