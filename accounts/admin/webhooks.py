from django.contrib import admin

from accounts.admin.readonly import ReadOnly
from accounts.models import Webhook


@admin.register(Webhook)
class WebhookAdmin(ReadOnly):
    list_display = ("host", "team", "enabled", "tried_at", "failing_since")
    list_filter = ("enabled",)
    search_fields = ("host", "team__name")
    fields = (
        "team",
        "host",
        "enabled",
        "created_by",
        "created_at",
        "tried_at",
        "error",
        "failing_since",
    )
