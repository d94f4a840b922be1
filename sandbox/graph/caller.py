"""Who calls Graph and how far they may go: what the token says, cut by what the person may do.

https://learn.microsoft.com/graph/permissions-overview
"""

from dataclasses import dataclass

from sandbox.directory import Application, Directory, Person
from sandbox.directory.model import APPLICATION_DEVELOPER, MANAGE_ALL_APPLICATIONS
from sandbox.graph.errors import GraphError, denied
from sandbox.tokens import Claims, InvalidToken, TokenAuthority

READ_APPLICATIONS = {"Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All"}
WRITE_APPLICATIONS = {"Application.ReadWrite.All"}
CREATE_APPLICATIONS = {"Application.ReadWrite.All", "AppRegistration.Create"}
QUOTA = 250


@dataclass(frozen=True, slots=True)
class Caller:
    """`person` is None when an application calls for itself."""

    claims: Claims
    person: Person | None

    def require(self, scopes: set[str]) -> Person:
        """The person, if the token carries one of the scopes. Raises GraphError 403.

        App-only tokens carry no roles here, so they may do nothing but roll their own keys.
        """
        if self.person is None or not self.claims.scp & scopes:
            raise denied()
        return self.person


def identify(authorization: str, tokens: TokenAuthority, directory: Directory, origin: str) -> Caller:
    """Raises GraphError 401 for a token that is missing, broken, expired or meant for somebody else."""
    kind, _, bearer = authorization.partition(" ")
    if not authorization:
        raise GraphError(401, "InvalidAuthenticationToken", "Access token is empty.")
    if kind.lower() != "bearer":
        raise GraphError(
            401, "InvalidAuthenticationToken", "CompactToken parsing failed with error code: 80049217"
        )
    try:
        claims = tokens.verify(bearer.strip(), origin)
    except InvalidToken as error:
        raise GraphError(401, "InvalidAuthenticationToken", str(error)) from error
    person = None if claims.is_application else directory.person(claims.oid)
    if not claims.is_application and (person is None or not person.enabled):
        raise GraphError(401, "InvalidAuthenticationToken", "The user account is disabled or does not exist.")
    return Caller(claims, person)


def may_register(directory: Directory, person: Person) -> bool:
    tenant = directory.tenant(person.tenant_id)
    return bool(person.roles & (MANAGE_ALL_APPLICATIONS | {APPLICATION_DEVELOPER})) or (
        tenant is not None and tenant.members_may_register
    )


def check_may_register(directory: Directory, person: Person) -> None:
    """Raises GraphError if the person may not, or has used up what members may have."""
    if not may_register(directory, person):
        raise denied()
    limited = not person.roles & MANAGE_ALL_APPLICATIONS
    if limited and directory.applications.created_by(person.oid) >= QUOTA:
        raise GraphError(
            403,
            "Directory_QuotaExceeded",
            "The directory object quota limit for the Principal has been exceeded. Please ask your administrator to "
            "increase the quota limit or delete objects to reduce the used quota.",
        )


def check_may_manage(directory: Directory, person: Person, application: Application) -> None:
    """Owners and application administrators only. Raises GraphError 403."""
    if not person.roles & MANAGE_ALL_APPLICATIONS and person.oid not in directory.applications.owners(
        application.id
    ):
        raise denied()
