"""Connections in Django admin: the same services, the same gate, no secret and no raw field."""

from connections.admin.connection import ConnectionAdmin
from connections.admin.readonly import CertificateAdmin, EnvironmentAdmin, StepAdmin

__all__ = ["CertificateAdmin", "ConnectionAdmin", "EnvironmentAdmin", "StepAdmin"]
