"""How requests are made hostile, whatever the service."""

import random
from dataclasses import dataclass, field

ODD = [
    None, True, -1, 0, 1e308, 2**63, "", " ", "\x00", "é", "🍋", "'", '"', "../..", "%00", "x" * 3000, "{0}", "<a/>",
    [], {}, [None], [[]], {"": None}, "11111111-1111-1111-1111-111111111111", "2026-13-45", "$1", "null", "-",
]  # fmt: skip


@dataclass
class Attack:
    """One request. `path` is relative to whatever the service's root is."""

    method: str
    path: str
    body: bytes = b""
    headers: dict = field(default_factory=dict)
    params: dict | None = None


def bend(generator: random.Random, value):
    """The same JSON, one thing in it changed, gone, or new."""
    if isinstance(value, dict) and value and generator.random() < 0.9:
        name = generator.choice(list(value))
        fate = generator.random()
        if fate < 0.15:
            return {key: one for key, one in value.items() if key != name}
        if fate < 0.25:
            return {**value, str(generator.choice(ODD)): generator.choice(ODD)}
        return {**value, name: bend(generator, value[name])}
    if isinstance(value, list) and value and generator.random() < 0.8:
        at = generator.randrange(len(value))
        return [*value[:at], bend(generator, value[at]), *value[at + generator.randint(0, 1) :]]
    return generator.choice(ODD)


def chop(generator: random.Random, content: bytes) -> bytes:
    """A stretch of it is gone, doubled or turned into something else."""
    if not content:
        return content
    start = generator.randrange(len(content))
    end = min(len(content), start + generator.randint(1, max(1, len(content) // 3)))
    piece = generator.choice([b"", content[start:end] * 2, b"\xff\x00", b"\r\n\r\n", b"--", b"<![CDATA["])
    return content[:start] + piece + content[end:]
