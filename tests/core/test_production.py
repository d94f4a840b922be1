"""Production refuses to start half configured, and names everything that is missing at once."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import REQUIRED_IN_PRODUCTION, development_keys, require_production

COMPLETE = {
    "SECRET_KEY": "x" * 50,
    "FIELD_ENCRYPTION_KEY": "k",
    "ALLOWED_HOSTS": "isthmus.example.com",
    "SITE_URL": "https://isthmus.example.com",
    "TLS": "proxy",
    "ENTRA_CLIENT_ID": "id",
    "ENTRA_CLIENT_SECRET": "secret",
}


def test_a_complete_environment_is_accepted():
    require_production(COMPLETE)


@pytest.mark.parametrize("name", [*REQUIRED_IN_PRODUCTION, "ENTRA_CLIENT_SECRET"])
def test_each_missing_variable_is_named(name):
    with pytest.raises(ImproperlyConfigured, match=name):
        require_production({key: value for key, value in COMPLETE.items() if key != name})


def test_all_missing_variables_are_named_together():
    with pytest.raises(ImproperlyConfigured) as caught:
        require_production({})
    for name in REQUIRED_IN_PRODUCTION:
        assert name in str(caught.value)


@pytest.mark.parametrize(("name", "value"), [("TLS", "yes"), ("SITE_URL", "http://isthmus.example.com")])
def test_contradictions_are_named(name, value):
    with pytest.raises(ImproperlyConfigured, match=name):
        require_production(COMPLETE | {name: value})


def test_development_keys_are_made_once_and_readable_by_their_owner_only(tmp_path):
    first = development_keys(tmp_path)

    assert development_keys(tmp_path) == first
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0
