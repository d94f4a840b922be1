"""Integrations in Django admin: to look at. Changes go through the portal, whose services ask the gate."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.rules import visible_teams
from integrations.models import Binding, CatalogueEntry, Integration, ServiceKey, Stage, Version
from integrations.templatetags.integrations import operations


class LookOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows of one's teams, never made, changed or deleted here. `team_path` leads from the row to its team."""

    team_path = "team"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        teams = visible_teams(request.user).values("pk")
        return super().get_queryset(request).filter(**{f"{self.team_path}__in": teams})


@admin.register(Integration)
class IntegrationAdmin(LookOnly):
    list_display = ("name", "service_name", "team", "environment", "latest", "updated_at")
    list_filter = ("team",)
    search_fields = ("name", "service_name")
    fields = (
        *("name", "service_name", "team", "environment", "offers", "acts_as", "revision"),
        *("created_by", "created_at", "changed_by", "updated_at", "portal"),
    )

    @admin.display(description="latest version")
    def latest(self, integration: Integration) -> str:
        version = integration.versions.only("number").first()
        return f"v{version.number}" if version else "draft"

    @admin.display(description="entities of the draft")
    def offers(self, integration: Integration) -> str:
        return _offers(integration.draft.entities)

    @admin.display(description="acts as")
    def acts_as(self, integration: Integration) -> str:
        return integration.draft.acts_as.value

    @admin.display(description="change it")
    def portal(self, integration: Integration) -> SafeString:
        address = reverse("integrations:detail", args=[integration.pk])
        return format_html('<a href="{}">Open in the portal</a>', address)


@admin.register(Version)
class VersionAdmin(LookOnly):
    team_path = "integration__team"
    list_display = ("integration", "number", "author", "published_at")
    fields = ("integration", "number", "notes", "offers", "author", "published_at")

    @admin.display(description="entities")
    def offers(self, version: Version) -> str:
        return _offers(version.definition.entities)


@admin.register(Binding)
class BindingAdmin(LookOnly):
    team_path = "integration__team"
    list_display = ("integration", "stage", "connection", "bound_at")


@admin.register(ServiceKey)
class ServiceKeyAdmin(LookOnly):
    team_path = "integration__team"
    list_display = ("name", "integration", "stage", "hint", "expires_at", "revoked_at", "last_used_at")
    fields = (
        *("name", "integration", "stage", "hint", "scope", "version", "pinned", "calls_per_minute"),
        *("created_by", "created_at", "expires_at", "revoked_by", "revoked_at", "last_used_at"),
    )


@admin.register(Stage)
class StageAdmin(LookOnly):
    list_display = ("name", "team", "slug", "position")


@admin.register(CatalogueEntry)
class CatalogueEntryAdmin(LookOnly):
    list_display = ("environment", "logical_name", "fetched_at")
    fields = ("environment", "logical_name", "fetched_at")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        teams = visible_teams(request.user).values("pk")
        seen = models.Q(environment__connections__team__in=teams) | models.Q(
            environment__integrations__team__in=teams
        )
        return CatalogueEntry.objects.filter(seen).defer("document").distinct()


def _offers(entities: Any) -> str:
    return "; ".join(
        f"{entity.name} ({', '.join(operations(entity))}; {len(entity.attributes)} attributes)"
        for entity in entities
    )
