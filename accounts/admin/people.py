from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from accounts import audit
from accounts.actors import actor_of
from accounts.models import AllowedTenant, User

admin.site.unregister(Group)  # what people may do hangs on their roles in teams


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    list_display = ("username", "name", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "teams")
    search_fields = ("username", "name")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("name", "time_zone")}),
        ("Administers the site", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("username", "password1", "password2")}),)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        changed = sorted(set(form.changed_data) - {"password1", "password2", "usable_password"})
        audit.record(actor_of(request), "changed" if change else "created", obj, fields=changed)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        audit.record(actor_of(request), "deleted", obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for person in queryset:
            self.delete_model(request, person)


@admin.register(AllowedTenant)
class AllowedTenantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("tenant_id", "cloud", "note", "added_by", "added_at")
    readonly_fields = ("added_at",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        from core.cloud import cloud

        return {"cloud": cloud().name, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: AllowedTenant, form: Any, change: bool) -> None:
        actor = actor_of(request)
        if not change:
            obj.added_by = actor.user
        super().save_model(request, obj, form, change)
        audit.record(actor, "admitted the tenant", obj, fields=form.changed_data)

    def delete_model(self, request: HttpRequest, obj: AllowedTenant) -> None:
        audit.record(actor_of(request), "no longer admits the tenant", obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for tenant in queryset:
            self.delete_model(request, tenant)
