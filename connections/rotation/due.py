"""When a certificate is due to be replaced: when a third of its life is left."""

import random
from datetime import datetime, timedelta

from connections.models import Certificate, Connection
from core.clock import now


def due_at(certificate: Certificate) -> datetime:
    return certificate.not_after - (certificate.not_after - certificate.not_before) / 3


def is_due(certificate: Certificate) -> bool:
    return due_at(certificate) <= now()


def is_expired(certificate: Certificate) -> bool:
    return certificate.not_after <= now()


def spread(connection: Connection, seconds: float) -> timedelta:
    """The connection's own place within so many seconds; always the same one."""
    return timedelta(seconds=random.Random(connection.pk.int).uniform(0, seconds))  # noqa: S311  spreads load
