"""The proof: a token by the new certificate, and WhoAmI answering with the application user.

Asked with a fresh MSAL application each time, because MSAL repeats a refusal for a minute. What Entra and
Dataverse refuse shortly after creation counts as not replicated yet.
"""

from connections import clients
from connections.models import Certificate, Connection
from connections.provisioning.patience import until_replicated
from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work
from core.clock import now
from core.cloud import cloud, door
from core.problems import Problem
from microsoft.dataverse import Dataverse, WhoAmI
from microsoft.errors import CredentialRejected, Forbidden, NotReplicated, Unauthorized

# Asking too early can make Entra remember the refusal for minutes.
SETTLING = 15.0


def ensure(work: Work) -> Outcome:
    certificate = work.certificate
    _let_settle(work, certificate)
    try:
        who = who_am_i(work.connection, certificate)
    except (Forbidden, Unauthorized, CredentialRejected, NotReplicated) as error:
        raise until_replicated(work, error.message, error) from error
    if who.user_id.lower() != work.identifiers.application_user_id.lower():
        raise Problem(
            "The environment knows the application as another user than the one that was set up.",
            advice="Retry from the step Application user.",
        )
    activate(work, certificate)
    return Outcome("Token obtained and WhoAmI answered as the application user.")


def who_am_i(connection: Connection, certificate: Certificate) -> WhoAmI:
    """Who the connection is in its environment, asked with nothing cached."""
    tokens = clients.certificate_tokens(connection, certificate, proving=True)
    return Dataverse(door(), connection.environment.url, tokens, default_scope=True).who_am_i()


def activate(work: Work, certificate: Certificate) -> None:
    """Make this the certificate that calls use."""
    with work.run.fenced():
        others = work.connection.certificates.filter(state=Certificate.State.ACTIVE).exclude(
            pk=certificate.pk
        )
        others.update(state=Certificate.State.RETIRING, retired_at=now())
        work.connection.certificates.filter(pk=certificate.pk).update(
            state=Certificate.State.ACTIVE, activated_at=now(), proven_at=now()
        )
        Connection.objects.filter(pk=work.connection.pk).update(
            proven_at=now(), tested_at=now(), test_error={}
        )


def _let_settle(work: Work, certificate: Certificate) -> None:
    if not cloud().production or certificate.state == Certificate.State.ACTIVE:
        return
    published = work.step("application").finished_at
    age = (now() - published).total_seconds() if published else SETTLING
    if age < SETTLING:
        raise NotReplicated("The new certificate is given a moment to spread.", retry_after=SETTLING - age)


STEP = StepKind("proof", "Proof", ensure)
