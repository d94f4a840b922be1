from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import vault
from accounts.actors import actor_of
from accounts.admin.readonly import ReadOnly
from accounts.models import Authorization


@admin.register(Authorization)
class AuthorizationAdmin(ReadOnly):
    list_display = ("account_name", "user", "tenant_id", "state", "proven_at")
    list_filter = ("state", "cloud")
    search_fields = ("account_name", "user__username", "user__name")
    fields = (
        "user",
        "cloud",
        "tenant_id",
        "object_id",
        "account_name",
        "scopes",
        "state",
        "reason",
        "proven_at",
        "failed_at",
        "created_at",
    )
    actions = ("revoke",)

    @admin.action(description="Revoke: destroy the tokens kept for them", permissions=["view"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[Authorization]) -> None:
        for authorization in chosen:
            vault.revoke(actor_of(request), authorization)
        self.message_user(request, "Revoked. Their tokens are destroyed.", messages.SUCCESS)
