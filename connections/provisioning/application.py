"""The application in Entra, created with the certificate inside, at most once by its `uniqueName`.

https://learn.microsoft.com/en-us/graph/api/application-upsert
"""

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from connections.models import Certificate
from connections.names import display_name, unique_name
from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work
from core.clock import now
from core.problems import NotPermitted
from microsoft.errors import Forbidden
from microsoft.graph import Application, Key


def ensure(work: Work) -> Outcome:
    name = unique_name(work.connection)
    certificate = work.certificate
    application = work.graph.find_application(name)
    found = application is not None
    if application is None:
        application = _register(work, name, certificate)
    work.remember(application_id=application.id, client_id=application.app_id)
    key = _published(application, certificate) or _publish(work, application, certificate)
    _note_published(work, certificate, key)
    return Outcome("Registered, with the certificate as its only credential.", found=found)


def _register(work: Work, name: str, certificate: Certificate) -> Application:
    try:
        with work.change("registered the application of"):
            application, _created = work.graph.ensure_application(
                name, display_name(work.connection), der(certificate)
            )
    except Forbidden as error:
        raise NotPermitted(
            f"{work.authorization} may not register applications in this tenant.",
            advice="Ask an administrator of the tenant for the role Application Developer, "
            "or let somebody who has it create the connection. Then retry from this step.",
            ids=error.ids(),
            code=error.code,
        ) from error
    return application


def _published(application: Application, certificate: Certificate) -> Key | None:
    wanted = {certificate.thumbprint_sha1.upper(), certificate.thumbprint_sha256.upper()}
    return next((key for key in application.keys if key.thumbprint.upper() in wanted), None)


def _publish(work: Work, application: Application, certificate: Certificate) -> Key | None:
    """For an application that was found without our certificate: add it and keep what is there."""
    with work.change("published a certificate of"):
        changed = work.graph.set_keys(application.id, keep=application.keys, add=[der(certificate)])
    return _published(changed, certificate)


def _note_published(work: Work, certificate: Certificate, key: Key | None) -> None:
    with work.run.fenced():
        fields = {"entra_key_id": key.key_id if key else ""}
        Certificate.objects.filter(pk=certificate.pk).update(**fields)
        Certificate.objects.filter(pk=certificate.pk, state=Certificate.State.PENDING).update(
            state=Certificate.State.PUBLISHED, published_at=now()
        )


def der(certificate: Certificate) -> bytes:
    """What is published of a certificate."""
    return x509.load_pem_x509_certificate(certificate.public_pem.encode()).public_bytes(Encoding.DER)


STEP = StepKind("application", "Application in Entra", ensure, identifier="client_id")
