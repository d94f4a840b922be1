"""What the buttons do."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.actors import actor_of
from jobs.models import JobRun
from sync.services import runs, setup
from sync.views.common import find, find_entity


@require_POST
def run(request: HttpRequest, pk: UUID) -> HttpResponse:
    sync = find(request, pk)
    _say(request, runs.run_now(actor_of(request), sync))
    return redirect(sync)


@require_POST
def refresh(request: HttpRequest, pk: UUID) -> HttpResponse:
    sync = find(request, pk)
    _say(request, runs.run_now(actor_of(request), sync, full=True))
    return redirect(sync)


@require_POST
def pause(request: HttpRequest, pk: UUID) -> HttpResponse:
    sync = find(request, pk)
    runs.pause(actor_of(request), sync)
    messages.success(request, "Paused. What is under way goes on; nothing new begins by itself.")
    return redirect(sync)


@require_POST
def resume(request: HttpRequest, pk: UUID) -> HttpResponse:
    sync = find(request, pk)
    runs.resume(actor_of(request), sync)
    messages.success(request, "It runs by its schedule again.")
    return redirect(sync)


@require_POST
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    sync = find(request, pk)
    with_data = request.POST.get("data") == "yes"
    setup.remove(actor_of(request), sync, with_data=with_data)
    messages.success(request, f"{sync.name} is removed{' with its mirror' if with_data else ''}.")
    return redirect("sync:list")


@require_POST
def run_entity(request: HttpRequest, pk: UUID, row: int) -> HttpResponse:
    found = find_entity(request, pk, row)
    full = request.POST.get("full") == "yes"
    _say(request, runs.run_now(actor_of(request), found.sync, full=full, only=found))
    return redirect(found)


@require_POST
def switch(request: HttpRequest, pk: UUID, row: int) -> HttpResponse:
    found = find_entity(request, pk, row)
    enabled = request.POST.get("enabled") == "yes"
    runs.switch(actor_of(request), found, enabled=enabled)
    messages.success(request, f"{found.logical_name} is {'part of' if enabled else 'left out of'} the runs.")
    return redirect(found.sync)


@require_POST
def accept(request: HttpRequest, pk: UUID, row: int) -> HttpResponse:
    found = find_entity(request, pk, row)
    runs.accept(actor_of(request), found)
    messages.success(request, "Accepted. The run goes on with the changed columns.")
    return redirect(found)


def _say(request: HttpRequest, asked: list[JobRun]) -> None:
    if asked:
        messages.success(request, "It begins as soon as a worker is free.")
    else:
        messages.info(request, "A run is under way already; what you asked for follows with it.")
