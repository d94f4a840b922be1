"""The key pair. Stored, encrypted, before anything is published: a published key nobody holds is an orphan."""

from connections.models import Certificate
from connections.models.certificate import PrivateKey
from connections.names import common_name
from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work
from microsoft.certificates import make_certificate

LIVING = (Certificate.State.PENDING, Certificate.State.PUBLISHED, Certificate.State.ACTIVE)


def ensure(work: Work) -> Outcome:
    certificate = work.connection.certificates.filter(state__in=LIVING).order_by("-created_at").first()
    if certificate is not None:
        return Outcome(f"Valid until {certificate.not_after:%d %B %Y}.", found=True)
    pair = make_certificate(common_name(work.connection))
    with work.run.fenced():
        certificate = Certificate(
            connection=work.connection,
            thumbprint_sha1=pair.thumbprint_sha1,
            thumbprint_sha256=pair.thumbprint_sha256,
            not_before=pair.not_before,
            not_after=pair.not_after,
            public_pem=pair.certificate_pem,
        )
        certificate.private_key = PrivateKey(pem=pair.private_key_pem)
        certificate.save(force_insert=True)
    return Outcome(f"RSA key pair made, valid until {certificate.not_after:%d %B %Y}.")


STEP = StepKind("key_pair", "Key pair", ensure)
