"""Where a team is told what happens: its members' e-mail, and servers of its own."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import actor_of, person_of
from accounts.forms import WebhookForm
from accounts.models import Role, Team, Webhook
from accounts.services import teams, webhooks
from core.problems import BadInput, Unavailable


@never_cache
@require_http_methods(["GET", "POST"])
def notices(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; posting adds a webhook and shows its secret, this once."""
    team = teams.find(actor_of(request), pk)
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            webhook, secret = webhooks.create(actor_of(request), team, form.cleaned_data["url"])
        except (BadInput, Unavailable) as problem:
            form.add_error("url", problem.message)
        else:
            return _page(request, team, fresh=webhook, secret=secret)
    return _page(request, team, form=form)


@never_cache
@require_POST
def renew_secret(request: HttpRequest, pk: int, webhook: UUID) -> HttpResponse:
    team = teams.find(actor_of(request), pk)
    row = webhooks.find(team, webhook)
    secret = webhooks.renew_secret(actor_of(request), row)
    return _page(request, team, fresh=row, secret=secret)


@require_POST
def test(request: HttpRequest, pk: int, webhook: UUID) -> HttpResponse:
    row = webhooks.find(teams.find(actor_of(request), pk), webhook)
    try:
        webhooks.test(actor_of(request), row)
    except (BadInput, Unavailable) as problem:
        messages.error(request, f"The test was not taken: {problem.message}")
    else:
        messages.success(request, f"{row} took the test.")
    return redirect("accounts:notices", pk)


@require_POST
def remove(request: HttpRequest, pk: int, webhook: UUID) -> HttpResponse:
    row = webhooks.find(teams.find(actor_of(request), pk), webhook)
    webhooks.remove(actor_of(request), row)
    messages.success(request, f"Nothing is sent to {row} any more.")
    return redirect("accounts:notices", pk)


def _page(
    request: HttpRequest,
    team: Team,
    *,
    form: WebhookForm | None = None,
    fresh: Webhook | None = None,
    secret: str = "",
) -> HttpResponse:
    told = team.memberships.filter(role__gte=Role.BUILDER, user__is_active=True).select_related("user")
    context = {
        "team": team,
        "webhooks": team.webhooks.select_related("created_by"),
        "form": WebhookForm() if form is None else form,
        "fresh": fresh,
        "secret": secret,
        "manages": person_of(request).has_perm("accounts.manage_team", team),
        "told": [(one.user, one.user.address) for one in told],
    }
    wrong = form is not None and form.errors
    return render(request, "accounts/notices.html", context, status=422 if wrong else 200)
