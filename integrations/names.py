"""Names that an integration gives: they become addresses of a service and identifiers of a program."""

import keyword
import re
import unicodedata
from collections.abc import Iterable

MAX_NAME = 128  # Dataverse's logical names may be that long with their prefix
MAX_SERVICE_NAME = 60
# What every record has besides its attributes.
RESERVED = frozenset({"id", "etag", "labels", "links", "values"})
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SERVICE = re.compile(r"[a-z][a-z0-9_]*")


def trouble(name: str) -> str:
    """What is wrong with the name of an entity or attribute, as a sentence; empty when nothing is."""
    if not name:
        return "Give it a name."
    if len(name) > MAX_NAME:
        return f"This is {len(name)} characters long; at most {MAX_NAME} are allowed."
    if not _NAME.fullmatch(name):
        return "Use letters (a to z), digits and _, beginning with a letter."
    if name.lower() in RESERVED or keyword.iskeyword(name) or keyword.iskeyword(name.lower()):
        return f"'{name}' means something else in programs; choose another name."
    return ""


def service_trouble(name: str) -> str:
    """The same for the name of a service."""
    if len(name) > MAX_SERVICE_NAME:
        return f"This is {len(name)} characters long; at most {MAX_SERVICE_NAME} are allowed."
    if not _SERVICE.fullmatch(name):
        return "Use small letters (a to z), digits and _, beginning with a letter."
    return ""


def default_name(logical_name: str) -> str:
    """The Dataverse name itself, made usable where it is not."""
    name = re.sub(r"\W", "_", logical_name, flags=re.ASCII).lstrip("_0123456789") or "attribute"
    return name if not trouble(name) else f"{name[: MAX_NAME - 1]}_"


def unlike(name: str, taken: Iterable[str]) -> str:
    """The name, with a number when it is taken; upper and lower case make no difference."""
    known = {each.lower() for each in taken}
    number, candidate = 1, name
    while candidate.lower() in known:
        number += 1
        candidate = f"{name[: MAX_NAME - 4]}_{number}"
    return candidate


def service_name_for(name: str, taken: Iterable[str] = ()) -> str:
    """`<name>_is` in small letters, with a number when somebody has it already."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "service"
    if not stem[0].isalpha():
        stem = f"s_{stem}"
    known = {each.lower() for each in taken}
    number, ending = 1, "_is"
    while (candidate := stem[: MAX_SERVICE_NAME - len(ending)].rstrip("_") + ending) in known:
        number += 1
        ending = f"_{number}_is"
    return candidate


def clashes(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Keys whose name another key has as well, whatever the case; the value is the sentence to show."""
    seen: dict[str, list[str]] = {}
    shown: dict[str, str] = {}
    for key, name in names:
        seen.setdefault(name.lower(), []).append(key)
        shown[key] = name
    return {
        key: f"'{shown[key]}' is used {len(keys)} times; upper and lower case make no difference."
        for keys in seen.values()
        if len(keys) > 1
        for key in keys
    }
