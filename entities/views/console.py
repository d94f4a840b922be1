"""The query console: one page for builders, and the words that it completes."""

import math
from collections.abc import Iterator
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import actor_of
from accounts.models import Role
from accounts.rules import for_person, require_role
from core.problems import BadInput, Missing, Problem
from entities.console.answers import Answer, ask
from entities.tables.writers import TYPES, WRITERS, XlsxWriter
from entities.views.bulk import attachment
from integrations.metadata import catalogue
from integrations.models import Binding, Integration
from integrations.published import binding_of

EXAMPLES = {
    "OData": "accounts?$select=name,revenue&$filter=statecode eq 0&$orderby=name&$top=50",
    "FetchXML": """<fetch top="50">
  <entity name="account">
    <attribute name="name" />
    <attribute name="revenue" />
    <order attribute="name" />
    <filter>
      <condition attribute="statecode" operator="eq" value="0" />
    </filter>
  </entity>
</fetch>""",
}


@require_http_methods(["GET", "HEAD", "POST"])
def console(request: HttpRequest, integration_id: UUID, stage: str) -> HttpResponseBase:
    """Write a query, see its rows, take them along as a file."""
    binding = _binding(request, integration_id, stage)
    text = request.POST.get("query", "")
    answer: Answer | None = None
    trouble: Problem | None = None
    if request.method == "POST":
        try:
            form = request.POST.get("format", "")
            # A file takes along the rows that are seen; a run begins with the first.
            after = request.POST.get("here" if form else "after", "")
            answer = ask(actor_of(request), binding, text, after)
            if form:
                return _file(answer, form)
        except Problem as problem:
            trouble = problem
    context = {
        "binding": binding,
        "integration": binding.integration,
        "text": text,
        "answer": answer,
        "trouble": trouble,
        "examples": EXAMPLES,
    }
    page = render(request, "entities/console.html", context, status=trouble.status if trouble else 200)
    if trouble is not None and trouble.retry_after:
        page.headers["Retry-After"] = str(math.ceil(trouble.retry_after))
    return page


@require_safe
def words(request: HttpRequest, integration_id: UUID, stage: str) -> HttpResponse:
    """What can be completed: the entities, or with `of` (a logical or set name) the attributes of one."""
    binding = _binding(request, integration_id, stage)
    known = catalogue.for_actor(actor_of(request), binding.connection.environment)
    asked = request.GET.get("of", "")
    if not asked:
        found = [
            {"word": name.logical_name, "set": name.entity_set, "label": name.display_name}
            for name in known.names()
        ]
        return JsonResponse({"entities": found})
    entity = next((name for name in known.names() if asked in {name.logical_name, name.entity_set}), None)
    if entity is None:
        raise Missing("The environment has no such entity.", advice="Check its name.")
    attributes = known.entity(entity.logical_name).attributes
    return JsonResponse(
        {
            "attributes": [
                {"word": each.logical_name, "label": each.display_name, "type": each.type}
                for each in attributes
            ]
        }
    )


def _binding(request: HttpRequest, integration_id: UUID, stage: str) -> Binding:
    rows = for_person(Integration.objects.select_related("team", "environment"), request.user)
    integration = rows.filter(pk=integration_id).first()
    if integration is None:
        raise Missing(
            "There is no such integration, or it belongs to a team you are not in.",
            advice="Ask an owner of the team for access.",
        )
    require_role(actor_of(request), integration.team, Role.BUILDER)
    binding = binding_of(integration, stage)
    binding.integration = integration
    return binding


def _file(answer: Answer, form: str) -> StreamingHttpResponse:
    if form not in WRITERS:
        raise BadInput("Choose CSV, Excel or JSON.")
    return attachment(StreamingHttpResponse(_written(answer, form)), f"query.{form}", TYPES[form])


def _written(answer: Answer, form: str) -> Iterator[bytes]:
    writer = WRITERS[form](answer.headers)
    try:
        for cells in answer.cells():
            writer.row(cells)
        yield from writer.close()
    finally:
        if isinstance(writer, XlsxWriter):
            writer.discard()
