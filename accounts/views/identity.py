"""In and out: password sign-in, the round trips to Microsoft, sign-out."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from social_core.exceptions import SocialAuthBaseException

from accounts import awaiting
from accounts.refusals import ADMIN_CONSENT_STATE, problem_of
from accounts.roundtrips import arrive, depart, only_entra, trip_of
from accounts.wanted import Wanted
from core.cloud import cloud
from core.problems import Missing
from microsoft.errors import AdminConsentRequired, MicrosoftError


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    """Microsoft's button for everybody, and a password for whoever administers the site."""

    template_name = "registration/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(microsoft_ready=bool(settings.ENTRA_CLIENT_ID), **more)


class SignOut(LogoutView):
    """Ends the session here. The one at Microsoft is the person's to end; the next page offers it."""

    next_page = "accounts:signed_out"


@login_not_required
@require_GET
def signed_out(request: HttpRequest) -> HttpResponse:
    back = {"post_logout_redirect_uri": settings.SITE_URL + reverse("accounts:sign_in")}
    microsoft = f"{cloud().authorize}/common/oauth2/v2.0/logout?{urlencode(back)}"
    return render(request, "accounts/signed_out.html", {"microsoft_sign_out": microsoft})


@never_cache
@login_not_required
@require_POST
def begin(request: HttpRequest, backend: str) -> HttpResponse:
    """Off to Microsoft, to say who one is."""
    only_entra(backend)
    return depart(request, Wanted.sign_in())


@never_cache
@login_not_required
@csrf_exempt
def complete(request: HttpRequest, backend: str) -> HttpResponse:
    """Back from Microsoft. What went wrong becomes a page with one button, and costs nothing that was there."""
    if request.GET.get("state") == ADMIN_CONSENT_STATE:
        agreed = request.GET.get("admin_consent", "").lower() == "true" and "error" not in request.GET
        return redirect(f"{reverse('accounts:consented')}?agreed={int(agreed)}")
    person, back_to = request.user, request.session.get("next", "")
    try:
        return arrive(request, backend)
    except (SocialAuthBaseException, MicrosoftError) as error:
        trip = trip_of(request)
        if isinstance(error, AdminConsentRequired):
            awaiting.begin(person, trip)
        raise problem_of(error, trip, person, back_to) from error


def no_disconnect(_request: HttpRequest, **_where: Any) -> HttpResponse:
    """social-auth would drop the link and leave the tokens; an authorization is taken back on its own page."""
    raise Missing("There is nothing here.", advice="Take an authorization back under My authorizations.")
