"""Takes secrets out of anything that is about to be written down."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

REDACTED = "[redacted]"
SECRET_NAME = re.compile(
    r"token|secret|password|passphrase|private|assertion|authorization|cookie|credential|code_verifier"
    r"|^code$|client_info|^key$|api_key|proof",
    re.IGNORECASE,
)
SECRET_VALUE = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"  # a JWT
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
    r"|whsec_[\w+/]{20,}={0,2}"  # the secret of a webhook
    r"|gAAAA[\w-]{60,}={0,2}"  # a Fernet token
    r"|\bisk_[\w-]{8,}"  # a service key
    r"|(?i:bearer)\s+[\w.~+/-]{8,}=*"
    r"|(?<=://)[^\s/:@\"']*:[^\s/@\"']+(?=@)"  # who one is in the address of a database
    r"|(?<=[?&])(?:code|client_secret|refresh_token|access_token|id_token|client_assertion)=[^&\s\"']+",
    re.DOTALL,
)


def redact_text(text: str) -> str:
    """The same text, with everything that looks like a credential replaced."""
    return SECRET_VALUE.sub(REDACTED, text)


def redact(value: Any, name: str = "") -> Any:
    """A copy of a structure in which secret-looking names and values are replaced."""
    if name and SECRET_NAME.search(name) and value not in (None, "", True, False):
        return REDACTED
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {key: redact(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [redact(item) for item in value]
    if isinstance(value, bytes):
        return f"[{len(value)} bytes]"
    return value


def redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """The structlog processor: the last one before a line is rendered."""
    return {key: redact(value, "" if key == "event" else key) for key, value in event.items()}
