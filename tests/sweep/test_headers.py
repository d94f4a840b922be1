"""Production guards itself. What every answer carries everywhere, `answers.owes` looks at in all sweeps."""

import os
import subprocess
import sys

from cryptography.fernet import Fernet

from tests.broker_fixtures import ROOT

PRODUCTION = {
    "ISTHMUS_ENV": "production",
    "SECRET_KEY": "production-" + "k3y" * 20,
    "FIELD_ENCRYPTION_KEY": Fernet.generate_key().decode(),
    "ALLOWED_HOSTS": "isthmus.example.com",
    "SITE_URL": "https://isthmus.example.com",
    "TLS": "proxy",
    "ENTRA_CLIENT_ID": "00000000-0000-4000-8000-000000000001",
    "ENTRA_CLIENT_SECRET": "a secret of the sign-in app",
}
ASK = """
import django; django.setup()
from django.test import Client
client = Client(raise_request_exception=False)
plain = client.get("/healthz", SERVER_NAME="isthmus.example.com")
print("PLAIN", plain.status_code, plain["Location"])
page = client.get("/healthz", SERVER_NAME="isthmus.example.com", HTTP_X_FORWARDED_PROTO="https")
print("HSTS", page.headers.get("Strict-Transport-Security"))
print("POLICY", page.headers.get("Content-Security-Policy"))
print("ELSEWHERE", client.get("/", SERVER_NAME="evil.example", HTTP_X_FORWARDED_PROTO="https",
                                headers={"Accept": "application/json"}).status_code)
"""


def production(arguments, tmp_path):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = {
        **kept,
        **PRODUCTION,
        "ISTHMUS_DATA": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_a_complete_production_has_nothing_to_warn_of(tmp_path):
    done = production(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], tmp_path)
    assert "no issues (0 silenced)" in done.stdout + done.stderr


def test_production_insists_on_tls(tmp_path):
    lines = production(["-W", "ignore", "-c", ASK], tmp_path).stdout.splitlines()
    found = {line.partition(" ")[0]: line.partition(" ")[2] for line in lines}
    assert found["PLAIN"] == "301 https://isthmus.example.com/healthz"
    assert found["HSTS"] == "max-age=31536000; includeSubDomains; preload"
    assert "'self'" in found["POLICY"]
    assert found["ELSEWHERE"] == "400"


def test_production_keeps_cookies_to_itself(tmp_path):
    ask = (
        "import django; django.setup(); from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY,"
        " s.SESSION_COOKIE_SAMESITE, s.CSRF_COOKIE_SAMESITE, s.DEBUG)"
    )
    assert production(["-c", ask], tmp_path).stdout.split() == ["True"] * 4 + ["Lax"] * 2 + ["False"]
