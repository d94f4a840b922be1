"""Forms of connections. What only Microsoft can say about the input is added by `explain`."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.actors import Actor
from accounts.models import Role, Team, User
from accounts.rules import teams_with
from connections.models import Connection
from connections.services import environments
from connections.services.environments import Found, Reachable
from core.problems import Problem


class ConnectionForm(forms.Form):
    """Which environment, for which team, by which name, and who registers the application."""

    kind = forms.ChoiceField(
        choices=[
            (Connection.Kind.AUTOMATIC, "Isthmus registers it, with my authorization"),
            (Connection.Kind.MANUAL, "An administrator registers it, from instructions"),
        ],
        initial=Connection.Kind.AUTOMATIC,
        required=False,
        widget=forms.RadioSelect,
        label="Who registers the application in Entra?",
        help_text="The first takes an account that may register applications and is a System Administrator "
        "of the environment. The second takes neither; you pass on the instructions and enter what comes back.",
    )
    environment = forms.ChoiceField(
        widget=forms.RadioSelect,
        required=False,
        label="Environment",
        error_messages={"invalid_choice": "Choose again."},
    )
    url = forms.CharField(
        required=False,
        max_length=300,
        label="Or the address of another environment",
        help_text="As in the browser's address bar, for an environment that is not listed.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    team = forms.ModelChoiceField(Team.objects.none(), empty_label=None)
    name = forms.CharField(
        required=False, max_length=100, help_text="Left empty, it is called like the environment."
    )

    def __init__(self, *args: Any, actor: Actor, reachable: Sequence[Reachable], **more: Any) -> None:
        super().__init__(*args, **more)
        self.found = {one.url: one for group in reachable for one in group.environments}
        usable = [one for one in self.found.values() if one.is_enabled]
        self.fields["environment"].choices = [(one.url, label_of(one)) for one in usable]  # type: ignore[attr-defined]
        if len(usable) == 1:
            self.fields["environment"].initial = usable[0].url
        if not usable:
            del self.fields["environment"]
            self.fields["url"].label = "Address of the environment"
        assert actor.user is not None
        teams = teams_with(actor.user, Role.BUILDER)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        if teams.count() == 1:
            self.fields["team"].initial = teams.first()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["address"] = cleaned.get("url") or cleaned.get("environment") or ""
        if not cleaned["address"] and not self.errors:
            self.add_error("environment" if "environment" in self.fields else "url", "Choose an environment.")
        return cleaned

    def chosen(self, actor: Actor) -> dict[str, Any]:
        """Team, environment and name, as `creation.create` takes them. Asks Microsoft about a typed address.

        Raises:
            BadInput: the address is no environment of this cloud, or does not let the person in.

        """
        origin = environments.checked_origin(self.cleaned_data["address"])
        found = self.found.get(origin) or environments.find(actor, origin)
        return {"team": self.cleaned_data["team"], "found": found, "name": self.cleaned_data["name"]}


class IdentifiersForm(forms.Form):
    """What the administrator sends back. The tenant is known from the environment."""

    client_id = forms.CharField(
        max_length=60,
        required=False,
        label="Application (client) ID",
        help_text="From the application's Overview page.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    application_id = forms.CharField(
        max_length=60,
        required=False,
        label="Object ID of the app registration (recommended)",
        help_text="With it the application replaces its own certificate before it expires, with nobody's help; "
        "that needs no permission in Entra. Without it you hand over a new certificate each time.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)


class SendForm(forms.Form):
    address = forms.EmailField(max_length=200, label="E-mail address of the administrator")


class MoveForm(forms.Form):
    """Another team, of those in which the person builds."""

    team = forms.ModelChoiceField(Team.objects.none(), empty_label=None, label="Team")
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, user: User, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["team"].queryset = teams_with(user, Role.BUILDER)  # type: ignore[attr-defined]


class RoleForm(forms.Form):
    """A role generated by Isthmus at some depth, or one of the environment's own."""

    source = forms.ChoiceField(
        choices=[
            ("own", "A role that Isthmus generates: exactly what the integrations need (recommended)"),
            ("existing", "A role that the environment has already"),
        ],
        widget=forms.RadioSelect,
        label="Which role?",
    )
    depth = forms.ChoiceField(
        choices=Connection.Depth.choices,
        required=False,
        label="Whose records may it touch?",
        help_text="For the generated role. The application's user is in the root business unit and owns what it "
        "creates. Tables that belong to the organization have no owner and are always held for the whole of it.",
    )
    role = forms.CharField(
        max_length=100,
        required=False,
        label="Name of the existing role",
        help_text="A role of the root business unit. Isthmus assigns it and never changes it.",
        widget=forms.TextInput(attrs={"list": "roles-there", "autocomplete": "off"}),
    )
    accept = forms.BooleanField(
        required=False, label="I have read what it lacks and has besides, and mean this role"
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("source") == "existing" and not cleaned.get("role", "").strip():
            self.add_error("role", "Name the role.")
        return cleaned


class RenameForm(forms.Form):
    name = forms.CharField(max_length=100)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)


def label_of(found: Found) -> str:
    """One line that tells environments apart."""
    facts = [found.friendly_name, found.url.removeprefix("https://")]
    facts += [found.region] if found.region else []
    if found.is_administrator is not None:
        facts.append(
            "you are an administrator" if found.is_administrator else "you are not an administrator there"
        )
    return " · ".join(facts)


def explain(form: forms.Form, problem: Problem) -> None:
    """Put what a service refused beside the field it speaks of, else above the form."""
    placed = False
    for name, text in problem.fields.items():
        if name in form.fields:
            form.add_error(name, text)
            placed = True
    message = f"{problem.message} {problem.advice}".strip()
    if not placed or problem.message not in problem.fields.values():
        form.add_error(None, message)
