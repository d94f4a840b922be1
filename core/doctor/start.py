"""The first finding: whether the settings make sense at all. Without them there is no Django to ask further."""

import sys

import django
from django.core.exceptions import ImproperlyConfigured

from core.redaction import redact_text


def require_settings() -> None:
    """Set Django up; where that fails say why in the doctor's own words and end with exit code 1."""
    try:
        django.setup()
    except Exception as error:  # noqa: BLE001  whatever is wrong in there is what the person asked for
        what = (
            str(error)
            if isinstance(error, ImproperlyConfigured | ValueError)
            else f"{type(error).__name__}: {error}"
        )
        sys.stdout.write(f"failed  settings: {redact_text(what)}\n")
        sys.stdout.write("        → docs/configuration.md lists every variable, its default and its form.\n")
        sys.exit(1)
