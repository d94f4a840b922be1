from django.contrib import admin

from accounts.admin.readonly import ReadOnly
from accounts.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly):
    list_display = ("at", "actor_label", "verb", "subject_label", "outcome")
    list_filter = ("outcome", "subject_type")
    search_fields = ("actor_label", "verb", "subject_label", "subject_id")
    exclude = ("actor", "team", "intent")
    date_hierarchy = "at"
