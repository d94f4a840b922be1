"""What the vault seals into an authorization's encrypted column."""

from pydantic import BaseModel


class TokenCacheDocument(BaseModel):
    """MSAL's serialised cache; holds the refresh token in plain, which is why it is sealed."""

    msal: str = ""
