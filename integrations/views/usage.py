"""How much a service is used, by whom, and how that ends."""

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from integrations.metering import figures, usage
from integrations.models import RecentCall
from integrations.views.common import find, page

SHOWN = 50


@require_GET
def shown(request: HttpRequest, pk: UUID) -> HttpResponse:
    integration = find(request, pk)
    usage.gather()
    period = figures.period_of(request.GET.get("period", ""))
    rows = figures.rows_of(integration, period)
    names = {str(pk): name for pk, name in integration.keys.values_list("pk", "name")}
    failed = request.GET.get("calls") == "failed"
    recent = integration.recent_calls.filter(status__gte=400) if failed else integration.recent_calls.all()
    context = page(
        request,
        integration,
        period=period,
        periods=figures.PERIODS,
        total=figures.total(rows),
        bars=figures.bars(rows, period),
        by_operation=figures.grouped(rows, lambda row: (row.entity, row.operation)),
        by_key=[
            (names.get(caller, "A removed key"), found)
            for caller, found in figures.grouped(rows, lambda row: row.caller)
        ],
        recent=[_with_key(call, names) for call in recent[:SHOWN]],
        failed=failed,
    )
    return render(request, "integrations/usage.html", context)


def _with_key(call: RecentCall, names: Mapping[str, str]) -> tuple[RecentCall, str]:
    return call, names.get(call.caller, "A removed key")
