"""An authorization as its card shows it."""

from dataclasses import dataclass
from typing import Self

from accounts.models import Authorization
from accounts.reach import Reach, in_words

State = Authorization.State


@dataclass(frozen=True)
class Card:
    """`wants` is the label of the button that mends or widens it, empty when there is nothing to mend."""

    authorization: Authorization
    permissions: list[str]
    shown_state: str
    shown_label: str
    trouble: str
    wants: str
    reach: str
    awaited: str  # the reach that an administrator has to agree to

    @classmethod
    def of(cls, one: Authorization) -> Self:
        permissions = list(dict.fromkeys(in_words(scope) for scope in one.scopes))
        about_graph = one.blocked_scope == Reach.GRAPH.scope
        state, label, wants = one.state, "", ""
        graph = one.awaited_scope == Reach.GRAPH.scope
        awaited = (Reach.GRAPH if graph else Reach.IDENTITY).value if one.awaited_scope else ""
        if one.state != State.LIVE:
            wants = "Authorise again"
        elif not permissions:
            state, label, wants = "none", "Signed in only", "Authorise with Microsoft"
        return cls(
            authorization=one,
            permissions=permissions,
            shown_state=state,
            shown_label=label,
            trouble=one.reason,
            wants="" if awaited and one.blocked_scope == one.awaited_scope else wants,
            awaited=awaited,
            reach=(Reach.GRAPH if about_graph else Reach.IDENTITY).value,
        )
