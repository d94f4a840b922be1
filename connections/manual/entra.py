"""The links in Entra, each verified by what the token endpoint says. Nothing is changed there.

https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
"""

from connections.manual.verdict import (
    NO_PRINCIPAL,
    PRINCIPAL_DISABLED,
    UNKNOWN_APPLICATION,
    UNKNOWN_KEY,
    ask,
    speaks_of,
)
from connections.models import Certificate
from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work
from core.clock import now
from core.problems import Problem
from microsoft.errors import MicrosoftError, NotFound, NotReplicated

# A wrong identifier looks just like one that has not spread yet. So long it is looked for again, in seconds.
PATIENCE = 20.0
RETRY = 3.0
SOON = "If this was done only minutes ago, Entra may not show it everywhere yet: verify again in a while."


def tenant(work: Work) -> Outcome:
    tenant_id = work.connection.environment.tenant_id
    error = ask(work)
    if isinstance(error, NotFound):
        raise _wrong(
            work,
            f"There is no tenant {tenant_id}.",
            "The environment says which tenant it belongs to; choose the environment anew in a new connection.",
            error,
        )
    return Outcome(f"Entra answers for the tenant {tenant_id}.")


def application(work: Work) -> Outcome:
    known = work.identifiers
    error = ask(work)
    if not speaks_of(error, UNKNOWN_APPLICATION):
        return Outcome(f"Entra knows the application {known.client_id}.")
    if known.application_id and not speaks_of(ask(work, known.application_id), UNKNOWN_APPLICATION):
        raise _wrong(
            work,
            "The two identifiers are interchanged: Entra knows the one given as object id as a client id.",
            "Correct the identifiers: exchange the two.",
            error,
        )
    raise _wrong(
        work,
        f"Entra knows no application with the client id {known.client_id} "
        f"in the tenant {work.connection.environment.tenant_id}.",
        "Compare it with Application (client) ID on the application's Overview page, in the tenant named here. "
        f"It is neither the Object ID nor the Directory (tenant) ID. {SOON}",
        error,
    )


def service_principal(work: Work) -> Outcome:
    error = ask(work)
    if speaks_of(error, NO_PRINCIPAL):
        raise _wrong(
            work,
            "The application has no service principal in the tenant, so it cannot sign in.",
            "The portal makes one by itself, az and Graph do not: "
            f"az ad sp create --id {work.identifiers.client_id}. {SOON}",
            error,
        )
    if speaks_of(error, PRINCIPAL_DISABLED):
        raise _wrong(
            work,
            "The application's service principal is disabled.",
            "Under Enterprise applications, Properties, set Enabled for users to sign in to Yes.",
            error,
        )
    return Outcome("The application may sign in to the tenant.")


def key(work: Work) -> Outcome:
    certificate = work.certificate
    error = ask(work)
    if speaks_of(error, UNKNOWN_KEY):
        raise _wrong(
            work,
            f"The application does not have the certificate with the thumbprint {certificate.thumbprint_sha1}.",
            "Upload the certificate from the instructions under Certificates & secrets, and compare the "
            f"thumbprint. {SOON}",
            error,
        )
    if error is not None:
        raise error
    _note_published(work, certificate)
    return Outcome("Entra gave a token for the certificate of this connection.")


def _note_published(work: Work, certificate: Certificate) -> None:
    rows = Certificate.objects.filter(pk=certificate.pk, state=Certificate.State.PENDING)
    with work.run.fenced():
        rows.update(state=Certificate.State.PUBLISHED, published_at=now())


def _wrong(work: Work, message: str, advice: str, error: MicrosoftError | None) -> Exception:
    """The error to raise: what is wrong, said at once, but looked at again for a while."""
    began = work.step_began or now()
    if (now() - began).total_seconds() < PATIENCE:
        passing = NotReplicated(message, retry_after=RETRY, advice=advice)
        if error is not None:
            passing.code, passing.request_id = error.code, error.request_id
            passing.correlation_id = error.correlation_id
        return passing
    ids, code = (error.ids(), error.code) if error else ({}, "")
    return Problem(message, advice=advice, ids=ids, code=code)


TENANT = StepKind("tenant", "Tenant", tenant)
APPLICATION = StepKind("application", "Application in Entra", application, identifier="client_id")
SERVICE_PRINCIPAL = StepKind("service_principal", "Service principal", service_principal)
KEY = StepKind("key", "Certificate", key)
