"""Addresses of these tests: the portal's own, and pages that show every piece."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.urls import include, path

from core import clock
from core.problems import NotPermitted, Remedy, Unavailable
from core.templatetags.isthmus.states import LOOKS

PAGES = Path(__file__).parent / "pages"
asked: Counter[str] = Counter()
finished = Event()


class ConnectionForm(forms.Form):
    name = forms.CharField(max_length=20, help_text="How your team will speak of it.")
    environment = forms.ChoiceField(
        choices=[("dev", "Contoso Sales (Development)"), ("prod", "Contoso Sales")]
    )
    kind = forms.ChoiceField(
        choices=[("automatic", "Automatic"), ("manual", "Manual")],
        widget=forms.RadioSelect,
        initial="automatic",
    )
    stages = forms.MultipleChoiceField(
        choices=[("dev", "Development"), ("prod", "Production")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    notes = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    agree = forms.BooleanField(label="Apply the role at once", required=False)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def steps() -> list[dict[str, Any]]:
    now = clock.now()
    return [
        {
            "title": "Make a key pair",
            "state": "done",
            "started_at": now,
            "finished_at": now + timedelta(seconds=0.34),
        },
        {
            "title": "Register the application",
            "state": "done",
            "found": True,
            "ids": {"object id": "2f1c8f0e-7a57-4a8e-9d83-1f7c6ab0e3d1"},
            "started_at": now,
            "finished_at": now + timedelta(seconds=2.1),
        },
        {
            "title": "Create the service principal",
            "state": "running",
            "message": "Waiting until Entra has replicated the application.",
            "started_at": now - timedelta(seconds=42),
        },
        {"title": "Assign the role", "state": "failed", "message": "prvAssignRole is missing."},
        {"name": "proof", "state": "pending"},
    ]


def rows() -> list[SimpleNamespace]:
    now = clock.now()
    names = ["Contoso Sales", "Contoso Service", "Fabrikam", "Nordwind Größen", "Woodgrove", "Tailspin"]
    states = ["ready", "role_pending", "expired", "provisioning", "degraded", "disabled"]
    return [
        SimpleNamespace(
            name=name,
            state=state,
            kind="Automatic",
            environment=f"{name} (Development)",
            calls=12480 // (at + 1),
            used=now - timedelta(minutes=7 * 9**at) if at < 4 else None,
        )
        for at, (name, state) in enumerate(zip(names, states, strict=True))
    ]


def gallery(request: HttpRequest) -> HttpResponse:
    trouble = Unavailable(
        "Dataverse did not answer within 150 seconds.",
        title="Microsoft does not answer as it should",
        advice="Nothing was changed. Try again in a few minutes.",
        ids={"request-id": "0b6f9c4e", "x-ms-service-request-id": "d1b7c3a2-0f6a-4bd4-8f0e-1b2e"},
        remedy=Remedy("Try again", "/gallery/", post=True),
    )
    context = {
        "items": steps(),
        "rows": rows(),
        "form": ConnectionForm(request.POST or None),
        "trouble": trouble,
        "looks": {kind: list(states) for kind, states in LOOKS.items()},
        "now": clock.now(),
    }
    return HttpResponse(page("gallery.html").render(context, request))


def page(name: str) -> Any:
    return engines["django"].from_string((PAGES / name).read_text())


def counting(request: HttpRequest) -> HttpResponse:
    """A page with a live region, which is done when the test says so."""
    return HttpResponse(page("counting.html").render({"answers": 0}, request))


def count(request: HttpRequest) -> HttpResponse:
    asked["count"] += 1
    if asked["count"] == 2:
        return HttpResponse("down", status=503)
    return HttpResponse(
        page("counting_region.html").render(
            {"answers": asked["count"], "finished": finished.is_set()}, request
        )
    )


@login_not_required
def failing(request: HttpRequest, status: int) -> HttpResponse:
    trouble = NotPermitted("This connection belongs to the team Sales.", ids={"request-id": "0b6f9c4e"})
    context = {"problem": trouble} if status == 403 else {"request_id": "0b6f9c4e"}
    return render(request, f"{status}.html", context, status=status)


def ask(request: HttpRequest) -> HttpResponse:
    asked[request.POST.get("what", "nothing")] += 1
    return HttpResponse(page("asked.html").render({"asked": dict(asked)}, request))


urlpatterns = [
    path("gallery/", gallery),
    path("gallery/counting/", counting),
    path("gallery/counting/region/", count, name="count"),
    path("gallery/ask/", ask, name="ask"),
    path("gallery/failing/<int:status>/", failing),
    path("", include("config.urls")),
]
