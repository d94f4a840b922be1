"""Whether the application can replace its own certificate: it needs no permission for that, only its object id.

https://learn.microsoft.com/en-us/graph/application-rollkey-prooftoken
"""

from connections import clients
from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work
from core.cloud import door
from core.problems import Problem
from microsoft.errors import Forbidden, NotFound, Unauthorized
from microsoft.graph import Graph, sign_proof


def ensure(work: Work) -> Outcome:
    object_id, certificate = work.identifiers.application_id, work.certificate
    if not object_id:
        return Outcome(
            "Not by itself, because the application's object id was not given: before the certificate ends you "
            "are asked to hand a new one to your administrator."
        )
    graph = Graph(door(), clients.certificate_tokens(work.connection, certificate), default_scope=True)
    proof = sign_proof(object_id, certificate.private_key.pem, certificate.public_pem)
    try:
        graph.check_proof(object_id, proof)
    except (Forbidden, NotFound, Unauthorized) as error:
        raise Problem(
            f"{object_id} is not the object id of this application, so it could not replace its certificate.",
            advice="Take Object ID from the Overview page under App registrations; the one under Enterprise "
            "applications is another. Or leave it empty.",
            ids=error.ids(),
            code=error.code,
        ) from error
    return Outcome("The application can replace its own certificate; nobody need be there.")


STEP = StepKind("renewal", "Renewal", ensure, identifier="application_id")
