"""To Microsoft and back."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from social_core.actions import do_auth
from social_django import utils, views

from accounts.backends import Entra
from accounts.wanted import Wanted
from core.problems import Missing


def depart(request: HttpRequest, wanted: Wanted) -> HttpResponse:
    """Send the browser to Microsoft for this, and have it come back to ?next, if that is a page of ours."""
    entra = _entra(request)
    entra.wanted = wanted
    request.session.pop("next", None)  # left by a round trip that was given up
    target = request.POST.get("next") or request.GET.get("next")
    if target:
        given = request.POST.copy()
        given["next"] = target  # where do_auth looks for it; it refuses other hosts
        request.POST = given  # type: ignore[assignment]
    user = request.user if request.user.is_authenticated else None
    return do_auth(entra, user=cast("Any", user))


def arrive(request: HttpRequest, backend: str) -> HttpResponse:
    """Take the browser back from Microsoft, through social-auth's pipeline.

    Raises:
        SocialAuthBaseException, MicrosoftError, Problem: whatever went wrong on the way.

    """
    only_entra(backend)
    try:
        return cast("HttpResponse", views.complete(request, backend))
    finally:
        request.session.pop("next", None)


def only_entra(backend: str) -> None:
    if backend != Entra.name:
        raise Missing("There is no such way to sign in.")


def trip_of(request: HttpRequest) -> Wanted | None:
    """What the round trip that just ended was for; None when this browser did not begin it."""
    backend = getattr(request, "backend", None)
    if not isinstance(backend, Entra):
        return None
    return backend.wanted or backend.wanted_by(str(request.GET.get("state", "")))


def _entra(request: HttpRequest) -> Entra:
    load_strategy, load_backend = cast("Any", utils.load_strategy), cast("Any", utils.load_backend)
    complete = reverse("social:complete", args=[Entra.name])
    backend = load_backend(load_strategy(request), Entra.name, redirect_uri=complete)
    request.backend = backend  # type: ignore[attr-defined]
    return cast("Entra", backend)
