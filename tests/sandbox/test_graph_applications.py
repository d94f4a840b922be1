"""Applications and their keys (contract D1, D2, D5, D6)."""

import base64
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.directory.cast import ANA, BEN, CONTOSO
from sandbox.directory.model import APPLICATION_ADMINISTRATOR
from tests.sandbox_client import Client, make_key_pair

PAIR = make_key_pair()


@pytest.fixture
def graph(entra_client, ana_graph):
    """A call as the administrator."""

    def call(method, path, **options):
        return entra_client.graph(method, path, options.pop("token", ana_graph), **options)

    return call


@pytest.fixture(scope="module")
def ben(entra_client, sandbox):
    """A member whose administrator agreed to the scope for everybody."""
    from sandbox.directory.consents import EVERYBODY
    from sandbox.directory.model import GRAPH_APP_ID

    front = sandbox.front_app.client_id
    sandbox.directory.consents.grant(CONTOSO, EVERYBODY, front, GRAPH_APP_ID, ["Application.ReadWrite.All"])
    return entra_client.graph_token("ben@contoso.example", "Application.ReadWrite.All")


@pytest.fixture
def name():
    return f"isthmus-{uuid.uuid4()}"


def created(graph, **document):
    response = graph(
        "POST", "/applications", json={"displayName": "Test", "signInAudience": "AzureADMyOrg", **document}
    )
    assert response.status_code == 201, response.text
    return response.json()


def refused(response, status, code, words=""):
    body = response.json()
    assert response.status_code == status, body
    assert body["error"]["code"] == code, body
    assert words in body["error"]["message"]
    assert set(body["error"]["innerError"]) == {"date", "request-id", "client-request-id"}
    assert response.headers["request-id"] == body["error"]["innerError"]["request-id"]


class TestCreate:
    def test_answer(self, graph):
        app = created(graph, keyCredentials=[PAIR.credential(displayName="CN=first")])

        assert uuid.UUID(app["id"]) != uuid.UUID(app["appId"])
        assert app["signInAudience"] == "AzureADMyOrg"
        assert app["publisherDomain"] == "contoso.example"
        (key,) = app["keyCredentials"]
        assert (key["type"], key["usage"], key["displayName"]) == ("AsymmetricX509Cert", "Verify", "CN=first")
        assert key["key"] is None
        assert key["customKeyIdentifier"] == PAIR.thumbprint
        assert uuid.UUID(key["keyId"])
        assert key["endDateTime"] == PAIR.certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ")

    def test_default_audience_is_everybody(self, graph):
        app = graph("POST", "/applications", json={"displayName": "Open"}).json()

        assert app["signInAudience"] == "AzureADandPersonalMicrosoftAccount"

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ({}, "displayName"),
            ({"displayName": None}, "displayName"),
            ({"displayName": 7}, "displayName"),
            ({"displayName": "x" * 257}, "displayName"),
            ({"displayName": "x", "signInAudience": "Anybody"}, "signInAudience"),
            ({"displayName": "x", "colour": "blue"}, "Invalid property 'colour'"),
            ({"displayName": "x", "passwordCredentials": [{}]}, "service actions"),
            ({"displayName": "x", "web": {"redirectUris": "http://localhost"}}, "collection"),
            ({"displayName": "x", "requiredResourceAccess": [1]}, "requiredResourceAccess"),
        ],
    )
    def test_refuses(self, graph, body, words):
        refused(graph("POST", "/applications", json=body), 400, "Request_BadRequest", words)

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'"x"', b"[" * 100_000])
    def test_body_that_is_no_object(self, graph, body):
        refused(graph("POST", "/applications", data=body), 400, "BadRequest", "Unable to read JSON")

    def test_names_need_not_be_unique(self, graph):
        assert created(graph)["id"] != created(graph)["id"]


class TestCreateIfMissing:
    prefer = {"Prefer": "create-if-missing"}

    def put(self, graph, name, **body):
        return graph("PATCH", f"/applications(uniqueName='{name}')", json=body, headers=self.prefer)

    def test_creates_then_updates(self, graph, name):
        first = self.put(graph, name, displayName="One", keyCredentials=[PAIR.credential()])
        second = self.put(graph, name, displayName="Two")

        assert (first.status_code, second.status_code) == (201, 204)
        assert first.json()["uniqueName"] == name
        found = graph("GET", f"/applications(uniqueName='{name}')").json()
        assert (found["id"], found["displayName"]) == (first.json()["id"], "Two")
        assert len(found["keyCredentials"]) == 1

    def test_without_the_preference_nothing_is_created(self, graph, name):
        response = graph("PATCH", f"/applications(uniqueName='{name}')", json={"displayName": "x"})

        refused(response, 404, "Request_ResourceNotFound", name)

    def test_many_at_once_make_one(self, graph, name):
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: self.put(graph, name, displayName="x").status_code, range(16)))

        assert sorted(answers) == [201] + [204] * 15

    def test_name_in_the_body_must_be_the_same(self, graph, name):
        refused(self.put(graph, name, displayName="x", uniqueName="other"), 400, "Request_BadRequest")

    def test_name_cannot_change(self, graph, name):
        self.put(graph, name, displayName="x")
        response = graph("PATCH", f"/applications(uniqueName='{name}')", json={"uniqueName": "other"})

        refused(response, 400, "Request_BadRequest", "read-only")

    def test_quotes_in_a_name(self, graph, name):
        quoted = name + "%27%27s"
        assert self.put(graph, quoted, displayName="x").status_code == 201
        assert graph("GET", f"/applications(uniqueName='{quoted}')").json()["uniqueName"] == name + "'s"


class TestRead:
    def test_by_id_and_by_app_id(self, graph):
        app = created(graph)

        assert graph("GET", f"/applications/{app['id']}").json()["appId"] == app["appId"]
        assert graph("GET", f"/applications(appId='{app['appId']}')").json()["id"] == app["id"]
        assert graph("GET", f"/applications(appId='{app['appId'].upper()}')").json()["id"] == app["id"]

    def test_missing(self, graph):
        missing = str(uuid.uuid4())

        refused(
            graph("GET", f"/applications/{missing}"),
            404,
            "Request_ResourceNotFound",
            f"Resource '{missing}' does not exist",
        )

    def test_key_only_on_request_and_for_one_object(self, graph):
        app = created(graph, keyCredentials=[PAIR.credential()])
        one = graph("GET", f"/applications/{app['id']}?$select=id,keyCredentials").json()
        many = graph("GET", f"/applications?$filter=id eq '{app['id']}'&$select=keyCredentials").json()

        assert set(one) == {"@odata.context", "id", "keyCredentials"}
        assert base64.b64decode(one["keyCredentials"][0]["key"]) == PAIR.der
        assert many["value"][0]["keyCredentials"][0]["key"] is None
        assert graph("GET", f"/applications/{app['id']}").json()["keyCredentials"][0]["key"] is None

    @pytest.mark.parametrize("attribute", ["displayName", "appId", "uniqueName"])
    def test_filter(self, graph, name, attribute):
        app = created(graph, displayName=f"O'Neil {name}", uniqueName=name)
        value = app[attribute].replace("'", "''")
        found = graph("GET", "/applications", params={"$filter": f"{attribute} eq '{value}'"}).json()

        assert [item["id"] for item in found["value"]] == [app["id"]]

    def test_filter_with_startswith_and_and(self, graph, name):
        created(graph, displayName=f"{name} one")
        created(graph, displayName=f"{name} two", signInAudience="AzureADMultipleOrgs")
        text = f"startswith(displayName,'{name}') and signInAudience eq 'AzureADMyOrg'"
        found = graph("GET", "/applications", params={"$filter": text}).json()["value"]

        assert [item["displayName"] for item in found] == [f"{name} one"]

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("$filter=displayName eq 'x", "Request_BadRequest"),
            ("$filter=notes eq 'x'", "Request_UnsupportedQuery"),
            ("$filter=length(displayName) gt 3", "Request_BadRequest"),
            ("$select=nothing", "Request_BadRequest"),
            ("$top=0", "Request_BadRequest"),
            ("$top=x", "Request_BadRequest"),
            ("$skip=5", "BadRequest"),
            ("$skiptoken=%%%", "Directory_ExpiredPageToken"),
        ],
    )
    def test_queries_it_does_not_take(self, graph, query, code):
        created(graph)

        refused(graph("GET", f"/applications?{query}"), 400, code)

    def test_pages(self, graph, name, entra_client, ana_graph):
        ids = {created(graph, displayName=name)["id"] for _ in range(5)}
        url, seen = f"/applications?$top=2&$filter=displayName eq '{name}'", []
        while url:
            page = graph("GET", url).json()
            assert len(page["value"]) <= 2
            seen += [item["id"] for item in page["value"]]
            url = page.get("@odata.nextLink", "").removeprefix(f"{entra_client.world.places.graph}/v1.0")

        assert set(seen) == ids
        assert len(seen) == 5


class TestKeys:
    def patch(self, graph, app, keys):
        return graph("PATCH", f"/applications/{app['id']}", json={"keyCredentials": keys})

    def thumbprints(self, graph, app):
        return {
            key["customKeyIdentifier"]
            for key in graph("GET", f"/applications/{app['id']}").json()["keyCredentials"]
        }

    def test_patch_replaces_the_collection(self, graph):
        app, other = created(graph, keyCredentials=[PAIR.credential()]), make_key_pair()

        assert self.patch(graph, app, [other.credential()]).status_code == 204
        assert self.thumbprints(graph, app) == {other.thumbprint}

    def test_echoed_entries_stay(self, graph):
        app, other = created(graph, keyCredentials=[PAIR.credential()]), make_key_pair()
        kept = app["keyCredentials"][0]

        assert self.patch(graph, app, [kept, other.credential()]).status_code == 204
        assert self.thumbprints(graph, app) == {PAIR.thumbprint, other.thumbprint}
        after = graph("GET", f"/applications/{app['id']}").json()["keyCredentials"]
        assert kept["keyId"] in {key["keyId"] for key in after}

    def test_other_properties_leave_keys_alone(self, graph):
        app = created(graph, keyCredentials=[PAIR.credential()])
        graph("PATCH", f"/applications/{app['id']}", json={"displayName": "New"})

        assert self.thumbprints(graph, app) == {PAIR.thumbprint}

    def test_altered_entries_are_refused(self, graph):
        app = created(graph, keyCredentials=[PAIR.credential()])
        altered = {**app["keyCredentials"][0], "displayName": "other"}

        refused(self.patch(graph, app, [altered]), 400, "KeyNotUpdatable", altered["keyId"])

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"key": None}, "'key'"),
            ({"key": "not base64!"}, "Edm.Binary"),
            ({"key": base64.urlsafe_b64encode(b"\xfb\xff\xfe" * 9).decode()}, "Edm.Binary"),
            ({"key": base64.b64encode(b"not a certificate").decode()}, "X.509"),
            ({"key": base64.b64encode(PAIR.certificate_pem).decode()}, "X.509"),
            ({"type": "Password"}, "type or usage"),
            ({"usage": "Encrypt"}, "type or usage"),
            ({"endDateTime": "tomorrow"}, "Edm.DateTimeOffset"),
            ({"endDateTime": "2030-01-01T00:00:00"}, "Edm.DateTimeOffset"),
            ({"keyId": "7"}, "Edm.Guid"),
            ({"thumb": "7"}, "Invalid property 'thumb'"),
        ],
    )
    def test_refuses(self, graph, change, words):
        app = created(graph)

        refused(self.patch(graph, app, [PAIR.credential(**change)]), 400, "Request_BadRequest", words)

    @pytest.mark.parametrize("keys", [["x"], "x", {"a": 1}, [None]])
    def test_refuses_what_is_no_list_of_keys(self, graph, keys):
        assert self.patch(graph, created(graph), keys).status_code == 400

    def test_elliptic_curves_are_refused(self, graph):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = PAIR.certificate.subject
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(datetime.now(UTC) - timedelta(days=1))
            .not_valid_after(datetime.now(UTC) + timedelta(days=1))
            .sign(key, hashes.SHA256())
        )
        der = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()

        refused(
            self.patch(graph, created(graph), [PAIR.credential(key=der)]), 400, "Request_BadRequest", "RSA"
        )

    @pytest.mark.parametrize(
        "dates",
        [
            {"endDateTime": (PAIR.certificate.not_valid_after_utc + timedelta(seconds=1)).isoformat()},
            {"startDateTime": (datetime.now(UTC) + timedelta(hours=1)).isoformat()},
            {"endDateTime": (datetime.now(UTC) - timedelta(hours=1)).isoformat()},
        ],
    )
    def test_dates_outside_the_certificate(self, graph, dates):
        response = self.patch(graph, created(graph), [PAIR.credential(**dates)])

        refused(response, 400, "KeyCredentialsInvalidEndDate")

    def test_dates_inside_the_certificate(self, graph):
        start = PAIR.certificate.not_valid_before_utc + timedelta(seconds=1)
        end = PAIR.certificate.not_valid_after_utc - timedelta(seconds=1)
        dates = {"startDateTime": start.isoformat(), "endDateTime": end.isoformat()}

        assert self.patch(graph, created(graph), [PAIR.credential(**dates)]).status_code == 204

    def test_without_dates_a_long_certificate_counts_for_a_year(self, graph):
        app = created(graph, keyCredentials=[make_key_pair(days=3650).credential()])
        end = datetime.fromisoformat(app["keyCredentials"][0]["endDateTime"])

        assert timedelta(days=364) < end - datetime.now(UTC) < timedelta(days=366)

    def test_expired_entry_spoils_the_array(self, new_sandbox):
        world = new_sandbox()
        client = Client(world)
        app = client.register(
            client.graph_token("ana@contoso.example", "Application.ReadWrite.All"), make_key_pair(days=10)
        )
        world.clock.advance(11 * 86400)
        token = client.graph_token("ana@contoso.example", "Application.ReadWrite.All")
        keys = [app["keyCredentials"][0], make_key_pair().credential()]

        refused(
            client.graph("PATCH", f"/applications/{app['id']}", token, json={"keyCredentials": keys}),
            400,
            "KeyCredentialsInvalidEndDate",
        )
        assert (
            client.graph(
                "PATCH", f"/applications/{app['id']}", token, json={"keyCredentials": keys[1:]}
            ).status_code
            == 204
        )


class TestRollKey:
    audience = "00000002-0000-0000-c000-000000000000"

    @pytest.fixture
    def pair(self):
        return make_key_pair()

    @pytest.fixture
    def app(self, entra_client, ana_graph, pair):
        return entra_client.register(ana_graph, pair)

    @pytest.fixture
    def own(self, sandbox, entra_client, app, pair):
        """A call as the application itself, which has no Graph permission at all."""
        answer = entra_client.assert_certificate(
            pair, app["appId"], CONTOSO, f"{sandbox.places.graph}/.default"
        )
        token = answer.json()["access_token"]
        return lambda method, path, **options: entra_client.graph(method, path, token, **options)

    def proof(self, pair, app, *, algorithm="RS256", headers=None, **claims):
        now = int(time.time())
        payload = {"aud": self.audience, "iss": app["id"], "nbf": now, "exp": now + 600, **claims}
        payload = {name: value for name, value in payload.items() if value is not None}
        return jwt.encode(
            payload, pair.key, algorithm=algorithm, headers=headers or {"x5t": pair.x5t(padding=False)}
        )

    def add(self, own, app, proof, key):
        body = {"keyCredential": key.credential(), "passwordCredential": None, "proof": proof}
        return own("POST", f"/applications/{app['id']}/addKey", json=body)

    def test_add_use_remove(self, sandbox, entra_client, graph, app, pair, own):
        newer = make_key_pair()

        added = self.add(own, app, self.proof(pair, app), newer)

        assert added.status_code == 200
        assert added.json()["customKeyIdentifier"] == newer.thumbprint
        scope = f"{sandbox.places.graph}/.default"
        assert entra_client.assert_certificate(newer, app["appId"], CONTOSO, scope).status_code == 200
        body = {"keyId": app["keyCredentials"][0]["keyId"], "proof": self.proof(newer, app)}
        assert own("POST", f"/applications/{app['id']}/removeKey", json=body).status_code == 204
        assert entra_client.assert_certificate(pair, app["appId"], CONTOSO, scope).status_code == 401
        left = graph("GET", f"/applications/{app['id']}").json()["keyCredentials"]
        assert [key["keyId"] for key in left] == [added.json()["keyId"]]

    @pytest.mark.parametrize(
        "defect",
        [
            {"aud": "00000003-0000-0000-c000-000000000000"},
            {"iss": str(uuid.uuid4())},
            {"exp": int(time.time()) + 7200},
            {"exp": int(time.time()) - 3600, "nbf": int(time.time()) - 4200},
            {"nbf": int(time.time()) + 3600, "exp": int(time.time()) + 4200},
            {"nbf": None},
            {"exp": None},
            {"exp": "x"},
            {"algorithm": "PS256"},
            {"headers": {"x5t": PAIR.x5t()}},
            {"headers": {"kid": "x"}},
        ],
    )
    def test_defective_proofs(self, app, pair, own, defect):
        response = self.add(own, app, self.proof(pair, app, **defect), make_key_pair())

        refused(response, 401, "Authentication_MissingOrMalformed", "Access Token missing or malformed.")

    def test_proof_by_a_key_that_is_not_current(self, app, own):
        stranger = make_key_pair()

        refused(
            self.add(own, app, self.proof(stranger, app), stranger), 401, "Authentication_MissingOrMalformed"
        )

    @pytest.mark.parametrize("proof", [None, "", "x", 7, "a.b.c"])
    def test_no_proof(self, app, own, proof):
        refused(self.add(own, app, proof, make_key_pair()), 401, "Authentication_MissingOrMalformed")

    def test_neither_a_person_nor_another_application(self, graph, entra_client, ana_graph, app, pair, own):
        newer, proof = make_key_pair(), self.proof(pair, app)
        other = entra_client.register(ana_graph)

        refused(self.add(graph, app, proof, newer), 403, "Authorization_RequestDenied")
        refused(self.add(own, other, proof, newer), 403, "Authorization_RequestDenied")

    def test_unknown_key_cannot_be_removed(self, app, pair, own):
        body = {"keyId": str(uuid.uuid4()), "proof": self.proof(pair, app)}

        refused(own("POST", f"/applications/{app['id']}/removeKey", json=body), 400, "Request_BadRequest")

    def test_an_application_may_do_nothing_else(self, app, own):
        for method, path in [
            ("GET", f"/applications/{app['id']}"),
            ("PATCH", f"/applications/{app['id']}"),
            ("DELETE", f"/applications/{app['id']}"),
            ("GET", "/users"),
        ]:
            refused(own(method, path, json={}), 403, "Authorization_RequestDenied")
        refused(own("GET", "/me"), 400, "BadRequest", "delegated")


class TestWhoMay:
    def test_scope_is_needed(self, graph, entra_client):
        token = entra_client.graph_token("ana@contoso.example", "User.Read")
        weak = (
            {"token": token}
            if "Application" not in jwt.decode(token, options={"verify_signature": False})["scp"]
            else None
        )
        if weak is None:
            token = entra_client.graph_token("cleo@contoso.example", "User.Read")
            weak = {"token": token}

        refused(graph("GET", "/applications", **weak), 403, "Authorization_RequestDenied")

    def test_members_may_register_and_own_what_they_make(self, graph, ben):
        app = graph("POST", "/applications", json={"displayName": "Ben's"}, token=ben).json()

        owners = graph("GET", f"/applications/{app['id']}/owners", token=ben).json()["value"]
        assert [owner["id"] for owner in owners] == [BEN]
        assert graph("PATCH", f"/applications/{app['id']}", json={"notes": "x"}, token=ben).status_code == 204
        assert graph("POST", "/servicePrincipals", json={"appId": app["appId"]}, token=ben).status_code == 201

    def test_members_cannot_touch_what_others_own(self, graph, ben):
        app = created(graph)

        for method in ("PATCH", "DELETE"):
            refused(
                graph(method, f"/applications/{app['id']}", json={}, token=ben),
                403,
                "Authorization_RequestDenied",
            )
        refused(
            graph("POST", "/servicePrincipals", json={"appId": app["appId"]}, token=ben),
            403,
            "Authorization_RequestDenied",
        )

    def test_owners_can_be_added_and_removed(self, graph, ben):
        app = created(graph)
        reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{BEN}"}

        assert graph("POST", f"/applications/{app['id']}/owners/$ref", json=reference).status_code == 204
        refused(
            graph("POST", f"/applications/{app['id']}/owners/$ref", json=reference),
            400,
            "Request_BadRequest",
            "already exist",
        )
        assert graph("PATCH", f"/applications/{app['id']}", json={"notes": "x"}, token=ben).status_code == 204
        assert graph("DELETE", f"/applications/{app['id']}/owners/{BEN}/$ref").status_code == 204
        assert graph("PATCH", f"/applications/{app['id']}", json={"notes": "x"}, token=ben).status_code == 403
        assert graph("DELETE", f"/applications/{app['id']}/owners/{BEN}/$ref").status_code == 404

    def test_tenant_may_forbid_it_to_members(self, new_sandbox):
        world = new_sandbox()
        client = Client(world)
        ana = client.graph_token("ana@contoso.example", "Application.ReadWrite.All")
        world.directory.consents.grant(
            CONTOSO,
            "",
            world.front_app.client_id,
            "00000003-0000-0000-c000-000000000000",
            ["Application.ReadWrite.All"],
        )
        ben = client.graph_token("ben@contoso.example", "Application.ReadWrite.All")
        world.directory.people_table.let_members_register(CONTOSO, allowed=False)

        refused(
            client.graph("POST", "/applications", ben, json={"displayName": "x"}),
            403,
            "Authorization_RequestDenied",
        )
        assert client.graph("POST", "/applications", ana, json={"displayName": "x"}).status_code == 201
        world.directory.people_table.change(BEN, roles=[APPLICATION_ADMINISTRATOR])
        assert client.graph("POST", "/applications", ben, json={"displayName": "x"}).status_code == 201

    def test_quota(self, sandbox, graph, ben, monkeypatch):
        monkeypatch.setattr("sandbox.graph.caller.QUOTA", 0)

        refused(
            graph("POST", "/applications", json={"displayName": "x"}, token=ben),
            403,
            "Directory_QuotaExceeded",
        )


class TestDelete:
    def test_is_soft_and_takes_the_principal_along(self, graph, entra_client, ana_graph):
        app = entra_client.register(ana_graph, PAIR)

        assert graph("DELETE", f"/applications/{app['id']}").status_code == 204

        assert graph("GET", f"/applications/{app['id']}").status_code == 404
        assert graph("GET", f"/servicePrincipals(appId='{app['appId']}')").status_code == 404
        deleted = graph(
            "GET", f"/directory/deletedItems/microsoft.graph.application?$filter=appId eq '{app['appId']}'"
        )
        assert [item["id"] for item in deleted.json()["value"]] == [app["id"]]
        assert deleted.json()["value"][0]["deletedDateTime"]

    def test_restore_brings_keys_back_but_not_the_principal(self, graph, entra_client, ana_graph):
        app = entra_client.register(ana_graph, PAIR)
        deleted = graph("DELETE", f"/applications/{app['id']}")
        assert "Content-Type" not in deleted.headers

        restored = graph("POST", f"/directory/deletedItems/{app['id']}/restore")
        assert (restored.status_code, restored.json()["deletedDateTime"]) == (200, None)

        assert len(graph("GET", f"/applications/{app['id']}").json()["keyCredentials"]) == 1
        assert graph("GET", f"/servicePrincipals(appId='{app['appId']}')").status_code == 404
        assert graph("POST", f"/directory/deletedItems/{app['principal']['id']}/restore").status_code == 200
        assert graph("GET", f"/servicePrincipals(appId='{app['appId']}')").status_code == 200

    def test_purge(self, graph):
        app = created(graph)
        graph("DELETE", f"/applications/{app['id']}")

        assert graph("DELETE", f"/directory/deletedItems/{app['id']}").status_code == 204
        assert graph("POST", f"/directory/deletedItems/{app['id']}/restore").status_code == 404

    def test_members_cannot_restore(self, graph, ben):
        app = graph("POST", "/applications", json={"displayName": "Ben's"}, token=ben).json()
        graph("DELETE", f"/applications/{app['id']}", token=ben)

        refused(
            graph("POST", f"/directory/deletedItems/{app['id']}/restore", token=ben),
            403,
            "Authorization_RequestDenied",
        )

    def test_unique_name_is_free_again(self, graph, name):
        first = created(graph, uniqueName=name)
        refused(
            graph("POST", "/applications", json={"displayName": "x", "uniqueName": name}),
            409,
            "Request_MultipleObjectsWithSameKeyValue",
        )
        graph("DELETE", f"/applications/{first['id']}")
        created(graph, uniqueName=name)

        refused(
            graph("POST", f"/directory/deletedItems/{first['id']}/restore"),
            409,
            "Request_MultipleObjectsWithSameKeyValue",
        )

    def test_creator_is_an_owner(self, graph):
        owners = graph("GET", f"/applications/{created(graph)['id']}/owners").json()["value"]

        assert [owner["id"] for owner in owners] == [ANA]


class TestServicePrincipals:
    def test_is_found_by_id_app_id_and_filter(self, graph, entra_client, ana_graph):
        app = entra_client.register(ana_graph)
        principal = app["principal"]

        assert principal["accountEnabled"] is True
        assert graph("GET", f"/servicePrincipals/{principal['id']}").json()["appId"] == app["appId"]
        assert graph("GET", f"/servicePrincipals(appId='{app['appId']}')").json()["id"] == principal["id"]
        found = graph("GET", f"/servicePrincipals?$filter=appId eq '{app['appId']}'&$select=id").json()
        assert found["value"] == [{"id": principal["id"]}]

    def test_second_one(self, graph, entra_client, ana_graph):
        app = entra_client.register(ana_graph)
        response = graph("POST", "/servicePrincipals", json={"appId": app["appId"]})

        refused(response, 409, "Request_MultipleObjectsWithSameKeyValue", "already in use")

    def test_of_no_application(self, graph):
        response = graph("POST", "/servicePrincipals", json={"appId": str(uuid.uuid4())})

        refused(response, 400, "Request_BadRequest", "does not reference a valid application object")
        assert response.json()["error"]["details"][0]["code"] == "NoBackingApplicationObject"

    def test_re_created_it_is_somebody_else(self, graph, entra_client, ana_graph):
        app = entra_client.register(ana_graph)
        assert graph("DELETE", f"/servicePrincipals/{app['principal']['id']}").status_code == 204
        again = graph("POST", "/servicePrincipals", json={"appId": app["appId"]})

        assert again.status_code == 201
        assert again.json()["id"] != app["principal"]["id"]

    @pytest.mark.parametrize("body", [{}, {"appId": 7}, {"appId": None}])
    def test_app_id_is_needed(self, graph, body):
        refused(graph("POST", "/servicePrincipals", json=body), 400, "Request_BadRequest", "appId")

    @pytest.mark.parametrize("body", [{"accountEnabled": "no"}, {"appId": "x"}])
    def test_patch_refuses(self, graph, entra_client, ana_graph, body):
        app = entra_client.register(ana_graph)

        assert graph("PATCH", f"/servicePrincipals/{app['principal']['id']}", json=body).status_code == 400
