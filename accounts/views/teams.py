"""Teams, their members and roles."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from accounts import rules
from accounts.actors import actor_of, person_of
from accounts.forms import MemberForm, RoleForm, TeamForm
from accounts.models import Membership, Role, Team, User
from accounts.services import teams
from core.problems import BadInput, Missing


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    seen = rules.visible_teams(person_of(request)).prefetch_related("memberships__user")
    rows = [_row(team, person_of(request)) for team in seen]
    return render(request, "accounts/teams.html", {"rows": rows})


def new(request: HttpRequest) -> HttpResponse:
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            team = teams.create(actor_of(request), form.cleaned_data["name"])
        except BadInput as problem:
            form.add_error("name", problem.fields.get("name", problem.message))
        else:
            messages.success(request, f"{team.name} is there. Add its members next.")
            return redirect("accounts:team", team.pk)
    return render(request, "accounts/team_new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, teams.find(actor_of(request), pk))


@require_POST
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    team = teams.find(actor_of(request), pk)
    form = TeamForm(request.POST)
    if not form.is_valid():
        return _page(request, team, rename=form)
    try:
        teams.rename(actor_of(request), team, form.cleaned_data["name"])
    except BadInput as problem:
        form.add_error("name", problem.fields.get("name", problem.message))
        team.refresh_from_db()
        return _page(request, team, rename=form)
    return redirect("accounts:team", pk)


@require_POST
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Make it the team that lists and new things start from."""
    request.session["team"] = teams.find(actor_of(request), pk).pk
    back_to = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(back_to, {request.get_host()}, require_https=request.is_secure())
    # Not redirect(): what it takes for the name of a view instead of an address would break it.
    return HttpResponseRedirect(back_to if ours and back_to.startswith("/") else reverse("home"))


@require_POST
def add_member(request: HttpRequest, pk: int) -> HttpResponse:
    team = teams.find(actor_of(request), pk)
    rules.require_management(actor_of(request), team)
    form = MemberForm(team, request.POST)
    if not form.is_valid():
        return _page(request, team, add=form)
    teams.add(actor_of(request), team, form.cleaned_data["person"], form.cleaned_data["role"])
    messages.success(request, f"{form.cleaned_data['person']} is in {team.name} now.")
    return redirect("accounts:team", pk)


@require_POST
def change_role(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    membership = _membership(request, pk, member)
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise BadInput("There is no such role.", fields={"role": "Choose one of the roles."})
    teams.change_role(actor_of(request), membership, form.cleaned_data["role"])
    messages.success(request, f"{membership.user} is {form.cleaned_data['role'].label.lower()} now.")
    return redirect("accounts:team", pk)


@require_POST
def remove_member(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    membership = _membership(request, pk, member)
    teams.remove(actor_of(request), membership)
    messages.success(request, f"{membership.user} is no longer in {membership.team.name}.")
    stays = rules.visible_teams(person_of(request)).filter(pk=pk).exists()
    return redirect("accounts:team", pk) if stays else redirect("accounts:teams")


def _page(
    request: HttpRequest, team: Team, add: MemberForm | None = None, rename: TeamForm | None = None
) -> HttpResponse:
    manages = person_of(request).has_perm("accounts.manage_team", team)
    context = {
        "team": team,
        "own": rules.role_in(person_of(request), team),
        "manages": manages,
        "memberships": team.memberships.select_related("user").order_by("-role", "user__name"),
        "roles": Role,
        "add": (add or MemberForm(team)) if manages else None,
        "rename": (rename or TeamForm(initial={"name": team.name})) if manages else None,
    }
    return render(request, "accounts/team.html", context, status=422 if add or rename else 200)


def _row(team: Team, person: User) -> dict[str, Any]:
    memberships = list(team.memberships.all())  # prefetched
    return {
        "team": team,
        "own": next((Role(one.role) for one in memberships if one.user_id == person.pk), None),
        "owners": [str(one.user) for one in memberships if one.role == Role.OWNER],
        "members": len(memberships),
    }


def _membership(request: HttpRequest, pk: int, member: int) -> Membership:
    team = teams.find(actor_of(request), pk)
    membership = team.memberships.filter(pk=member).select_related("user", "team").first()
    if membership is None:
        raise Missing("This person is not in the team any more.")
    return membership
