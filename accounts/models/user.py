from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from rules import permissions as untyped_permissions

if TYPE_CHECKING:
    from accounts.models.team import Membership

permissions: Any = untyped_permissions


class User(AbstractUser):
    """A person. Who they are at Microsoft stands in their authorizations (`tid.oid`), never in an e-mail."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(max_length=60, default="UTC")
    keeps_standing = False  # of this object, not of the person
    _kept: "list[Membership] | None" = None

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def address(self) -> str:
        """Where notices go: the e-mail address, or a user name that looks like one; else empty."""
        known = self.email or self.username
        return known if "@" in known else ""

    def standing(self) -> "list[Membership]":
        """In which teams this person is and as what, in the order of the teams' names."""
        if self._kept is not None:
            return self._kept
        found = list(self.memberships.select_related("team"))
        self._kept = found if self.keeps_standing else None
        return found

    def keep_standing(self) -> None:
        """Let this object ask once only: for a request that changes nothing."""
        self.keeps_standing = True

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self).split(" ", maxsplit=1)[0]

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """About an object of a team, the team's roles decide, for those who administer the site as well."""
        if obj is not None and permissions.perm_exists(perm):
            return bool(self.is_active and permissions.has_perm(perm, self, obj))
        return super().has_perm(perm, obj)
