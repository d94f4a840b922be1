"""A start with the wrong key is refused before anything is changed."""

import os
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from core.keyring import check_keys
from core.models import Canary

pytestmark = pytest.mark.django_db


def test_the_canary_is_planted_once():
    check_keys()
    check_keys()

    assert Canary.objects.count() == 1


def test_a_canary_that_sings_another_song_stops_the_start():
    Canary.objects.update_or_create(pk=1, defaults={"song": "caw"})

    with pytest.raises(ImproperlyConfigured, match="FIELD_ENCRYPTION_KEY"):
        check_keys()


def test_a_process_with_the_wrong_key_refuses_to_start(tmp_path):
    environment = {
        **os.environ,
        "ISTHMUS_DATA": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }

    def manage(*arguments: str, key: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env=environment | ({"FIELD_ENCRYPTION_KEY": key} if key else {}),
            capture_output=True,
            text=True,
            check=False,
        )

    assert manage("migrate", "--verbosity=0").returncode == 0
    assert manage("showmigrations", "core").returncode == 0

    refused = manage("showmigrations", "core", key=Fernet.generate_key().decode())

    assert refused.returncode != 0
    assert "is not the key this database was written with" in refused.stderr
