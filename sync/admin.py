"""Syncs in Django admin: to look at. Changes go through the portal, whose services ask the gate."""

from django.contrib import admin

from integrations.admin import LookOnly
from sync.models import Sync, SyncEntity


@admin.register(Sync)
class SyncAdmin(LookOnly):
    list_display = ("name", "integration", "stage", "destination", "team")
    list_filter = ("team", "destination")
    search_fields = ("name",)
    fields = (
        "name",
        "team",
        "integration",
        "stage",
        "destination",
        "schema",
        "soft_deletes",
        "drift",
        "schedule",
    )


@admin.register(SyncEntity)
class SyncEntityAdmin(LookOnly):
    team_path = "sync__team"
    list_display = ("logical_name", "sync", "enabled", "rows", "as_of")
    fields = ("sync", "logical_name", "table", "enabled", "strategy", "rows", "as_of")
