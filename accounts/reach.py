"""How far into Microsoft's world an authorization must reach, and which permissions that takes."""

from enum import Enum

from core.cloud import cloud

APPLICATIONS = "Application.ReadWrite.All"
READ_SELF = "User.Read"


class Reach(Enum):
    """IDENTITY: who the person is, and their environments. GRAPH: registering applications as well."""

    IDENTITY = "identity"
    GRAPH = "graph"

    @property
    def scope(self) -> str:
        """The permission that proves this reach. Dataverse's covers discovery and every environment."""
        return cloud().graph_scope(APPLICATIONS) if self is Reach.GRAPH else cloud().discovery_scope

    @property
    def scopes(self) -> list[str]:
        """What to ask consent for; the first is the one the code is redeemed for."""
        # Graph shows a person's own directory roles only with User.Read; provisioning looks at them first.
        reading = [cloud().graph_scope(READ_SELF)] if self is Reach.GRAPH else []
        return list(dict.fromkeys([self.scope, *reading, cloud().discovery_scope]))

    @property
    def purpose(self) -> str:
        """What a person reads: 'Isthmus needs your authorization to …'."""
        if self is Reach.GRAPH:
            return "register an application in Microsoft Entra for you"
        return "see your Dynamics environments and work in them as you"


def in_words(scope: str) -> str:
    """A permission as a person would say it."""
    if scope == cloud().discovery_scope or scope.endswith("/user_impersonation"):
        return "Work in your Dynamics environments as you"
    if scope == cloud().graph_scope(APPLICATIONS):
        return "Register and change applications in Microsoft Entra"
    if scope == cloud().graph_scope(READ_SELF):
        return "Read your own profile in Microsoft Entra"
    if scope.startswith(cloud().graph):
        return f"Microsoft Graph: {scope.rsplit('/', 1)[-1]}"
    return scope
