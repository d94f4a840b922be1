"""What people fill in. Lists of hundreds of boxes are read by `integrations.forms.boxes` instead."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import Team
from core.problems import BadInput
from integrations.definition import ActsAs
from integrations.models import Integration
from integrations.names import MAX_NAME, MAX_SERVICE_NAME
from integrations.services.places import Place

ENTITY = "entity_"


class NewForm(forms.Form):
    name = forms.CharField(max_length=100, help_text="What your team calls it, such as “Sales”.")
    service_name = forms.CharField(
        max_length=MAX_SERVICE_NAME,
        required=False,
        label="Name of the service",
        help_text="Programs use it under this name. Left empty, it becomes the name followed by “_is”.",
    )
    team = forms.ModelChoiceField(Team.objects.none(), help_text="Its builders and owners can change it.")
    environment = forms.ChoiceField(help_text="Where its entities are read from while you build.")

    def __init__(self, *args: Any, teams: QuerySet[Team], places: Sequence[Place], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        self.fields["environment"].choices = [  # type: ignore[attr-defined]
            (place.url, place.label) for place in places
        ]
        if len(teams) == 1:
            self.fields["team"].initial = teams[0]
        if len(places) == 1:
            self.fields["environment"].initial = places[0].url


class NamesForm(forms.Form):
    name = forms.CharField(max_length=100)
    service_name = forms.CharField(max_length=MAX_SERVICE_NAME, label="Name of the service")
    acts_as = forms.ChoiceField(
        label="Who acts in Dynamics",
        widget=forms.RadioSelect,
        choices=[
            (
                ActsAs.APPLICATION.value,
                "The application: its role decides what can be done, and Dynamics shows the application as author",
            ),
            (
                ActsAs.PERSON.value,
                "The signed-in person: their own rights in Dynamics apply. Programs cannot use it on their own",
            ),
        ],
    )

    def __init__(self, integration: Integration, *args: Any, published: bool, **kwargs: Any) -> None:
        draft = integration.draft
        kwargs["initial"] = {
            "name": integration.name,
            "service_name": integration.service_name,
            "acts_as": draft.acts_as.value,
            **{ENTITY + entity.logical_name: entity.name for entity in draft.entities},
        }
        super().__init__(*args, **kwargs)
        if published:
            self.fields["service_name"].widget.attrs["readonly"] = True
            self.fields["service_name"].help_text = "Published under this name, which callers rely on."
        for entity in draft.entities:
            self.fields[ENTITY + entity.logical_name] = forms.CharField(
                max_length=MAX_NAME, label=entity.label or entity.logical_name, help_text=entity.logical_name
            )

    def called(self) -> dict[str, str]:
        """Logical name → name of each entity."""
        return {
            name.removeprefix(ENTITY): value
            for name, value in self.cleaned_data.items()
            if name.startswith(ENTITY)
        }


class PublishForm(forms.Form):
    notes = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For those who use the service: what is new, what they must change.",
    )
    again = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)


class DeprecateForm(forms.Form):
    note = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="What to use instead",
        help_text="Shown to callers and on this page.",
    )
    ends_on = forms.DateField(
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        label="Will be withdrawn on",
        help_text="An announcement. Nothing happens by itself on that day.",
    )


def add_problem(form: forms.Form, problem: BadInput, prefix: str = "") -> None:
    """Show what a service refused beside the fields it is about, and above the form where there is none."""
    placed = False
    for name, text in problem.fields.items():
        field = next((each for each in (name, prefix + name) if each in form.fields), None)
        if field:
            form.add_error(field, text)
            placed = True
    if not placed:
        form.add_error(None, problem.message)
