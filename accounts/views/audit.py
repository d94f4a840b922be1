"""The audit trail's page."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.actors import person_of
from accounts.models import Team
from accounts.rules import visible_teams
from accounts.services import trail


class FilterForm(forms.Form):
    team = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label="Every team")
    subject_type = forms.ChoiceField(required=False, label="Kind of thing")
    subject_id = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    actor = forms.CharField(required=False, max_length=200, label="Who")
    unfinished = forms.BooleanField(required=False, label="Unfinished only")
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    form = FilterForm(request.GET)
    form.fields["team"].queryset = visible_teams(person)  # type: ignore[attr-defined]
    kinds = [(kind, kind.partition(".")[2]) for kind in trail.subject_types(person)]
    form.fields["subject_type"].choices = [("", "Everything"), *kinds]  # type: ignore[attr-defined]
    if not form.is_valid():
        context = {"form": form, "entries": [], "older": "", "filtered": True}
        return render(request, "accounts/audit.html", context, status=422)
    given = dict(form.cleaned_data)
    before = given.pop("before")
    given["team"] = given["team"].pk if given["team"] else None
    entries, cursor = trail.page(person, given, before)
    query = request.GET.copy()
    query["before"] = str(cursor or "")
    newest = request.GET.copy()
    newest.pop("before", None)
    context = {
        "form": form,
        "entries": entries,
        "older": f"?{query.urlencode()}" if cursor else "",
        "newest": f"?{newest.urlencode()}" if before else "",
        "filtered": any(given.values()),
        "paged": before is not None,
    }
    return render(request, "accounts/audit.html", context)
