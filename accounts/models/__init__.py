from accounts.models.audit import AuditChain, AuditEvent, AuditValues
from accounts.models.authorization import Authorization
from accounts.models.team import Membership, Role, Team
from accounts.models.tenant import AllowedTenant
from accounts.models.user import User
from accounts.models.webhook import Webhook

__all__ = [
    "AllowedTenant",
    "AuditChain",
    "AuditEvent",
    "AuditValues",
    "Authorization",
    "Membership",
    "Role",
    "Team",
    "User",
    "Webhook",
]
