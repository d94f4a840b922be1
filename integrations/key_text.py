"""Keys of services: how they are made, recognised and kept."""

import hashlib
import re
import secrets

PREFIX = "isk_"
SHOWN = 8  # characters of a key that lists show, its prefix included
_SHAPE = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")


def new_key() -> str:
    """A key of 256 random bits. Nothing slow is needed to hash it: there is nothing to guess."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(key: str) -> str:
    """What is kept of a key, and what it is looked up by."""
    return hashlib.sha256(key.encode()).hexdigest()


def has_shape(text: str) -> bool:
    """Whether this could be a key at all."""
    return bool(_SHAPE.fullmatch(text))
