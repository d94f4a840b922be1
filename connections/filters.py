from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict

from accounts import rules
from connections.models import Connection
from connections.models.queries import ConnectionQuerySet

State = Connection.State
TROUBLED = (State.DEGRADED, State.ROLE_PENDING, State.EXPIRED)


class ConnectionFilters(forms.Form):
    """Which connections to show. Anything it does not understand shows everything instead of an error."""

    q = forms.CharField(required=False, max_length=100, label="Search")
    state = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Any state"),
            ("trouble", "Needs attention"),
            *((value, label) for value, label in State.choices if value != State.REMOVED),
        ],
    )
    team = forms.ChoiceField(required=False)

    def __init__(self, data: QueryDict, *, user: Any) -> None:
        super().__init__(data)
        self.user = user
        teams = [(str(team.pk), team.name) for team in rules.visible_teams(user).order_by("name")]
        self.fields["team"].choices = [("", "All teams"), *teams]  # type: ignore[attr-defined]

    def clean_q(self) -> str:
        words = " ".join(self.cleaned_data["q"].split())
        if "\x00" in words:
            raise ValidationError("No such name.")
        return words

    def chosen(self) -> dict[str, str]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def rows(self) -> ConnectionQuerySet:
        chosen = self.chosen()
        rows = Connection.objects.visible_to(self.user)
        for word in chosen.get("q", "").split():
            rows = rows.filter(
                Q(name__icontains=word)
                | Q(environment__friendly_name__icontains=word)
                | Q(environment__url__icontains=word)
                | Q(team__name__icontains=word)
            )
        if "team" in chosen:
            rows = rows.filter(team=int(chosen["team"]))
        if "state" in chosen:
            states = TROUBLED if chosen["state"] == "trouble" else (chosen["state"],)
            rows = rows.filter(state__in=states)
        return rows
