"""Changing what a connection is, on pages with a form: name, team, role, and whether it stays."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import gate
from accounts.actors import Actor, actor_of, person_of
from connections.forms import MoveForm, RenameForm, RoleForm, explain
from connections.models import Connection
from connections.plans import has_worked, removal_of
from connections.services import access, editing, lifecycle, removal
from connections.services.editing import RoleCheck
from connections.views.portrait import portrait
from core.problems import BadInput, Clash, NotPermitted
from microsoft.errors import MicrosoftError


@require_POST
def rename(request: HttpRequest, pk: UUID) -> HttpResponse:
    actor = actor_of(request)
    connection = Connection.objects.one_for(person_of(request), pk)
    form = RenameForm(request.POST)
    if form.is_valid():
        try:
            left = lifecycle.rename(
                actor, connection, form.cleaned_data["name"], form.cleaned_data["revision"]
            )
        except BadInput as problem:
            explain(form, problem)
        else:
            messages.success(request, "Renamed.")
            if left:
                messages.warning(request, f"Its application in Entra keeps the old name: {left}")
            return redirect("connections:detail", pk=pk)
    context: dict[str, Any] = portrait(actor, connection) | {"rename_form": form}
    return render(request, "connections/detail.html", context, status=422)


@require_POST
def move(request: HttpRequest, pk: UUID) -> HttpResponse:
    actor, person = actor_of(request), person_of(request)
    connection = Connection.objects.one_for(person, pk)
    form = MoveForm(request.POST, user=person)
    if form.is_valid():
        try:
            editing.move(actor, connection, form.cleaned_data["team"], form.cleaned_data["revision"])
        except BadInput as problem:
            explain(form, problem)
        else:
            messages.success(request, f"{connection} belongs to {connection.team} now.")
            return redirect("connections:detail", pk=pk)
    else:
        access.require(actor, connection)  # whoever may not change it learns that first
    context: dict[str, Any] = portrait(actor, connection) | {"move_form": form}
    return render(request, "connections/detail.html", context, status=422)


@require_http_methods(["GET", "POST"])
def choose_role(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Depth of the generated role, or another role; what one lacks and has besides is shown before it is used."""
    actor = actor_of(request)
    connection = Connection.objects.one_for(person_of(request), pk)
    posted = request.POST if request.method == "POST" else None
    looks = posted is not None and "preview" in posted
    form = RoleForm(posted, initial=_as_it_is(connection))
    found: RoleCheck | None = None
    if posted is not None and form.is_valid() and not looks:
        given = dict(form.cleaned_data)
        try:
            said = _choose(actor, connection, given)
        except BadInput as problem:
            if problem.code in ("misfit", "forbidden"):
                found = editing.compare(actor, connection, given["role"])
                form.add_error("accept" if problem.code == "misfit" else "role", problem.fields["role"])
            else:
                explain(form, problem)
        else:
            messages.success(request, said)
            return redirect("connections:detail", pk=pk)
    context = {
        "connection": connection,
        "environment": connection.environment,
        "gate": gate.check(actor, connection.team, connection.environment.tenant_id, back_to=request.path),
        "form": form,
        "found": found,
        "there": _there(actor, connection),
        "asks": found is not None and not found.forbidden,
        **_preview(actor, connection, form["depth"].value() or connection.depth, asked=looks),
    }
    return render(request, "connections/role.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What would be taken away and what would stop; removal is asked for twice where something uses it."""
    actor = actor_of(request)
    connection = Connection.objects.one_for(person_of(request), pk)
    if request.method == "POST":
        removal.remove(actor, connection, although_used=request.POST.get("although_used") == "yes")
        undone = "undone" if _is_undo(connection) else "taken away"
        messages.success(request, f"Calls are stopped, and everything at Microsoft is being {undone}.")
        return redirect("connections:detail", pk=pk)
    context = portrait(actor, connection) | {
        "used_by": removal.users_of(connection),
        "plan": removal_of(connection),
        "undo": _is_undo(connection),
    }
    return render(request, "connections/remove.html", context)


def _preview(actor: Actor, connection: Connection, depth: str, *, asked: bool) -> dict[str, Any]:
    """What the role would hold, and in one sentence how that differs from now. Only who asks is told what is wrong."""
    try:
        changes = editing.preview(actor, connection, depth)
    except BadInput:
        changes, depth = editing.preview(actor, connection, connection.depth), connection.depth
    except (MicrosoftError, NotPermitted):
        if asked:
            raise
        changes, depth = editing.preview(actor, connection, connection.depth), connection.depth
    differing = sum(change.differs for change in changes)
    said = (
        f"{differing} of {len(changes)} privileges would differ from what it holds now."
        if differing
        else "That is what it holds now. It follows the integrations by itself."
    )
    return {"changes": changes, "summary": f"Reaching: {Connection.Depth(depth).label.lower()}. {said}"}


def _is_undo(connection: Connection) -> bool:
    """What an administrator has registered is not for Isthmus to take back without a trace."""
    return not connection.is_manual and not has_worked(connection)


def _as_it_is(connection: Connection) -> dict[str, Any]:
    return {
        "source": "existing" if connection.existing_role else "own",
        "depth": connection.depth,
        "role": connection.existing_role,
        "revision": connection.revision,
    }


def _choose(actor: Actor, connection: Connection, given: dict[str, Any]) -> str:
    if given["source"] == "existing":
        run = editing.choose_role(
            actor, connection, given["role"], accept=given["accept"], revision=given["revision"]
        )
    else:
        depth = given["depth"] or connection.depth
        run = editing.choose_depth(actor, connection, depth, revision=given["revision"])
    if run is None:
        return "Kept. There is nothing to apply in the environment now."
    return "Kept; the role is being applied with your authorization."


def _there(actor: Actor, connection: Connection) -> list[str]:
    """Roles to choose from; a name can be typed where they cannot be listed."""
    try:
        return editing.roles_there(actor, connection)
    except (MicrosoftError, NotPermitted, Clash):
        return []
