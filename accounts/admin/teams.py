"""Teams and memberships, changed through the same services as in the portal."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts import audit
from accounts.actors import actor_of
from accounts.models import Membership, Role, Team
from accounts.services import teams


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    extra = 0
    can_delete = False
    fields = readonly_fields = ("user", "role", "joined_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "created_at")
    search_fields = ("name",)
    fields = ("name",)
    inlines = (MembershipInline,)

    def save_model(self, request: HttpRequest, obj: Team, form: Any, change: bool) -> None:  # noqa: ARG002
        if change:
            stored = Team.objects.get(pk=obj.pk)
            teams.rename(actor_of(request), stored, obj.name)
        else:
            obj.pk = teams.create(actor_of(request), obj.name).pk

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        default = obj is not None and obj.is_default  # newcomers need a team to arrive in
        return not default and super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: Team) -> None:
        audit.record(actor_of(request), "deleted", obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for team in queryset.filter(is_default=False):
            self.delete_model(request, team)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("user", "team", "role", "joined_at")
    list_filter = ("team", "role")
    search_fields = ("user__username", "user__name", "team__name")
    autocomplete_fields = ("user", "team")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        return ("user", "team") if obj else ()

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:  # noqa: ARG002
        actor, role = actor_of(request), Role(obj.role)
        if change:
            teams.change_role(actor, Membership.objects.get(pk=obj.pk), role)
        else:
            obj.pk = teams.add(actor, obj.team, obj.user, role).pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        teams.remove(actor_of(request), obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for membership in queryset:
            self.delete_model(request, membership)
