"""The manual kind: what goes to the administrator, and what comes back."""

from typing import Any
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import gate
from accounts.actors import actor_of, person_of
from connections.forms import IdentifiersForm, SendForm, explain
from connections.manual import instructions
from connections.manual.script import is_registered, rehearsal, role_of, script
from connections.models import Certificate, Connection
from connections.services import manual
from core.cloud import cloud
from core.problems import BadInput


@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The instructions, and the form for what they bring back."""
    connection = _manual(request, pk)
    known = connection.identifiers
    shown = {"client_id": known.client_id, "application_id": known.application_id}
    posted = request.POST if request.method == "POST" else None
    form = IdentifiersForm(posted, initial={**shown, "revision": connection.revision})
    if posted is not None and form.is_valid():
        try:
            manual.enter(actor_of(request), connection, **form.cleaned_data)
        except BadInput as problem:
            explain(form, problem)
        else:
            messages.success(request, "Each identifier is being verified.")
            return redirect("connections:detail", pk=pk)
    return _page(request, connection, form=form)


@require_POST
def send(request: HttpRequest, pk: UUID) -> HttpResponse:
    connection = _manual(request, pk)
    form = SendForm(request.POST)
    if form.is_valid():
        manual.send_instructions(actor_of(request), connection, form.cleaned_data["address"])
        messages.success(request, f"The instructions are on their way to {form.cleaned_data['address']}.")
        return redirect("connections:hand_over", pk=pk)
    return _page(request, connection, send_form=form)


@require_POST
def deleted(request: HttpRequest, pk: UUID, certificate: UUID) -> HttpResponse:
    manual.note_deleted(actor_of(request), _manual(request, pk), certificate)
    messages.success(request, "Noted: the old certificate is gone from Entra.")
    return redirect("connections:detail", pk=pk)


@require_GET
def download(request: HttpRequest, pk: UUID, what: str) -> HttpResponse:
    """The certificate as .cer (DER) or .pem, the instructions as .txt, the script as .sh. All of it is public."""
    connection = _manual(request, pk)
    certificate = manual.handed_over(connection)
    if what == "cer":
        der = x509.load_pem_x509_certificate(certificate.public_pem.encode()).public_bytes(Encoding.DER)
        return _file(connection, what, der, "application/pkix-cert")
    if what == "pem":
        return _file(connection, what, certificate.public_pem.encode(), "application/x-pem-file")
    if what == "sh":
        return _file(connection, what, script(connection, certificate).encode(), "text/x-shellscript")
    if what == "txt":
        text = instructions.as_text(connection, certificate)
        return _file(connection, what, text.encode(), "text/plain; charset=utf-8")
    raise Http404


def _file(connection: Connection, extension: str, content: bytes, kind: str) -> HttpResponse:
    name = instructions.file_name(connection, extension)
    return HttpResponse(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _manual(request: HttpRequest, pk: UUID) -> Connection:
    connection = Connection.objects.one_for(person_of(request), pk)
    if not connection.is_manual:
        raise Http404
    return connection


def _page(request: HttpRequest, connection: Connection, **forms: Any) -> HttpResponse:
    certificate = manual.handed_over(connection)
    wrong = any(form.errors for form in forms.values())
    known = connection.identifiers
    usual = {
        "form": IdentifiersForm(
            initial={
                "client_id": known.client_id,
                "application_id": known.application_id,
                "revision": connection.revision,
            }
        ),
        "send_form": SendForm(),
    }
    context = {
        "connection": connection,
        "environment": connection.environment,
        "certificate": certificate,
        "parts": instructions.parts(connection, certificate),
        "privileges": instructions.privileges(connection),
        "role_name": role_of(connection),
        "script": script(connection, certificate),
        "files": {kind: instructions.file_name(connection, kind) for kind in ("cer", "pem", "sh", "txt")},
        "registered": is_registered(connection),
        "nothing_to_do": is_registered(connection) and certificate.state == Certificate.State.ACTIVE,
        "rehearsal": "" if cloud().production else rehearsal(connection, certificate),
        "gate": gate.check(
            actor_of(request), connection.team, connection.environment.tenant_id, back_to=request.path
        ),
        **usual,
        **forms,
    }
    return render(request, "connections/hand_over.html", context, status=422 if wrong else 200)
