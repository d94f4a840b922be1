"""What a round trip to Microsoft is for."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from accounts.reach import Reach

OPENID = ("openid", "profile", "offline_access")


@dataclass(frozen=True)
class Wanted:
    """Kept in the session beside the state of the round trip. Holds no secret."""

    purpose: str = "sign-in"  # or a Reach
    scopes: tuple[str, ...] = ()  # of resources; the first is the one the code is redeemed for
    tenant: str = ""
    login_hint: str = ""
    claims: str = ""
    prompt: str = ""

    @classmethod
    def sign_in(cls) -> Self:
        """Who are you, and nothing more. The account is asked for, as the browser may be a shared one."""
        return cls(prompt="select_account")

    @classmethod
    def authorise(cls, reach: Reach, *, tenant: str = "", login_hint: str = "", claims: str = "") -> Self:
        return cls(
            purpose=reach.value,
            scopes=tuple(reach.scopes),
            tenant=tenant,
            login_hint=login_hint,
            claims=claims,
            prompt="" if login_hint else "select_account",
        )

    @classmethod
    def from_session(cls, kept: dict[str, Any]) -> Self:
        return cls(**{**kept, "scopes": tuple(kept["scopes"])})

    @property
    def is_sign_in(self) -> bool:
        return self.purpose == "sign-in"

    def as_session(self) -> dict[str, Any]:
        return {**asdict(self), "scopes": list(self.scopes)}

    def arguments(self) -> dict[str, str]:
        """What goes into the authorize address beside the scopes. Claims are repeated word for word."""
        given = {"login_hint": self.login_hint, "claims": self.claims, "prompt": self.prompt}
        return {name: value for name, value in given.items() if value}
