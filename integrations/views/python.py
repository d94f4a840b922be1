"""The generated Python package of a published version, to download."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.actors import actor_of
from core.problems import BadInput, Missing
from integrations.generation.build import Form
from integrations.services.python import package
from integrations.views.common import find


@require_safe
def download(request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
    integration = find(request, pk)
    archive = package(actor_of(request), integration, _form(form), _number(request.GET.get("version", "")))
    return HttpResponse(
        archive.content,
        content_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{archive.name}"'},
    )


def _form(text: str) -> Form:
    try:
        return Form(text)
    except ValueError:
        raise Missing(f"There is no package of the form “{text[:20]}”: wheel or sdist.") from None


def _number(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 10**6:
        raise BadInput(f"“{text[:20]}” is not the number of a version.")
    return int(text)
