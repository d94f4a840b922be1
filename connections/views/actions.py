"""Changing: one button each. The services ask the gate."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.actors import Actor, actor_of, person_of
from connections.health.links import first_broken
from connections.models import Connection
from connections.services import health, lifecycle, privileges, proof, provisioning, removal, rotation

Action = Callable[[HttpRequest, Actor, Connection], str]


def action(perform: Action) -> Callable[..., HttpResponse]:
    """A POST that performs one thing, says what it did, and shows the page."""

    @require_POST
    @wraps(perform)
    def view(request: HttpRequest, pk: UUID) -> HttpResponse:
        connection = Connection.objects.one_for(person_of(request), pk)
        said = perform(request, actor_of(request), connection)
        if said:
            messages.success(request, said)
        return redirect("connections:detail", pk=pk)

    return view


@action
def provision(request: HttpRequest, actor: Actor, connection: Connection) -> str:
    provisioning.provision(actor, connection, from_step=request.POST.get("step", ""))
    if connection.is_manual:
        return "Each link is being verified."
    return "Provisioning has been asked for."


@action
def test(request: HttpRequest, actor: Actor, connection: Connection) -> str:
    result = proof.test(actor, connection)
    if result.ok:
        return "The connection works: a token was obtained and WhoAmI answered as the application user."
    messages.error(request, f"The test failed: {result.error['message']}")
    return ""


@action
def apply_role(_request: HttpRequest, actor: Actor, connection: Connection) -> str:
    privileges.apply(actor, connection)
    return "The role is being applied with your authorization."


@action
def check(request: HttpRequest, actor: Actor, connection: Connection) -> str:
    broken = first_broken(health.check(actor, connection))
    if broken is None:
        return "Every link holds, from the key to the role."
    messages.error(request, f"{broken.title}: {broken.message}")
    return ""


@action
def rotate(_request: HttpRequest, actor: Actor, connection: Connection) -> str:
    rotation.rotate(actor, connection)
    return "The certificate is being replaced. Calls go on meanwhile."


@action
def compromise(_request: HttpRequest, actor: Actor, connection: Connection) -> str:
    rotation.compromise(actor, connection)
    return (
        "Every key of this connection counts as leaked: it is replaced and removed as fast as Entra allows."
    )


@action
def disable(request: HttpRequest, actor: Actor, connection: Connection) -> str:
    failure = lifecycle.disable(actor, connection)
    if failure:
        messages.warning(request, f"Disabled here, but the application user is still enabled: {failure}")
        return ""
    return "Disabled, here and in the environment."


@action
def enable(_request: HttpRequest, actor: Actor, connection: Connection) -> str:
    lifecycle.enable(actor, connection)
    return "Enabled. Test it to see that it works."


@action
def abandon(_request: HttpRequest, actor: Actor, connection: Connection) -> str:
    removal.abandon(actor, connection)
    return "The connection is forgotten here. Its page says what was left at Microsoft."
