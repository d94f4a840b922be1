"""What can be taken from a connection at Microsoft, one link of the chain at a time."""

from collections.abc import Callable
from dataclasses import dataclass

from connections.base_privileges import BASE
from connections.models import Identifiers
from microsoft.dataverse import Dataverse
from microsoft.graph import Graph

# What is done → the link that is then the first broken one.
BREAKS = {
    "key_expired": "key",
    "key_deleted": "key",
    "application_deleted": "application",
    "principal_deleted": "service_principal",
    "principal_disabled": "service_principal",
    "user_disabled": "application_user",
    "user_deleted": "application_user",
    "role_taken_away": "role",
    "role_deleted": "role",
    "role_narrowed": "role",
}


@dataclass
class Saboteur:
    """An administrator who takes things away at Microsoft, or a clock that does.

    `expire` lets the certificate end, `delete_principal` takes the id of a service principal: Isthmus has no need of
    either itself.
    """

    graph: Graph
    environment: Dataverse
    known: Identifiers
    expire: Callable[[], object]
    delete_principal: Callable[[str], object]

    def key_expired(self):
        self.expire()

    def key_deleted(self):
        self.graph.set_keys(self.known.application_id, keep=[])

    def application_deleted(self):
        self.graph.delete_application(self.known.application_id)

    def principal_deleted(self):
        self.delete_principal(self.known.service_principal_id)

    def principal_disabled(self):
        self.graph.set_service_principal_enabled(self.known.service_principal_id, False)

    def user_disabled(self):
        self.environment.disable_user(self.known.application_user_id)

    def user_deleted(self):
        """What the user owns becomes the administrator's: Dataverse deletes nobody who owns records."""
        self.user_disabled()
        self.environment.reassign_records(self.known.application_user_id, self.environment.who_am_i().user_id)
        self.environment.delete("systemusers", self.known.application_user_id)

    def role_taken_away(self):
        self.environment.remove_role(self.known.application_user_id, self.known.role_id)

    def role_deleted(self):
        self.role_taken_away()
        self.environment.delete("roles", self.known.role_id)

    def role_narrowed(self):
        held = {name: depth for name, depth in BASE.items() if name != "prvReadEntity"}
        self.environment.set_role_privileges(self.known.role_id, held)
