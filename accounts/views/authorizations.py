"""A person's own authorizations: see them, give one, take one back."""

import json
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts import awaiting, gate, vault
from accounts.actors import actor_of, person_of
from accounts.cards import Card
from accounts.models import Authorization
from accounts.reach import Reach, in_words
from accounts.refusals import admin_consent_url
from accounts.roundtrips import depart
from accounts.wanted import Wanted
from core.problems import BadInput, Missing

MOST_CLAIMS = 4000


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    mine = Authorization.objects.here().filter(user=person_of(request))
    return render(request, "accounts/authorizations.html", {"cards": [Card.of(one) for one in mine]})


@require_POST
def authorise(request: HttpRequest) -> HttpResponse:
    """Off to Microsoft with ?tenant, ?reach and ?next; back to `next`, which must be a page of ours."""
    return depart(request, _wanted(request))


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    authorization = _mine(request, pk)
    vault.revoke(actor_of(request), authorization)
    messages.success(
        request, f"Your authorization for {authorization} is taken back. Isthmus has destroyed its tokens."
    )
    return redirect("accounts:authorizations")


@require_GET
def admin_consent(request: HttpRequest) -> HttpResponse:
    """What a person sends to the administrator of their tenant."""
    reach = _reach(request)
    wanted = Wanted.authorise(reach, tenant=_tenant(request))
    address = admin_consent_url(wanted)
    permissions = [in_words(scope) for scope in reach.scopes]
    return render(
        request,
        "accounts/admin_consent.html",
        {"address": address, "permissions": permissions, "reach": reach, "tenant": wanted.tenant},
    )


@require_GET
def consent_state(request: HttpRequest) -> HttpResponse:
    """The part of that page which waits; it asks again until they have agreed."""
    reach, tenant = _reach(request), _tenant(request)
    answer = awaiting.look(person_of(request), tenant, reach)
    context = {"answer": answer, "reach": reach, "tenant": tenant}
    return render(request, "accounts/includes/consent_state.html", context)


@login_not_required
@require_GET
def consented(request: HttpRequest) -> HttpResponse:
    """Where Microsoft sends the administrator afterwards: somebody who may have no account here at all."""
    return render(request, "accounts/consented.html", {"agreed": request.GET.get("agreed") == "1"})


def _wanted(request: HttpRequest) -> Wanted:
    reach, tenant = _reach(request), _tenant(request)
    if _given(request, "another"):
        return Wanted.authorise(reach)
    known = gate.authorization_for(person_of(request), tenant) if tenant else None
    live = known if known and known.state != Authorization.State.REVOKED else None
    return Wanted.authorise(
        reach,
        tenant=tenant,
        login_hint=live.account_name if live else "",
        claims=(live.claims if live else "") or _claims(request),
    )


def _reach(request: HttpRequest) -> Reach:
    try:
        return Reach(_given(request, "reach") or Reach.IDENTITY.value)
    except ValueError:
        raise BadInput("There is no such reach.", fields={"reach": "identity or graph"}) from None


def _tenant(request: HttpRequest) -> str:
    given = _given(request, "tenant")
    try:
        return str(UUID(given)) if given else ""
    except ValueError:
        raise BadInput("This is not the id of a tenant.", fields={"tenant": "a GUID"}) from None


def _claims(request: HttpRequest) -> str:
    """A challenge that came back instead of a code. It can only make Microsoft ask for more."""
    given = _given(request, "claims")
    try:
        understood = isinstance(json.loads(given or "{}"), dict)
    except ValueError:
        understood = False
    if not understood or len(given) > MOST_CLAIMS:
        raise BadInput("This is not a claims challenge.", fields={"claims": "a JSON object"})
    return given


def _given(request: HttpRequest, name: str) -> str:
    return request.POST.get(name) or request.GET.get(name) or ""


def _mine(request: HttpRequest, pk: int) -> Authorization:
    authorization = Authorization.objects.here().filter(user=person_of(request), pk=pk).first()
    if authorization is None:
        raise Missing("You have no such authorization.")
    return authorization
