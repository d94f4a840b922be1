from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from jobs.models import JobRun, Schedule


class ToLookAt(admin.ModelAdmin):  # type: ignore[type-arg]
    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(JobRun)
class JobRunAdmin(ToLookAt):
    """Runs are changed by their services, on the page Jobs."""

    list_display = [
        "kind",
        "subject_label",
        "state",
        "team",
        "asked_by",
        "attempt",
        "created_at",
        "finished_at",
    ]
    list_filter = ["state", "kind", "team"]
    search_fields = ["id", "subject_label"]
    date_hierarchy = "created_at"


@admin.register(Schedule)
class ScheduleAdmin(ToLookAt):
    """Whoever owns a schedule changes it where it belongs."""

    list_display = ["name", "kind", "cron", "interval", "time_zone", "enabled", "next_slot", "team"]
    list_filter = ["enabled", "kind"]
    search_fields = ["name"]
