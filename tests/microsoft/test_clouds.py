import json

import pytest

from microsoft import clouds
from microsoft.clouds import CHINA, DOD, GCC, GCC_HIGH, PUBLIC, load_custom, origin_of
from microsoft.errors import OriginRefused

CUSTOM = {
    "name": "local",
    "label": "Local",
    "production": False,
    "login": "https://localhost:8441",
    "authorize": "http://localhost:8440",
    "graph": "https://localhost:8442",
    "discovery": "https://localhost:8443",
    "origins": ["https://localhost:8444", "https://localhost:8445"],
    "ca_file": "ca.pem",
}


@pytest.fixture
def custom(tmp_path):
    (tmp_path / "cloud.json").write_text(json.dumps(CUSTOM))
    return load_custom(tmp_path / "cloud.json")


@pytest.mark.parametrize(
    "url",
    [
        "https://contoso.crm.dynamics.com",
        "https://contoso.crm4.dynamics.com/api/data/v9.2/accounts?$select=name",
        "https://contoso.api.crm4.dynamics.com/",
        "https://CONTOSO.CRM.dynamics.com",
        "https://contoso.crm.dynamics.com:443/",
        "https://graph.microsoft.com/v1.0/me",
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "https://globaldisco.crm.dynamics.com/api/discovery/v2.0/Instances",
    ],
)
def test_public_cloud_allows_its_own(url):
    assert PUBLIC.allows(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://contoso.crm.dynamics.com",
        "https://contoso.crm.dynamics.com:8443",
        "https://contoso.crm.dynamics.com.evil.example",
        "https://evilcrm.dynamics.com",
        "https://crm.dynamics.com",
        "https://a.b.crm.dynamics.com",
        "https://contoso.crm9.dynamics.com",
        "https://contoso.crm.dynamics.com@evil.example/",
        "https://user:secret@contoso.crm.dynamics.com/",
        "https://evil.example/.crm.dynamics.com",
        "https://evil.example\\.crm.dynamics.com",
        "https://evil.example#.crm.dynamics.com",
        "https://evil.example?.crm.dynamics.com",
        "https://evil.example%2f.crm.dynamics.com",
        "https://contoso.crm.dynamics.com.",
        "https://contoso.crm.dynamics.com\t.evil.example",
        "https://contoso.crm.dynamics.com\n",
        " https://contoso.crm.dynamics.com",
        "https://cont\u043eso.crm.dynamics.com",
        "https://contoso.crm\u3002dynamics.com",
        "https://127.0.0.1",
        "https://2130706433/",
        "https://[::1]/",
        "https://169.254.169.254/metadata",
        "https://graph.microsoft.com.evil.example",
        "https://login.microsoftonline.us",
        "//contoso.crm.dynamics.com",
        "contoso.crm.dynamics.com",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "",
    ],
)
def test_public_cloud_refuses_everything_else(url):
    assert not PUBLIC.allows(url)


@pytest.mark.parametrize(
    ("cloud", "url"),
    [
        (GCC, "https://contoso.crm9.dynamics.com"),
        (GCC_HIGH, "https://contoso.crm.microsoftdynamics.us"),
        (DOD, "https://contoso.crm.appsplatform.us"),
        (CHINA, "https://contoso.crm.dynamics.cn"),
    ],
)
def test_a_national_cloud_allows_its_own_environments_and_no_other_cloud_does(cloud, url):
    assert [name for name, other in clouds.BY_NAME.items() if other.allows(url)] == [cloud.name]


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        (
            "https://contoso.crm4.dynamics.com/main.aspx?appid=1&pagetype=entitylist",
            "https://contoso.crm4.dynamics.com",
        ),
        ("  contoso.crm4.dynamics.com/ ", "https://contoso.crm4.dynamics.com"),
        ("HTTPS://Contoso.CRM4.dynamics.com:443", "https://contoso.crm4.dynamics.com"),
        ("https://contoso.api.crm4.dynamics.com", "https://contoso.api.crm4.dynamics.com"),
    ],
)
def test_a_pasted_address_becomes_an_origin(typed, origin):
    assert PUBLIC.require_environment(typed) == origin


@pytest.mark.parametrize(
    "typed",
    [
        "http://contoso.crm4.dynamics.com",
        "https://graph.microsoft.com",
        "https://globaldisco.crm.dynamics.com",
        "https://evil.example",
        "not an address",
        "",
    ],
)
def test_an_address_that_is_no_environment_is_refused(typed):
    with pytest.raises(OriginRefused):
        PUBLIC.require_environment(typed)


def test_scopes_have_one_slash_and_the_plain_host():
    assert (
        PUBLIC.environment_scope("https://o.crm.dynamics.com/")
        == "https://o.crm.dynamics.com/user_impersonation"
    )
    assert PUBLIC.environment_scope("https://o.api.crm.dynamics.com") == (
        "https://o.crm.dynamics.com/user_impersonation"
    )
    assert (
        PUBLIC.environment_default_scope("https://o.crm.dynamics.com")
        == "https://o.crm.dynamics.com/.default"
    )
    assert PUBLIC.graph_scope("User.Read") == "https://graph.microsoft.com/User.Read"
    assert PUBLIC.discovery_scope == "https://globaldisco.crm.dynamics.com/user_impersonation"


def test_no_scope_for_a_foreign_host():
    with pytest.raises(OriginRefused):
        PUBLIC.environment_scope("https://evil.example")


@pytest.mark.parametrize("tenant", ["a/b", "../x", "a?b", "", "a b", "a@b"])
def test_a_tenant_cannot_bend_the_authority(tenant):
    with pytest.raises(OriginRefused):
        PUBLIC.authority(tenant)


def test_a_custom_cloud_knows_exact_origins_only(custom, tmp_path):
    assert custom.require_environment("https://localhost:8444/") == "https://localhost:8444"
    assert custom.environment_default_scope("https://localhost:8444") == "https://localhost:8444/.default"
    assert custom.authorize_url("common") == "http://localhost:8440/common/oauth2/v2.0/authorize"
    assert custom.authority("common") == "https://localhost:8441/common"
    assert custom.ca_file == str(tmp_path / "ca.pem")
    assert not custom.production
    for wrong in (
        "https://localhost",
        "https://localhost:8446",
        "http://localhost:8444",
        "https://127.0.0.1:8444",
    ):
        assert not custom.allows(wrong)
    assert not custom.allows(custom.authorize), "browsers go there, tokens do not"
    for service in (custom.login, custom.graph, custom.discovery):
        with pytest.raises(OriginRefused):
            custom.require_environment(service)


def test_admin_consent_url_is_encoded(custom):
    url = custom.admin_consent_url(
        "common", "id", "https://graph.microsoft.com/User.Read", "http://x/?a=b", "s&t"
    )
    assert url == (
        "http://localhost:8440/common/v2.0/adminconsent?client_id=id"
        "&scope=https%3A%2F%2Fgraph.microsoft.com%2FUser.Read&redirect_uri=http%3A%2F%2Fx%2F%3Fa%3Db&state=s%26t"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"login": "http://localhost:8441"},
        {"origins": ["http://localhost:1"]},
        {"origins": ["https://a@b"]},
        {"authorize": "http://evil.example"},
        {"origins": "https://localhost:1"},
        {"graph": None},
    ],
)
def test_a_cloud_file_that_is_not_right_is_refused(tmp_path, change):
    (tmp_path / "cloud.json").write_text(json.dumps(CUSTOM | change))
    with pytest.raises(ValueError, match=r"cloud\.json does not describe a cloud"):
        load_custom(tmp_path / "cloud.json")


def test_origin_of_normalises():
    assert origin_of("HTTPS://Example.COM:443/a?b#c") == "https://example.com"
    assert origin_of("http://localhost:80") == "http://localhost"
    assert origin_of("https://[::1]:8443/x") == "https://[::1]:8443"
