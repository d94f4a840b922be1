"""Keys of a service: who has some, making one, and ending one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import actor_of
from core.problems import BadInput, Missing
from integrations.definition import ActsAs, Operation
from integrations.explaining.curl import curl_opening
from integrations.forms import add_problem
from integrations.forms.keys import ALLOW, KeyForm, chosen_scope, grid
from integrations.metering import usage
from integrations.models import Integration, ServiceKey
from integrations.published import definition_of, version_of
from integrations.services import keys
from integrations.services.stages import stages_of
from integrations.views.common import find, page, service_address


@require_GET
def listed(request: HttpRequest, pk: UUID) -> HttpResponse:
    integration = find(request, pk)
    usage.gather()
    rows = list(integration.keys.select_related("stage", "created_by", "revoked_by"))
    context = page(
        request,
        integration,
        keys=rows,
        live=[each for each in rows if each.state == ServiceKey.State.ACTIVE],
        **_publication(integration),
    )
    return render(request, "integrations/keys.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The answer to a successful form is the key itself, shown this once and kept nowhere."""
    integration = find(request, pk)
    version = version_of(integration)
    definition = definition_of(version.pk)
    versions = list(integration.versions.defer("sealed_definition"))
    posted = request.POST if request.method == "POST" else None
    form = KeyForm(posted, stages=stages_of(integration.team), versions=versions)
    if posted is not None and form.is_valid():
        given = form.cleaned_data
        try:
            key, text = keys.create_key(
                actor_of(request),
                integration,
                given["stage"],
                given["name"],
                scope=chosen_scope(posted),
                version=given["version"],
                expires_at=form.expires_at(),
                calls_per_minute=given["calls_per_minute"],
            )
        except BadInput as problem:
            add_problem(form, problem)
        else:
            shown = curl_opening(service_address(request, integration), text)
            context = page(request, integration, key=key, text=text, curl=shown)
            return render(request, "integrations/key_made.html", context)
    rows = grid(definition, posted.getlist(ALLOW) if posted is not None else ())
    context = page(
        request,
        integration,
        form=form,
        rows=rows,
        operations=[each.value for each in Operation],
        latest=version,
    )
    return render(request, "integrations/key_new.html", context, status=200 if posted is None else 422)


@require_POST
def revoke(request: HttpRequest, pk: UUID, key_id: UUID) -> HttpResponse:
    key = _key(find(request, pk), key_id)
    keys.revoke_key(actor_of(request), key)
    messages.success(request, f"{key.name} is revoked. Calls with it are refused from now on.")
    return redirect("integrations:keys", pk=pk)


@require_POST
def remove(request: HttpRequest, pk: UUID, key_id: UUID) -> HttpResponse:
    key = _key(find(request, pk), key_id)
    keys.remove_key(actor_of(request), key)
    messages.success(request, f"{key.name} is off the list.")
    return redirect("integrations:keys", pk=pk)


def _key(integration: Integration, key_id: UUID) -> ServiceKey:
    rows = integration.keys.select_related("integration__team", "integration__environment", "stage")
    found = rows.filter(pk=key_id).first()
    if found is None:
        raise Missing("There is no such key.", advice="Look at the list of keys.")
    return found


def _publication(integration: Integration) -> dict[str, Any]:
    latest = integration.versions.values_list("pk", flat=True).first()
    acts_as = definition_of(latest).acts_as if latest else None
    return {"published": latest is not None, "as_person": acts_as is ActsAs.PERSON}
