"""What things are called, and who acts in Dynamics."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.actors import actor_of
from core.problems import BadInput, Clash
from integrations.definition import ActsAs
from integrations.forms import ENTITY, NamesForm, add_problem
from integrations.services import drafts
from integrations.views.common import find, page, revision_of


@require_http_methods(["GET", "POST"])
def names(request: HttpRequest, pk: UUID) -> HttpResponse:
    integration = find(request, pk)
    clash: Clash | None = None
    published = integration.versions.exists()
    form = NamesForm(integration, request.POST if request.method == "POST" else None, published=published)
    if request.method == "POST" and form.is_valid():
        try:
            drafts.name_parts(
                actor_of(request),
                integration,
                revision_of(request),
                name=form.cleaned_data["name"],
                service_name=form.cleaned_data["service_name"],
                acts_as=ActsAs(form.cleaned_data["acts_as"]),
                called=form.called(),
            )
        except BadInput as trouble:
            add_problem(form, trouble, ENTITY)
        except Clash as trouble:
            clash = trouble
        else:
            messages.success(request, "The names are saved.")
            return redirect("integrations:review", pk=integration.pk)
    entity_fields = [form[name] for name in form.fields if name.startswith(ENTITY)]
    context = page(
        request, integration, form=form, problem=clash, entity_fields=entity_fields, ACTS_AS=ActsAs
    )
    status = clash.status if clash else 422 if request.method == "POST" else 200
    return render(request, "integrations/names.html", context, status=status)
