"""The service principal. Graph does not create it with the application, and without it there is no token.

https://learn.microsoft.com/en-us/graph/api/serviceprincipal-post-serviceprincipals
"""

from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work


def ensure(work: Work) -> Outcome:
    client_id = work.identifiers.client_id
    principal = work.graph.find_service_principal(client_id)
    found = principal is not None
    if principal is None:
        with work.change("created the service principal of"):
            principal, _created = work.graph.ensure_service_principal(client_id)
    work.remember(service_principal_id=principal.id)
    if not principal.enabled:
        with work.change("enabled the service principal of"):
            work.graph.set_service_principal_enabled(principal.id, True)
    return Outcome("The application can sign in to the tenant.", found=found)


STEP = StepKind("service_principal", "Service principal", ensure, identifier="service_principal_id")
