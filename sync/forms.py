"""What people fill in about a sync."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from django import forms

from core.problems import BadInput
from integrations.definition import Entity
from sync.models import Sync, SyncEntity
from sync.services.setup import Plan

RHYTHMS = [
    ("", "Only when somebody asks"),
    ("300", "Every 5 minutes"),
    ("900", "Every 15 minutes"),
    ("3600", "Every hour"),
    ("21600", "Every 6 hours"),
    ("86400", "Every day"),
    ("cron", "As a cron expression says"),
]
STRATEGY = "strategy_"


class SyncForm(forms.Form):
    name = forms.CharField(max_length=100)
    entities = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, help_text="Their attributes are those of the integration."
    )
    destination = forms.ChoiceField(
        choices=Sync.Destination.choices,
        widget=forms.RadioSelect,
        help_text="Files lie in the data folder of Isthmus; PostgreSQL gets a schema of its own.",
    )
    schema = forms.CharField(
        max_length=60, required=False, help_text="Of PostgreSQL: small letters, digits and _."
    )
    url = forms.CharField(
        required=False,
        label="PostgreSQL address",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Such as postgresql://me:secret@host/db. Kept encrypted and never shown again; empty means"
        " Isthmus's own PostgreSQL, or the address given before. Hosts of an inner network have to be listed by"
        " the operator (OUTGOING_HOSTS).",
    )
    rhythm = forms.ChoiceField(choices=RHYTHMS, required=False, label="When")
    cron = forms.CharField(
        max_length=120,
        required=False,
        label="Cron expression",
        help_text="Minute hour day month weekday, such as 0 6 * * 1-5.",
    )
    time_zone = forms.CharField(
        max_length=60, required=False, initial="UTC", help_text="For the cron expression."
    )
    soft_deletes = forms.BooleanField(
        required=False, initial=True, label="Keep deleted records, marked with the time (_deleted_at)"
    )
    drift = forms.ChoiceField(
        choices=Sync.Drift.choices,
        initial=Sync.Drift.ADD,
        widget=forms.RadioSelect,
        label="When columns change",
    )
    lag_limit = forms.IntegerField(
        required=False, min_value=1, max_value=100_000, label="Tell the team when it is behind by (minutes)"
    )

    def __init__(self, *args: Any, offered: Sequence[Entity], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["entities"].choices = [(each.logical_name, each.label or each.name) for each in offered]  # type: ignore[attr-defined]
        for each in offered:
            self.fields[STRATEGY + each.logical_name] = forms.ChoiceField(
                choices=SyncEntity.Strategy.choices, required=False, label=f"{each.label or each.name}: how"
            )

    def clean_time_zone(self) -> str:
        zone = str(self.cleaned_data["time_zone"] or "UTC")
        if zone not in available_timezones():
            raise forms.ValidationError("There is no such time zone. It is written like Europe/Vienna.")
        return zone

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("rhythm") == "cron" and not given.get("cron"):
            self.add_error("cron", "Say when, or choose another rhythm.")
        return given

    def plan(self) -> Plan:
        given = self.cleaned_data
        rhythm = given["rhythm"]
        return Plan(
            name=given["name"],
            destination=given["destination"],
            url=given["url"].strip(),
            schema=given["schema"].strip(),
            soft_deletes=given["soft_deletes"],
            drift=given["drift"],
            entities=given["entities"],
            strategies={
                name.removeprefix(STRATEGY): value
                for name, value in given.items()
                if name.startswith(STRATEGY)
            },
            cron=given["cron"].strip() if rhythm == "cron" else "",
            interval=int(rhythm) if rhythm.isdigit() else None,
            time_zone=given["time_zone"],
            lag_limit=given["lag_limit"] * 60 if given["lag_limit"] else None,
        )


def initial_of(sync: Sync) -> dict[str, Any]:
    """The form as it would have to be filled in for the sync to be what it is."""
    schedule = sync.schedule
    rows = list(sync.entities.all())
    known = {value for value, _ in RHYTHMS}
    interval = str(schedule.interval) if schedule and schedule.interval else ""
    return {
        "name": sync.name,
        "destination": sync.destination,
        "schema": sync.schema,
        "entities": [each.logical_name for each in rows if each.enabled],
        **{STRATEGY + each.logical_name: each.strategy for each in rows},
        "rhythm": "cron" if schedule and schedule.cron else interval if interval in known else "",
        "cron": schedule.cron if schedule else "",
        "time_zone": schedule.time_zone if schedule else "UTC",
        "soft_deletes": sync.soft_deletes,
        "drift": sync.drift,
        "lag_limit": sync.lag_limit // 60 if sync.lag_limit else None,
    }


def add_problem(form: forms.Form, problem: BadInput) -> None:
    """Show what a service refused beside the fields it is about, and above the form where there is none."""
    placed = False
    for name, text in problem.fields.items():
        if name in form.fields:
            form.add_error(name, text)
            placed = True
    if not placed:
        form.add_error(None, problem.message)
