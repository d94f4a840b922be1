"""What an attacker with or without a key would try."""

import pytest

from accounts.actors import Actor
from accounts.models import AuditEvent
from core.redaction import redact_text
from integrations.models import ServiceKey
from tests.integrations.caller import Caller, key_for, problem

NOBODY = "00000000-0000-4000-8000-00000000dead"


@pytest.fixture
def shop(sample_integration, sample_owner):
    return Caller(sample_integration.service_name, key_for(sample_owner, sample_integration))


def test_numbers_that_fill_the_memory_are_refused(shop):
    for number in ("1e999999999", "-1E+400", "1e-999999999", "9" * 5000):
        body = b'{"name": "x", "revenue": %s}' % number.encode()
        problem(shop.post("account", body), 400)
        where = b'{"where": {"attribute": "revenue", "operator": "gt", "value": %s}}' % number.encode()
        problem(shop.post("account/search", where), 400)
        problem(shop.post("account/search", b'{"top": %s}' % number.encode()), 400)


def test_depth_and_width_are_bounded(shop):
    deep = {"attribute": "name", "value": "x"}
    for _ in range(300):
        deep = {"not": deep}
    problem(shop.post("account/search", {"where": deep}), 400)
    wide = {"or": [{"attribute": "name", "value": str(n)} for n in range(5000)]}
    problem(shop.post("account/search", {"where": wide}), 400)
    problem(
        shop.post(
            "account/search", {"where": {"attribute": "name", "operator": "in", "value": ["x"] * 9000}}
        ),
        400,
    )
    problem(shop.post("account/search", {"select": ["name"] * 600}), 400)
    problem(shop.post("account", {"name": {"a": [1] * 1000}}), 400)


@pytest.mark.parametrize(
    "where",
    [
        {"attribute": "accountid", "operator": "ne", "value": None},
        {"attribute": "ownerid/fullname", "value": "x"},
        {"attribute": "name eq 'x' or name", "value": "x"},
        {"attribute": "name", "operator": "eq 1 or 1 eq", "value": 1},
        {"attribute": ["name"], "value": "x"},
        {"attribute": "name", "operator": ["eq"], "value": "x"},
        {"attribute": "name", "operator": {"a": 1}, "value": "x"},
        {"attribute": "statecode", "operator": "in", "value": "0) or (1 eq 1"},
        {"attribute": "createdon", "operator": "last_days", "value": "7') or ('a"},
        {"attribute": "primarycontactid", "value": "x' or 'a"},
        {"and": {"attribute": "name"}},
        {"and": [], "or": []},
        [],
        "name eq 'x'",
        5,
        {},
        False,
    ],
)
def test_nothing_can_be_smuggled_into_a_filter(shop, where):
    problem(shop.post("account/search", {"where": where}), 400)


def test_what_is_not_published_cannot_be_reached(shop):
    problem(shop.post("account", {"name": "x", "creditlimit": 1}), 400)
    problem(shop.post("account", {"name": "x", "@odata.type": "Microsoft.Dynamics.CRM.lead"}), 400)
    problem(shop.post("account", {"name": "x", "primarycontactid@odata.bind": f"/contacts({NOBODY})"}), 400)
    problem(shop.post("account", {"name": "x", "accountid": NOBODY}), 400)
    for query in (
        "select=creditlimit",
        "order_by=creditlimit",
        "expand=ownerid",
        "%24expand=owninguser",
        "select=name%26%24top=1",
    ):
        problem(shop.get(f"account?{query}"), 400)
    for path in (
        "lead",
        "systemuser",
        f"account({NOBODY})",
        f"account/{NOBODY}/ownerid",
        "account/..%2Fcontact",
        "$batch",
        "account/$count",
    ):
        problem(shop.get(path), 404)
    problem(shop.get("account?top=5&top=6"), 400)


def test_headers_do_not_change_what_is_done(shop):
    made = shop.post("account", {"name": "Tricks"}, X_HTTP_Method_Override="DELETE", MSCRMCallerID=NOBODY)
    account = made.json()["id"]
    seen = shop.get(f"account/{account}", X_HTTP_Method_Override="DELETE", Origin="https://evil.example")
    assert seen.status_code == 200
    assert not [name for name in seen.headers if name.lower().startswith("access-control")]
    problem(shop.call("OPTIONS", f"account/{account}", Origin="https://evil.example"), 405)
    for etag in ("nonsense", 'W/"x"', '"1", "2"', "ä", 'W/"1"\u00a0'):
        answer = shop.call("PATCH", f"account/{account}", {"name": "No"}, If_Match=etag)
        assert answer.status_code in {400, 412}, answer.content
    head = shop.call("HEAD", f"account/{account}")
    assert head.status_code == 200
    assert shop.get(f"account/{account}").json()["name"] == "Tricks"


def test_keys_leave_no_trace(shop, caplog):
    shop.get("account", Authorization=f"Basic {shop.key}")
    Caller(shop.root.rpartition("/")[2]).get(f"account?key={shop.key}")
    assert redact_text(f"a {shop.key} b") == "a [redacted] b"
    assert shop.key not in str([vars(each) for each in AuditEvent.objects.all()])
    assert shop.key not in str(ServiceKey.objects.values())


def test_the_trail_says_which_key_wrote(shop):
    shop.post("account", {"name": "Traced"})
    event = AuditEvent.objects.filter(outcome=AuditEvent.Outcome.INTENDED).latest("id")
    assert event.actor_label == Actor.system("key Webshop").label
    assert event.fields == ["name"]
