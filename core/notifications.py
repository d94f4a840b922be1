"""Notices to people outside the portal: by e-mail, through Django's configured mail server."""

from collections.abc import Iterable
from smtplib import SMTPException

import structlog
from django.core.mail import EmailMessage

from core.redaction import redact_text

log = structlog.get_logger(__name__)


def send(to: Iterable[str], subject: str, text: str) -> bool:
    """One message to each address, none of which sees the others. False when the mail server did not take it all.

    Secrets are taken out, whatever the caller put in; a subject is one line.
    """
    messages = [
        EmailMessage(
            subject=" ".join(redact_text(subject).split())[:200], body=redact_text(text), to=[address]
        )
        for address in to
    ]
    try:
        for message in messages:
            message.send()
    except (SMTPException, OSError) as error:
        log.warning("notice not sent", error=type(error).__name__, recipients=len(messages))
        return False
    return True
