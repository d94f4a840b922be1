"""Waiting for an administrator of the person's tenant to agree to a permission."""

from dataclasses import dataclass
from typing import Any

from accounts import failures, gate, vault
from accounts.models import Authorization, User
from accounts.reach import Reach
from accounts.wanted import Wanted
from microsoft.errors import ConsentRequired, MicrosoftError

AWAITED = ("awaited_scope", "awaited_since")


@dataclass(frozen=True)
class Answer:
    """`granted`: they have agreed. Otherwise `trouble` says what else is wrong, or is empty while one waits."""

    granted: bool
    trouble: str = ""


def begin(person: Any, trip: Wanted | None) -> None:
    """Remember that a round trip ended with Microsoft asking for an administrator."""
    if trip is None or trip.is_sign_in or not isinstance(person, User):
        return
    authorization = gate.authorization_for(person, trip.tenant) if trip.tenant else _only(person)
    if authorization is not None:
        failures.wait_for_administrator(authorization, Reach(trip.purpose).scope)
        authorization.save(update_fields=AWAITED)


def look(person: User, tenant_id: str, reach: Reach) -> Answer:
    """Ask Microsoft silently whether the permission is granted by now. It is asked at most once in a while."""
    authorization = gate.authorization_for(person, tenant_id) if tenant_id else _only(person)
    if authorization is None or authorization.state == Authorization.State.REVOKED:
        return Answer(granted=False, trouble="You have no authorization for this tenant yet.")
    try:
        vault.tokens(authorization).token(reach.scope)
    except ConsentRequired:
        return Answer(granted=False)
    except MicrosoftError as error:
        return Answer(granted=False, trouble=error.message)
    return Answer(granted=True)


def _only(person: User) -> Authorization | None:
    known = list(Authorization.objects.here().filter(user=person)[:2])
    return known[0] if len(known) == 1 else None
