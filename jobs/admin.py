from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.readonly import ReadOnly
from jobs.models import JobRun, Schedule
from jobs.services import visible_to


@admin.register(JobRun)
class JobRunAdmin(ReadOnly):
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobRun]:
        """The same runs as on the page Jobs: being let into the admin shows nobody another team's."""
        return visible_to(request.user)  # type: ignore[arg-type]


@admin.register(Schedule)
class ScheduleAdmin(ReadOnly):
    """Whoever owns a schedule changes it where it belongs."""

    list_display = ["name", "kind", "cron", "interval", "time_zone", "enabled", "next_slot", "team"]
    list_filter = ["enabled", "kind"]
    search_fields = ["name"]
