from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from accounts import rules
from jobs import handlers, services
from jobs.models import JobRun


class Filters(forms.Form):
    """What of the list to show. Anything it does not understand shows everything instead of an error."""

    state = forms.ChoiceField(required=False, choices=[("", "Any state"), *JobRun.State.choices])
    kind = forms.ChoiceField(required=False)
    whose = forms.ChoiceField(required=False)

    def __init__(self, data: QueryDict, *, user: Any) -> None:
        super().__init__(data)
        self.user = user
        kinds = [("", "Any kind"), *((name, handlers.title(name)) for name in handlers.names())]
        teams = [(str(team.pk), team.name) for team in rules.visible_teams(user)]
        choices: dict[str, Any] = {"kind": kinds, "whose": [("", "Everybody's"), ("mine", "Mine"), *teams]}
        for name, field in self.fields.items():
            if name in choices:
                field.choices = choices[name]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, str]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def runs(self) -> QuerySet[JobRun]:
        chosen = self.chosen()
        runs = services.visible_to(self.user)
        whose = chosen.pop("whose", "")
        if whose == "mine":
            runs = runs.filter(requested_by=self.user)
        elif whose:
            runs = runs.filter(team=int(whose))
        return runs.filter(**chosen)
