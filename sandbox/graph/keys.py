"""keyCredentials as Graph takes and shows them.

https://learn.microsoft.com/graph/api/resources/keycredential
"""

import base64
import binascii
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.directory.credentials import KeyCredential, PasswordCredential, read_certificate
from sandbox.graph.errors import GraphError, bad_request

DEFAULT_LIFE = timedelta(days=365).total_seconds()
TYPES = {"AsymmetricX509Cert", "X509CertAndPassword"}
USAGES = {"Verify", "Sign"}
PROPERTIES = {
    "customKeyIdentifier",
    "displayName",
    "endDateTime",
    "key",
    "keyId",
    "startDateTime",
    "type",
    "usage",
    "@odata.type",
}


class Keys:
    """Reads what a caller sent at one moment; new keys replicate `delay` seconds later."""

    def __init__(self, now: float, delay: float) -> None:
        self._now = now
        self._delay = delay

    def replace(self, sent: Any, present: list[KeyCredential]) -> list[KeyCredential]:
        """The whole collection after a write. An entry with a known keyId and no key stays as it is.

        Raises GraphError 400, also when a kept entry has expired: Entra refuses the whole array then.
        """
        if not isinstance(sent, list):
            raise bad_request(
                "A value was encountered that has a type name that is incompatible with keyCredentials."
            )
        by_id = {key.key_id: key for key in present}
        result = []
        for entry in sent:
            known = by_id.get(_text(_mapping(entry), "keyId").lower())
            key = _unchanged(entry, known) if known else self.read(entry)
            if key.end <= self._now:
                raise _bad_end_date()
            result.append(key)
        if len({key.key_id for key in result}) < len(result):
            raise bad_request("Two key credentials have the same keyId.")
        return result

    def read(self, sent: Any) -> KeyCredential:
        """A new credential. Raises GraphError 400."""
        entry = _mapping(sent)
        if not _text(entry, "key"):
            raise bad_request("New key credentials must have a value for the property 'key'.")
        if entry.get("type") not in TYPES or entry.get("usage") not in USAGES:
            raise bad_request("Key credential type or usage is invalid.")
        try:
            certificate = read_certificate(_binary(entry["key"]))
        except ValueError as error:
            raise bad_request(
                "The value of the property 'key' is not a valid X.509 certificate with an RSA key."
            ) from error
        start = _moment(entry, "startDateTime") or certificate.start
        end = _moment(entry, "endDateTime") or min(certificate.end, max(start, self._now) + DEFAULT_LIFE)
        # Graph names the end date in all of these.
        if end > certificate.end or end <= max(start, self._now) or _is_future(entry, start, self._now):
            raise _bad_end_date()
        return KeyCredential(
            key_id=_guid(_text(entry, "keyId")),
            type=entry["type"],
            usage=entry["usage"],
            display_name=_text(entry, "displayName") or certificate.subject,
            identifier=_text(entry, "customKeyIdentifier") or certificate.sha1,
            certificate=certificate.der,
            sha1=certificate.sha1,
            sha256=certificate.sha256,
            start=start,
            end=end,
            usable_at=self._now + self._delay,
        )


def show(key: KeyCredential, *, with_key: bool = False) -> dict[str, Any]:
    return {
        "customKeyIdentifier": key.identifier,
        "displayName": key.display_name,
        "endDateTime": iso(key.end),
        "key": base64.b64encode(key.certificate).decode() if with_key else None,
        "keyId": key.key_id,
        "startDateTime": iso(key.start),
        "type": key.type,
        "usage": key.usage,
    }


def show_password(password: PasswordCredential, secret: str | None = None) -> dict[str, Any]:
    return {
        "customKeyIdentifier": None,
        "displayName": password.display_name,
        "endDateTime": iso(password.end),
        "hint": password.hint,
        "keyId": password.key_id,
        "secretText": secret,
        "startDateTime": iso(password.start),
    }


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_moment(value: Any) -> float:
    """POSIX seconds of an Edm.DateTimeOffset. Raises GraphError: a moment needs its offset from UTC."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise bad_request(f"Cannot convert the literal '{value}' to the expected type 'Edm.DateTimeOffset'.")
    try:
        return moment.timestamp()
    except OverflowError as error:
        raise bad_request(
            f"Cannot convert the literal '{value}' to the expected type 'Edm.DateTimeOffset'."
        ) from error


def _unchanged(entry: dict[str, Any], known: KeyCredential) -> KeyCredential:
    shown = show(known, with_key=True)
    for name, value in entry.items():
        if name == "key" and value is None:
            continue
        same = (
            read_moment(value) == read_moment(shown[name])
            if name.endswith("DateTime") and value
            else value == shown.get(name)
        )
        if not (same or name.startswith("@")):
            raise GraphError(
                400,
                "KeyNotUpdatable",
                f"Update to existing credential with KeyId '{known.key_id}' is not allowed.",
            )
    return known


def _mapping(entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise bad_request("A key credential must be an object.")
    unknown = set(entry) - PROPERTIES
    if unknown:
        raise bad_request(f"Invalid property '{min(unknown)}'.")
    return entry


def _text(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name)
    if value is not None and not isinstance(value, str):
        raise bad_request(f"Cannot convert a primitive value to the expected type of '{name}'.")
    return value or ""


def _binary(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise bad_request(
            f"Cannot convert the literal '{text[:60]}' to the expected type 'Edm.Binary'."
        ) from error


def _guid(text: str) -> str:
    if not text:
        return str(uuid.uuid4())
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise bad_request(f"Cannot convert the literal '{text}' to the expected type 'Edm.Guid'.") from error


def _moment(entry: dict[str, Any], name: str) -> float | None:
    return None if entry.get(name) is None else read_moment(entry[name])


def _is_future(entry: dict[str, Any], start: float, now: float) -> bool:
    """A start that the caller chose and that this server's clock has not reached."""
    return entry.get("startDateTime") is not None and start > now


def _bad_end_date() -> GraphError:
    return GraphError(400, "KeyCredentialsInvalidEndDate", "Key credential end date is invalid.")
