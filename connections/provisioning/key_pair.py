"""The key pair. Stored, encrypted, before anything is published: a published key nobody holds is an orphan."""

from connections.key_pairs import new_certificate
from connections.models import Certificate
from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work

LIVING = (Certificate.State.PENDING, Certificate.State.PUBLISHED, Certificate.State.ACTIVE)


def ensure(work: Work) -> Outcome:
    certificate = work.connection.certificates.filter(state__in=LIVING).order_by("-created_at").first()
    if certificate is not None:
        return Outcome(f"Valid until {certificate.not_after:%d %B %Y}.", found=True)
    certificate = new_certificate(work.connection)
    with work.run.fenced():
        certificate.save(force_insert=True)
    return Outcome(f"RSA key pair made, valid until {certificate.not_after:%d %B %Y}.")


STEP = StepKind("key_pair", "Key pair", ensure)
