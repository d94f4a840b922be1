"""What the settings read from outside: the environment, and keys that development makes for itself."""

import json
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

REQUIRED_IN_PRODUCTION = {
    "SECRET_KEY": "a long random string that signs sessions",
    "FIELD_ENCRYPTION_KEY": "one or more Fernet keys, newest first, separated by commas",
    "ALLOWED_HOSTS": "the host names people use, separated by commas",
    "SITE_URL": "the portal's own address, https://…",
    "TLS": "'proxy' when a proxy ends TLS and sets X-Forwarded-Proto, 'direct' when this server does",
    "ENTRA_CLIENT_ID": "the client id of the sign-in app",
}


def development_keys(folder: Path) -> dict[str, str]:
    """Keys for a laptop: made once, kept in the ignored data folder, readable by its owner only."""
    path = folder / "keys.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        keys = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "FIELD_ENCRYPTION_KEY": Fernet.generate_key().decode(),
        }
        # Two processes may start at once: the file appears whole, and the first one wins.
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(keys))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    found: dict[str, str] = json.loads(path.read_text())
    return found


def require_production(environment: dict[str, str]) -> None:
    """Refuse to start half configured, and name everything that is missing at once.

    Raises:
        ImproperlyConfigured: with one line per missing or contradictory variable.

    """
    missing = [f"{name}: {why}" for name, why in REQUIRED_IN_PRODUCTION.items() if not environment.get(name)]
    if not environment.get("ENTRA_CLIENT_SECRET") and not environment.get("ENTRA_CLIENT_CERTIFICATE"):
        missing.append("ENTRA_CLIENT_SECRET or ENTRA_CLIENT_CERTIFICATE: the sign-in app's own credential")
    if environment.get("TLS") and environment["TLS"] not in {"proxy", "direct"}:
        missing.append("TLS: must be 'proxy' or 'direct'")
    if environment.get("SITE_URL") and not environment["SITE_URL"].startswith("https://"):
        missing.append("SITE_URL: must begin with https://")
    if missing:
        raise ImproperlyConfigured(
            "Isthmus will not start in production until these variables are set:\n  " + "\n  ".join(missing)
        )
