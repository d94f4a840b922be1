"""$batch: framing, changesets, references, and the oddities of real clients."""

import pytest

from tests.sandbox.dataverse.multipart import batch, changeset, operation, read, send

PATH = "/api/data/v9.2"


def names(api, prefix):
    return sorted(
        row["name"] for row in api.rows("accounts", select="name", filter=f"startswith(name,'{prefix}')")
    )


def test_operations_are_answered_in_order(api):
    response = send(
        api,
        operation("GET", f"{PATH}/accounts?$top=1&$select=name"),
        operation("GET", f"{api.root}/WhoAmI"),
        operation("GET", "contacts/$count"),
    )
    assert response.status_code == 200
    listed, who, count = read(response)
    assert listed.headers["Content-Type"] == "application/json; odata.metadata=minimal; odata.streaming=true"
    assert listed.headers["OData-Version"] == "4.0"
    assert len(listed.json["value"]) == 1
    assert listed.json["@odata.context"] == f"{api.root}/$metadata#accounts(name)"
    assert who.json["OrganizationId"] == api.environment.id
    assert count.headers["Content-Type"] == "text/plain"
    assert int(count.body) > 0


def test_a_part_without_body_keeps_its_blank_lines(api):
    record = api.create("accounts", {"name": "batch blank"})
    response = send(api, operation("PATCH", f"accounts({record})", {"name": "batch blank 2"}))
    [part] = read(response)
    assert part.status == 204
    assert part.body == b""
    assert part.headers["OData-EntityId"] == f"{api.root}/accounts({record})"
    assert b"\r\n\r\n\r\n--batchresponse_" in response.content


def test_a_create_carries_its_location_twice(api):
    [part] = read(send(api, operation("POST", "accounts", {"name": "batch create"})))
    assert part.status == 204
    assert part.headers["Location"] == part.headers["OData-EntityId"]
    assert part.headers["OData-EntityId"].startswith(f"{api.root}/accounts(")


def test_preferences_stand_in_the_part(api):
    plain, wanting = read(
        send(
            api,
            operation("POST", "accounts", {"name": "batch prefer"}),
            operation(
                "POST", "accounts?$select=name", {"name": "batch prefer"}, Prefer="return=representation"
            ),
            headers={"Prefer": "return=representation"},
        )
    )
    assert plain.status == 204
    assert wanting.status == 201
    assert wanting.json["name"] == "batch prefer"
    assert wanting.headers["Preference-Applied"] == "return=representation"


def test_a_failure_stops_the_batch_and_names_its_status(api):
    response = send(
        api,
        operation("GET", "WhoAmI"),
        operation("GET", "accounts(11111111-1111-1111-1111-111111111111)"),
        operation("POST", "accounts", {"name": "batch never"}),
    )
    assert response.status_code == 404
    ok, failed = read(response)
    assert (ok.status, failed.status) == (200, 404)
    assert failed.error[0] == "0x80040217"
    assert failed.headers["REQ_ID"]
    assert names(api, "batch never") == []


def test_continue_on_error_answers_everything(api):
    response = send(
        api,
        operation("GET", "nix"),
        operation("POST", "accounts", {"name": "batch onwards"}),
        headers={"Prefer": "odata.continue-on-error"},
    )
    assert response.status_code == 200
    assert response.headers["Preference-Applied"] == "odata.continue-on-error"
    assert [part.status for part in read(response)] == [404, 204]
    assert names(api, "batch onwards") == ["batch onwards"]


def test_a_changeset_commits_as_one(api):
    response = send(
        api,
        changeset(
            operation("POST", "accounts", {"name": "set one"}, content_id=1),
            operation("POST", "accounts", {"name": "set two"}, content_id=2),
        ),
    )
    assert response.status_code == 200
    [nested] = read(response)
    assert [(part.content_id, part.status) for part in nested.nested] == [("1", 204), ("2", 204)]
    assert names(api, "set ") == ["set one", "set two"]


def test_a_failed_changeset_leaves_nothing_and_one_answer(api):
    response = send(
        api,
        changeset(
            operation("POST", "accounts", {"name": "undone one"}, content_id="a"),
            operation("POST", "accounts", {"nix": 1}, content_id="b"),
            operation("POST", "accounts", {"name": "undone two"}, content_id="c"),
        ),
        operation("POST", "accounts", {"name": "undone three"}),
    )
    assert response.status_code == 400
    [nested] = read(response)
    [error] = nested.nested
    assert (error.content_id, error.status, error.error[0]) == ("b", 400, "0x80048D19")
    assert names(api, "undone") == []


def test_continue_on_error_goes_on_behind_a_failed_changeset(api):
    response = send(
        api,
        changeset(
            operation("POST", "accounts", {"name": "gone one"}, content_id=1),
            operation("DELETE", "accounts(11111111-1111-1111-1111-111111111111)", content_id=2),
        ),
        changeset(operation("POST", "accounts", {"name": "gone two"}, content_id=1), boundary="changeset_Z"),
        headers={"Prefer": "odata.continue-on-error"},
    )
    assert response.status_code == 200
    first, second = read(response)
    assert [part.status for part in first.nested] == [404]
    assert [part.status for part in second.nested] == [204]
    assert names(api, "gone") == ["gone two"]


def test_content_ids_in_url_bind_and_reference(api):
    response = send(
        api,
        changeset(
            operation("POST", "accounts", {"name": "ref parent"}, content_id=1),
            operation(
                "POST",
                "contacts",
                {"lastname": "ref child", "parentcustomerid_account@odata.bind": "$1"},
                content_id=2,
            ),
            operation("PATCH", "$1", {"telephone1": "555"}, content_id=3),
            operation("PUT", "$1/primarycontactid/$ref", {"@odata.id": "$2"}, content_id=4),
        ),
    )
    assert response.status_code == 200, response.text
    [account] = api.rows(
        "accounts",
        select="name,telephone1",
        filter="name eq 'ref parent'",
        expand="primarycontactid($select=lastname),contact_customer_accounts($select=lastname)",
    )
    assert account["telephone1"] == "555"
    assert account["primarycontactid"]["lastname"] == "ref child"
    assert [child["lastname"] for child in account["contact_customer_accounts"]] == ["ref child"]


def test_a_representation_can_be_referred_to_as_well(api):
    response = send(
        api,
        changeset(
            operation(
                "POST", "accounts", {"name": "ref shown"}, content_id=1, Prefer="return=representation"
            ),
            operation("PATCH", f"{api.root}/$1", {"telephone1": "556"}, content_id=2),
        ),
    )
    assert response.status_code == 200, response.text
    assert api.rows("accounts", select="telephone1", filter="name eq 'ref shown'")[0]["telephone1"] == "556"


def test_an_undeclared_reference(api):
    for part in (
        operation("PATCH", "$9", {"name": "x"}, content_id=1),
        operation("POST", "contacts", {"parentcustomerid_account@odata.bind": "$9"}, content_id=1),
    ):
        response = send(api, changeset(part))
        assert response.status_code == 400
        [error] = read(response)[0].nested
        assert error.error[1] == "Content-ID Reference: '$9' does not exist in the batch context."


def test_content_ids_belong_to_their_changeset(api):
    """DynamicsWebApi counts from 100001 in every changeset."""
    response = send(
        api,
        changeset(
            operation("POST", "accounts", {"name": "scope one"}, content_id=100001), boundary="changeset_1"
        ),
        changeset(
            operation("POST", "accounts", {"name": "scope two"}, content_id=100001), boundary="changeset_2"
        ),
    )
    assert response.status_code == 200
    strange = send(
        api,
        changeset(
            operation("POST", "accounts", {"name": "scope three"}, content_id=1), boundary="changeset_1"
        ),
        changeset(operation("PATCH", "$1", {"name": "scope four"}, content_id=2), boundary="changeset_2"),
    )
    assert strange.status_code == 400


@pytest.mark.parametrize(
    "parts",
    [
        [operation("POST", "accounts", {"name": "x"})],
        [operation("POST", "accounts", {"name": "x"}, content_id=1)] * 2,
        [operation("GET", "accounts", content_id=1)],
        [operation("POST", "$batch", {}, content_id=1)],
    ],
    ids=["no content id", "content id twice", "reading", "nested batch"],
)
def test_what_a_changeset_cannot_hold(api, parts):
    response = send(api, changeset(*parts))
    assert response.status_code == 400
    [error] = read(response)[0].nested
    assert error.error[0] == "0x80060888"


def test_line_feeds_alone_a_blank_line_first_and_nothing_last(api):
    """As DynamicsWebApi writes them."""
    body = b"\n" + batch(operation("GET", "WhoAmI"), operation("GET", "WhoAmI"), end="\n").rstrip(b"\n")
    response = send(api, data=body, headers={"Content-Type": "multipart/mixed;boundary=batch_X"})
    assert [part.status for part in read(response)] == [200, 200]


def test_raw_spaces_and_quotes_in_the_request_line(api):
    """As Microsoft's Python client writes them."""
    url = f"{api.root}/accounts?$select=name&$filter=contains(name, 'a') and statecode eq 0&$top=2"
    [part] = read(send(api, operation("GET", url)))
    assert part.status == 200
    assert len(part.json["value"]) == 2


def test_links_in_parts_are_urls(api):
    url = f"{api.root}/accounts?$select=name&$filter=startswith(name, 'a') or name ne 'é'&$orderby=name desc"
    [part] = read(send(api, operation("GET", url, Prefer="odata.maxpagesize=2")))
    link = part.json["@odata.nextLink"]
    assert link.isascii()
    assert " " not in link
    [following] = read(send(api, operation("GET", link, Prefer="odata.maxpagesize=2")))
    names = [row["name"] for row in part.json["value"] + following.json["value"]]
    assert names == sorted(names, key=str.lower, reverse=True)
    assert len(set(names)) == 4


def test_long_urls_go_in_a_batch(api):
    condition = " or ".join(["name eq 'no such account anywhere in these environments at all'"] * 450)
    path = f"accounts?$select=name&$filter={condition}"
    assert len(path) > 28_000
    padded = f"{path}&$orderby={'name' + ' ' * 12_000}"
    assert read(send(api, operation("GET", padded.strip())))[0].status == 200
    [too_long] = read(send(api, operation("GET", f"{path}&x={'y' * 40_000}")))
    assert too_long.status == 414


def test_etags_count_in_parts(api):
    record = api.create("accounts", {"name": "batch etag"})
    stale = operation("PATCH", f"accounts({record})", {"name": "x"}, If_Match='W/"1"')
    [part] = read(send(api, stale))
    assert (part.status, part.error[0]) == (412, "0x80060882")


def test_more_than_a_thousand_are_refused(api):
    many = [operation("GET", "WhoAmI")] * 1001
    api.error(send(api, *many), 400, "0x80060888")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/mixed", b"--batch_X--"),
        ("", b""),
    ],
)
def test_what_is_no_batch_is_answered_as_json(api, content_type, body):
    response = api.send("POST", "$batch", headers={"Content-Type": content_type}, data=body)
    api.error(response, 400, "0x80060888")


def test_an_unfinished_batch(api):
    body = batch(operation("GET", "WhoAmI")).replace(b"--batch_X--", b"")
    assert "Stream was not readable" in api.error(send(api, data=body), 400, "0x80048D19")


def test_only_posts(api):
    assert api.send("GET", "$batch").status_code == 405


def test_rights_hold_in_parts(cleo, api):
    response = send(cleo, changeset(operation("POST", "roles", {"name": "mine"}, content_id=1)))
    assert response.status_code == 403
    [part] = read(
        send(api, operation("GET", "WhoAmI"), headers={"MSCRMCallerID": cleo.get("WhoAmI")["UserId"]})
    )
    assert part.json["UserId"] == cleo.get("WhoAmI")["UserId"]
