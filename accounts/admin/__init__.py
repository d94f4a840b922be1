"""Django's admin for people, teams, authorizations and the audit trail. Nothing secret is shown or editable."""

from accounts.admin import audit, authorizations, people, social, teams, webhooks

__all__ = ["audit", "authorizations", "people", "social", "teams", "webhooks"]
