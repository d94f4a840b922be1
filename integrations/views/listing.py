"""All integrations a person may see, and the overview of one."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.actors import person_of
from accounts.models import Role
from accounts.rules import for_person, teams_with
from integrations.models import Integration
from integrations.services.drifts import affected
from integrations.services.publishing import review
from integrations.views.common import find, page


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    rows = for_person(Integration.objects.select_related("team", "environment"), person)
    cards = [
        {
            "integration": each,
            "review": review(each),
            "bindings": list(each.bindings.select_related("stage", "connection")),
            "drift": each.drifts.first(),
        }
        for each in rows
    ]
    may_build = teams_with(person, Role.BUILDER).exists()
    return render(request, "integrations/list.html", {"cards": cards, "may_build": may_build})


@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    integration = find(request, pk)
    bindings = {each.stage_id: each for each in integration.bindings.select_related("connection")}
    context = page(
        request,
        integration,
        review=review(integration),
        versions=integration.versions.defer("sealed_definition").select_related("author"),
        bindings=list(bindings.values()),
        stages=[(stage, bindings.get(stage.pk)) for stage in integration.team.stages.all()],
        drifts=[
            {"drift": each, **affected(each)} for each in integration.drifts.select_related("environment")
        ],
    )
    return render(request, "integrations/detail.html", context)
