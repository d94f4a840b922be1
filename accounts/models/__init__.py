from accounts.models.audit import AuditEvent, AuditValues
from accounts.models.authorization import Authorization
from accounts.models.team import Membership, Role, Team
from accounts.models.user import User

__all__ = ["AuditEvent", "AuditValues", "Authorization", "Membership", "Role", "Team", "User"]
