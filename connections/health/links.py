"""The links of the chain, in the order in which they must hold, and what mends each. docs/runbook.md has the rest."""

from dataclasses import asdict, dataclass, field
from typing import Any

OK, BROKEN, UNKNOWN = "ok", "broken", "unknown"

TITLES = {
    "key": "Key",
    "application": "Application in Entra",
    "service_principal": "Service principal",
    "token": "Token",
    "environment": "Environment",
    "application_user": "Application user",
    "role": "Security role",
}


@dataclass(frozen=True)
class Link:
    """One link as it was found. `unknown`: it could not be looked at, because an earlier one is broken or away."""

    name: str
    state: str
    message: str = ""
    advice: str = ""
    code: str = ""
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return TITLES[self.name]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Repair:
    """A button: a URL of `connections` and the provisioning step it asks for, if any."""

    label: str
    action: str
    step: str = ""


# By link; a code of ours under a link where several things can be wrong with it.
REPAIRS = {
    "key": Repair("Replace the certificate", "rotate"),
    "key_not_published": Repair("Publish a new certificate", "rotate"),
    "application": Repair("Register it again", "provision", "application"),
    "service_principal": Repair("Set the service principal up again", "provision", "service_principal"),
    "application_user": Repair("Set the application user up again", "provision", "application_user"),
    "role": Repair("Repair the role", "provision", "role"),
}


def repair_for(link: Link) -> Repair | None:
    return REPAIRS.get(link.code) or REPAIRS.get(link.name)


def first_broken(links: list[Link]) -> Link | None:
    return next((link for link in links if link.state == BROKEN), None)


def read(stored: list[dict[str, Any]]) -> list[Link]:
    """Links as they were kept on the connection."""
    return [Link(**one) for one in stored if one.get("name") in TITLES]
