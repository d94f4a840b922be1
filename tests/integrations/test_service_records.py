"""A record's life through REST, on the sandbox."""

import pytest

from tests.integrations.caller import Caller, key_for, problem

NOBODY = "00000000-0000-4000-8000-00000000dead"


@pytest.fixture
def shop(sample_integration, sample_owner):
    return Caller(sample_integration.service_name, key_for(sample_owner, sample_integration))


def test_a_record_lives_its_life(shop):
    made = shop.post("account", {"name": "O'Neill & Söhne 株式会社", "revenue": "1234567.8900"})
    assert made.status_code == 201, made.content
    account = made.json()["id"]
    assert made.headers["Location"] == f"{shop.root}/account/{account}"

    seen = shop.get(f"account/{account}?select=name,revenue,industrycode,createdon")
    assert seen.headers["ETag"] == seen.json()["etag"]
    assert seen.headers["X-Ms-Request-Id"]
    assert seen.json()["name"] == "O'Neill & Söhne 株式会社"
    assert seen.json()["revenue"] == "1234567.8900"
    assert seen.json()["industrycode"] is None
    assert seen.json()["createdon"].endswith("Z")
    assert shop.get(f"account/{account}", If_None_Match=seen.headers["ETag"]).status_code == 304

    changed = shop.call("PATCH", f"account/{account}", {"name": "Once"}, If_Match=seen.headers["ETag"])
    assert (changed.status_code, changed.content) == (204, b"")
    stale = shop.call("PATCH", f"account/{account}", {"name": "Twice"}, If_Match=seen.headers["ETag"])
    assert problem(stale, 412, "stale")["ids"]["microsoft_request_id"]
    problem(shop.call("DELETE", f"account/{account}", If_Match=seen.headers["ETag"]), 412)
    assert shop.get(f"account/{account}").json()["name"] == "Once"

    assert shop.call("DELETE", f"account/{account}").status_code == 204
    problem(shop.get(f"account/{account}"), 404)
    problem(shop.call("PATCH", f"account/{account}", {"name": "Ghost"}), 404)


def test_pages_follow_each_other(shop):
    first = shop.get("account?top=40&order_by=name,-revenue&select=name").json()
    again = shop.post(
        "account/search",
        {
            "order_by": [{"attribute": "name"}, {"attribute": "revenue", "direction": "desc"}],
            "top": 40,
            "select": ["name"],
        },
    ).json()
    assert first["records"] == again["records"]
    second = shop.get(f"account?top=40&order_by=name,-revenue&select=name&cursor={first['next_cursor']}")
    ids = [each["id"] for each in first["records"] + second.json()["records"]]
    assert len(set(ids)) == 80
    assert set(first["records"][0]) == {"id", "etag", "name"}


def test_what_is_wrong_is_said_by_name(shop):
    refused = shop.post("account", {"name": "", "revenue": "lots", "nonesuch": 1})
    assert set(problem(refused, 400)["fields"]) == {"name", "revenue", "nonesuch"}
    problem(shop.get("account?top=0"), 400)
    problem(shop.get("account?topp=5"), 400)
    for path in ("nonesuch", "account/%0A", "account/x/y/z", "account//", "%00", "%FF", "../account"):
        problem(shop.get(path), 404, "not_found")
    problem(shop.get(f"account/{NOBODY}"), 404)
    assert problem(shop.get("account/search"), 405)["detail"] == "This address takes POST."
    refused = shop.call("PUT", f"account/{NOBODY}", {})
    problem(refused, 405)
    assert refused.headers["Allow"] == "DELETE, GET, PATCH"


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"", 400), (b"[]", 400), (b"[" * 100_000, 400), (b'{"name": NaN}', 400), (b"\xff", 400)],
)
def test_what_is_no_json_is_refused(shop, body, status):
    problem(shop.post("account", body), status)


def test_forms_are_no_json(shop):
    answer = shop.client.post(
        f"{shop.root}/account", {"name": "x"}, headers={"Authorization": f"Bearer {shop.key}"}
    )
    problem(answer, 415, "media_type")
    big = shop.post("account", b'{"name": "' + b"x" * 9_000_000 + b'"}')
    problem(big, 413, "too_large")


def test_skip_is_emulated_honestly(shop):
    asked = "order_by=name&select=name&top=30"
    walked = shop.get(asked.join(("account?", "&top=90")).replace("top=30&", "")).json()["records"]
    page = shop.get(f"account?{asked}&skip=25").json()
    assert [each["id"] for each in page["records"]] == [each["id"] for each in walked[25:55]]
    after = shop.get(f"account?{asked}&cursor={page['next_cursor']}").json()["records"]
    assert [each["id"] for each in after] == [each["id"] for each in walked[55:85]]

    assert shop.get("account?skip=9000&top=5").json() == {"records": [], "next_cursor": None}
    refused = problem(shop.get("account?skip=10001"), 400, "skip_too_far")
    assert "next_cursor" in refused["advice"]
    problem(shop.get(f"account?{asked}&skip=5&cursor={page['next_cursor']}"), 400)
    problem(shop.get("account?skip=-1"), 400)


def test_filters_choices_and_counts(shop):
    where = {
        "and": [
            {"attribute": "name", "operator": "contains", "value": "a"},
            {"not": {"attribute": "revenue", "operator": "empty"}},
        ]
    }
    structured = shop.post("account/count", {"where": where}).json()["count"]
    text = shop.post("account/count", {"filter": "contains(name,'a') and revenue ne null"}).json()["count"]
    assert structured == text > 0
    both = shop.post("account/count", {"where": where, "filter": "revenue eq null"}).json()["count"]
    assert both == 0
    offered = shop.get("account/choices/industrycode").json()["choices"]
    assert {"value", "label", "color"} == set(offered[0])
    problem(shop.get("account/choices/name"), 400)
    problem(shop.get("account/choices/nonesuch"), 404)
    assert problem(shop.post("account/search", {"filter": "name eq"}), 400)["fields"]["filter"]
    assert problem(shop.post("account/search", {"tops": 5}), 400)
    assert problem(shop.post("account/search", {"top": "5"}), 400)["fields"] == {
        "top": "Expected `int`, got `str`."
    }


def test_the_service_describes_itself(shop):
    seen = shop.get("").json()
    assert (seen["version"], seen["stage"]) == (1, "development")
    assert {"account", "contact"} == {each["name"] for each in seen["entities"]}
    described = shop.get("openapi.json").json()
    assert described["openapi"] == "3.1.0"
    assert "/account/{id}" in described["paths"]
