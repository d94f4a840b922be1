from typing import Any
from zoneinfo import available_timezones

from django import forms

from accounts.models import Role, Team, User


class TeamForm(forms.Form):
    name = forms.CharField(max_length=100, label="Name")


class MemberForm(forms.Form):
    """People who have signed in before and are not in the team yet."""

    person = forms.ModelChoiceField(User.objects.none(), label="Person", empty_label="Choose a person")
    role = forms.TypedChoiceField(
        choices=Role.choices, coerce=lambda value: Role(int(value)), initial=Role.VIEWER
    )

    def __init__(self, team: Team, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = (
            User.objects.filter(is_active=True).exclude(memberships__team=team).order_by("name", "username")
        )
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["person"].label_from_instance = _with_username  # type: ignore[attr-defined]


class RoleForm(forms.Form):
    role = forms.TypedChoiceField(choices=Role.choices, coerce=lambda value: Role(int(value)))


class WebhookForm(forms.Form):
    url = forms.CharField(
        max_length=2000,
        label="Address",
        help_text="It begins with https:// and is kept encrypted, as such addresses are often secrets themselves.",
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
    )


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    time_zone = forms.ChoiceField(label="Time zone", help_text="Dates and times you type are read in it.")

    class Meta:
        model = User
        fields = ("name", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [(zone, zone) for zone in sorted(available_timezones())]  # type: ignore[attr-defined]


def _with_username(person: User) -> str:
    return f"{person} ({person.username})" if person.name else person.username
