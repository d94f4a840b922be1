"""On whose behalf a service function works."""

from dataclasses import dataclass

from django.http import HttpRequest

from accounts.models import User


@dataclass(frozen=True)
class Actor:
    """A person, or the system for a named duty. Make one with `Actor.person` or `Actor.system`."""

    user: User | None
    duty: str = ""

    @classmethod
    def person(cls, user: User) -> "Actor":
        return cls(user)

    @classmethod
    def system(cls, duty: str) -> "Actor":
        if not duty:
            raise ValueError("The system acts for a named duty only.")
        return cls(None, duty)

    @property
    def is_system(self) -> bool:
        return self.user is None

    @property
    def label(self) -> str:
        """How the audit trail and the pages name this actor."""
        return str(self.user) if self.user else f"Isthmus ({self.duty})"


def person_of(request: HttpRequest) -> User:
    """The signed-in person of a request. Every view but those marked otherwise has one."""
    if not isinstance(request.user, User):
        raise TypeError("This view needs a signed-in person.")
    return request.user


def actor_of(request: HttpRequest) -> Actor:
    return Actor.person(person_of(request))
