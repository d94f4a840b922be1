"""The one mapping of states to words, colours and icons."""

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.templatetags.isthmus.marks import icon


@dataclass(frozen=True)
class Look:
    """How a state is shown. Tones: ok, warn, bad, info, accent, idle."""

    label: str
    tone: str
    icon: str


WAITING = Look("Waiting", "idle", "circle")
RUNNING = Look("Running", "info", "arrow-repeat")

LOOKS: dict[str, dict[str, Look]] = {
    "connection": {
        "draft": Look("Draft", "idle", "pencil"),
        "provisioning": Look("Provisioning", "info", "arrow-repeat"),
        "ready": Look("Ready", "ok", "check-circle-fill"),
        "degraded": Look("Degraded", "warn", "exclamation-triangle-fill"),
        "role_pending": Look("Role pending", "warn", "shield-exclamation"),
        "expired": Look("Expired", "bad", "x-circle-fill"),
        "disabled": Look("Disabled", "idle", "pause-circle"),
        "removing": Look("Removing", "info", "arrow-repeat"),
        "removed": Look("Removed", "idle", "trash"),
    },
    "certificate": {
        "pending": Look("Pending", "idle", "hourglass-split"),
        "published": Look("Published", "info", "cloud-check"),
        "active": Look("Active", "ok", "check-circle-fill"),
        "retiring": Look("Retiring", "warn", "clock-history"),
        "removed": Look("Removed", "idle", "trash"),
    },
    "job": {
        "queued": Look("Queued", "idle", "hourglass-split"),
        "running": RUNNING,
        "waiting": Look("Waiting for a person", "warn", "person"),
        "succeeded": Look("Succeeded", "ok", "check-circle-fill"),
        "failed": Look("Failed", "bad", "x-circle-fill"),
        "cancelled": Look("Cancelled", "idle", "slash-circle"),
    },
    "step": {
        "pending": WAITING,
        "running": RUNNING,
        "done": Look("Done", "ok", "check2"),
        "failed": Look("Failed", "bad", "x-lg"),
        "waiting": Look("Waiting for a person", "warn", "person"),
        "skipped": Look("Not needed", "idle", "dash-circle"),
    },
    "authorization": {
        "live": Look("Live", "ok", "check-circle-fill"),
        "needs_consent": Look("Needs consent", "warn", "shield-exclamation"),
        "needs_interaction": Look("Needs you", "warn", "person"),
        "revoked": Look("Revoked", "bad", "x-circle-fill"),
        "none": Look("Not authorised", "idle", "shield-lock"),
    },
    "version": {
        "draft": Look("Draft", "warn", "pencil"),
        "published": Look("Published", "ok", "check-circle-fill"),
        "current": Look("Current", "ok", "check-circle-fill"),
        "superseded": Look("Superseded", "idle", "clock-history"),
        "deprecated": Look("Deprecated", "warn", "hourglass-split"),
        "withdrawn": Look("Withdrawn", "bad", "slash-circle"),
    },
    "outcome": {
        "intended": Look("Unfinished", "warn", "hourglass-split"),
        "succeeded": Look("Succeeded", "ok", "check-circle-fill"),
        "done": Look("Done", "ok", "check-circle-fill"),
        "failed": Look("Failed", "bad", "x-circle-fill"),
    },
    "environment": {
        "enabled": Look("Enabled", "ok", "check-circle-fill"),
        "disabled": Look("Disabled", "idle", "pause-circle"),
    },
    "row": {
        "waiting": WAITING,
        "sent": RUNNING,
        "planned": Look("Would go through", "info", "check2"),
        "done": Look("Done", "ok", "check-circle-fill"),
        "unchanged": Look("Nothing to change", "idle", "dash-circle"),
        "failed": Look("Failed", "bad", "x-circle-fill"),
    },
    "link": {
        "ok": Look("Holds", "ok", "check-circle-fill"),
        "broken": Look("Broken", "bad", "x-circle-fill"),
        "unknown": Look("Not looked at", "idle", "circle"),
    },
    "webhook": {
        "new": Look("Not tried yet", "idle", "circle"),
        "works": Look("Works", "ok", "check-circle-fill"),
        "failing": Look("Failing", "bad", "x-circle-fill"),
        "off": Look("Switched off", "idle", "pause-circle"),
    },
    "role": {
        "viewer": Look("Viewer", "idle", "eye"),
        "editor": Look("Editor", "info", "pencil"),
        "builder": Look("Builder", "accent", "wrench"),
        "owner": Look("Owner", "accent", "person-badge"),
    },
}


def look(kind: str, value: object) -> Look:
    """How to show `value` of `kind`; a state nobody has listed is shown in grey under its own name."""
    name = str(value or "").lower().replace(" ", "_")
    plain = name.replace("_", " ").capitalize() or "Unknown"
    return LOOKS.get(kind, {}).get(name, Look(plain, "idle", "circle"))


def badge(kind: str, value: object, label: str = "", tone: str = "") -> SafeString:
    """`{% badge "connection" connection.state %}`: colour, icon and word together.

    An unlisted kind with `label` and `tone` makes a badge of its own: `{% badge "" "" label="Beta" tone="info" %}`.
    """
    shown = look(kind, value)
    spin = "icon-spin" if shown.icon == "arrow-repeat" else ""
    return format_html(
        '<span class="state tone-{}">{}{}</span>',
        tone or shown.tone,
        icon(shown.icon, css=spin),
        label or shown.label,
    )
