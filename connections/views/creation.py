"""A new connection: authorise, choose an environment, go."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts import gate
from accounts.actors import Actor, actor_of, person_of
from accounts.context import current_team
from accounts.gate import GateClosed
from accounts.models import Role, Team
from accounts.reach import Reach
from accounts.rules import teams_with
from connections.forms import ConnectionForm, explain
from connections.models import Connection
from connections.services import creation, environments
from connections.services.environments import Reachable
from core.problems import BadInput

MANUAL = Connection.Kind.MANUAL


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    teams = teams_with(person_of(request), Role.BUILDER)
    if not teams.exists():
        return render(request, "connections/new.html", {"no_team": True}, status=403)
    posted = request.POST if request.method == "POST" else None
    wanted = Reach.IDENTITY if (posted or request.GET).get("kind") == MANUAL else Reach.GRAPH
    reachable = environments.discover(actor, reach=wanted, back_to=request.path)
    form = ConnectionForm(posted, initial=_initial(request), actor=actor, reachable=reachable)
    closed: GateClosed | None = None
    if posted is not None and form.is_valid():
        try:
            connection = _create(actor, form)
        except GateClosed as problem:
            closed = problem
        except BadInput as problem:
            explain(form, problem)
        else:
            page = "connections:hand_over" if connection.is_manual else "connections:detail"
            return redirect(page, pk=connection.pk)
    context = {
        "form": form,
        "reachable": reachable,
        "closed": closed,
        "gates": [] if closed else _closed_gates(actor, teams.first(), reachable),
        **_first_time(request, reachable),
    }
    return render(
        request, "connections/new.html", context, status=403 if closed else 422 if form.errors else 200
    )


def _create(actor: Actor, form: ConnectionForm) -> Connection:
    chosen, kind = form.chosen(actor), form.cleaned_data["kind"] or Connection.Kind.AUTOMATIC
    kept = {
        "environment": chosen["found"].url,
        "team": chosen["team"].pk,
        "name": chosen["name"],
        "kind": kind,
    }
    create = creation.create_manual if kind == MANUAL else creation.create
    return create(actor, **chosen, back_to=f"{reverse('connections:new')}?{urlencode(kept)}")


def _first_time(request: HttpRequest, reachable: list[Reachable]) -> dict[str, Any]:
    """Where nothing can be looked up before the person has authorised: that, instead of a form full of trouble."""
    waiting = [group for group in reachable if group.problem is not None and group.problem.remedy]
    tenant = waiting[0].authorization.tenant_id if waiting else ""
    return {
        "nothing_known": len(waiting) == len(reachable),
        "first_time": len(waiting) == len(reachable) and request.method == "GET",
        "authorise": gate.remedy(tenant, Reach.GRAPH, back_to=request.path),
        "authorise_less": gate.remedy(tenant, Reach.IDENTITY, back_to=f"{request.path}?kind={MANUAL}"),
        "said": [group.problem for group in waiting],
    }


def _initial(request: HttpRequest) -> dict[str, object]:
    """What was filled in before a round trip to Microsoft; else the team that the person works in."""
    kept = {
        name: request.GET[name] for name in ("environment", "name", "team", "kind") if request.GET.get(name)
    }
    return {"team": current_team(request), **kept}


def _closed_gates(actor: Actor, team: Team | None, reachable: list[Reachable]) -> list[gate.Gate]:
    """For each tenant that has environments: what is still missing to register an application there."""
    tenants = {found.tenant_id for group in reachable for found in group.environments}
    page = reverse("connections:new")
    checked = [gate.check(actor, team, tenant, Reach.GRAPH, back_to=page) for tenant in tenants if team]
    return [one for one in checked if not one.open]
