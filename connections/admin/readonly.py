"""What provisioning writes and nobody edits."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.rules import visible_teams
from connections.models import Certificate, Environment, Step


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """May be looked at by those who may see the team; changed by nobody."""

    team_path = ""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return bool(request.user.is_active and request.user.is_staff)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        teams = visible_teams(request.user)
        return (
            super().get_queryset(request).filter(**{f"{self.team_path}__in": teams.values("pk")}).distinct()
        )


@admin.register(Environment)
class EnvironmentAdmin(ReadOnly):
    team_path = "connections__team"
    list_display = ("friendly_name", "url", "region", "version", "enabled", "seen_at")
    fields = (*list_display, "unique_name", "cloud", "tenant_id")


@admin.register(Certificate)
class CertificateAdmin(ReadOnly):
    team_path = "connection__team"
    list_display = ("thumbprint_sha1", "connection", "state", "not_before", "not_after")
    exclude = ("sealed_key",)


@admin.register(Step)
class StepAdmin(ReadOnly):
    team_path = "connection__team"
    list_display = ("connection", "position", "name", "state", "message")
