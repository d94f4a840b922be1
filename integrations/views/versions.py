"""What was published: every version, what changed from one to another, and what becomes of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.actors import actor_of
from core.problems import BadInput
from integrations.differences import differences
from integrations.explaining.signatures import signatures
from integrations.forms import DeprecateForm, add_problem
from integrations.models import Integration, Version
from integrations.privileges import needed
from integrations.published import definition_of, number_of
from integrations.services import publishing, transfer, versions
from integrations.views.common import find, page, revision_of

DRAFT = "draft"


@require_GET
def listed(request: HttpRequest, pk: UUID) -> HttpResponse:
    """All versions, and the differences between any two of them or the draft."""
    integration = find(request, pk)
    rows = list(integration.versions.defer("sealed_definition").select_related("author"))
    numbers = [row.number for row in rows]
    context = page(request, integration, versions=rows, sides=[DRAFT, *map(str, numbers)])
    if rows:
        context |= _compared(integration, request, numbers)
    return render(request, "integrations/versions.html", context)


@require_GET
def detail(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    integration = find(request, pk)
    version = number_of(integration, number)
    return render(request, "integrations/version.html", _portrait(request, integration, version))


@require_GET
def export(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The YAML file of a version (`?version=n`), or of the draft."""
    integration = find(request, pk)
    given = request.GET.get("version", "")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else None
    text = transfer.exported(actor_of(request), integration, number, draft=number is None)
    name = f"{integration.service_name}-{f'v{number}' if number else 'draft'}.yaml"
    return HttpResponse(
        text,
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
def deprecate(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    integration = find(request, pk)
    form = DeprecateForm(request.POST)
    if form.is_valid():
        try:
            versions.deprecate(actor_of(request), integration, number, **form.cleaned_data)
        except BadInput as problem:
            add_problem(form, problem)
        else:
            messages.success(request, f"Version {number} is deprecated. It works as before, and says so.")
            return redirect("integrations:version", pk=pk, number=number)
    context = _portrait(request, integration, number_of(integration, number), form)
    return render(request, "integrations/version.html", context, status=422)


@require_POST
def withdraw(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    versions.withdraw(actor_of(request), find(request, pk), number, request.POST.get("note", "")[:2000])
    messages.success(request, f"Version {number} is withdrawn: nobody can use it any more.")
    return redirect("integrations:version", pk=pk, number=number)


@require_POST
def reinstate(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    versions.reinstate(actor_of(request), find(request, pk), number)
    messages.success(request, f"Version {number} can be used as before.")
    return redirect("integrations:version", pk=pk, number=number)


@require_POST
def restore(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    versions.load_into_draft(actor_of(request), find(request, pk), revision_of(request), number)
    messages.success(request, f"The draft is now what version {number} offers.")
    return redirect("integrations:review", pk=pk)


def _portrait(
    request: HttpRequest, integration: Integration, version: Version, form: DeprecateForm | None = None
) -> dict[str, Any]:
    definition = definition_of(version.pk)
    seen = publishing.review(integration, definition)
    form = form or DeprecateForm(initial={"note": version.state_note, "ends_on": version.ends_on})
    return page(
        request,
        integration,
        published=version,
        state=_state(version, seen.latest),
        number_text=f"v{version.number}",
        definition=definition,
        review=seen,
        form=form,
        signatures=signatures(definition),
        privileges=needed(definition),
    )


def _state(version: Version, latest: Version | None) -> str:
    """A current version that a later one has followed is superseded."""
    if version.state == Version.State.CURRENT and latest is not None and latest.number > version.number:
        return "superseded"
    return version.state


def _compared(integration: Integration, request: HttpRequest, numbers: list[int]) -> dict[str, Any]:
    usual = str(numbers[1]) if len(numbers) > 1 else str(numbers[0])
    older, newer = request.GET.get("from", usual), request.GET.get("to", str(numbers[0]))
    known = {DRAFT, *map(str, numbers)}
    if older not in known or newer not in known:
        older, newer = usual, str(numbers[0])
    changes = differences(_definition(integration, older), _definition(integration, newer))
    return {"older": older, "newer": newer, "changes": changes}


def _definition(integration: Integration, side: str) -> Any:
    return integration.draft if side == DRAFT else definition_of(number_of(integration, int(side)).pk)
