"""The admin of connections. Its pages post to the services; none of them writes a field by itself."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from accounts.actors import Actor, actor_of
from accounts.models import Role, User
from accounts.reach import Reach
from accounts.rules import teams_with
from connections.forms import ConnectionForm, RenameForm, explain
from connections.health.links import first_broken
from connections.models import Connection
from connections.services import (
    creation,
    environments,
    health,
    lifecycle,
    privileges,
    proof,
    provisioning,
    removal,
    rotation,
)
from connections.views import inventory
from connections.views.portrait import portrait
from core.problems import Missing, NotPermitted, Problem, problem_from
from microsoft.errors import MicrosoftError

Button = Callable[[Actor, Connection, HttpRequest], str]


def _test(actor: Actor, connection: Connection, _request: HttpRequest) -> str:
    result = proof.test(actor, connection)
    if not result.ok:
        raise Problem(f"The test failed: {result.error['message']}", advice=result.error.get("advice", ""))
    return "The connection works."


def _disable(actor: Actor, connection: Connection, _request: HttpRequest) -> str:
    failure = lifecycle.disable(actor, connection)
    return f"Disabled here; the application user is still enabled: {failure}" if failure else "Disabled."


def _provision(actor: Actor, connection: Connection, request: HttpRequest) -> str:
    provisioning.provision(actor, connection, request.POST.get("step", ""))
    return "Provisioning has been asked for."


def _apply_role(actor: Actor, connection: Connection, _request: HttpRequest) -> str:
    privileges.apply(actor, connection)
    return "The role is being applied with your authorization."


def _check(actor: Actor, connection: Connection, _request: HttpRequest) -> str:
    broken = first_broken(health.check(actor, connection))
    if broken is not None:
        raise Problem(f"{broken.title}: {broken.message}", advice=broken.advice)
    return "Every link holds, from the key to the role."


def _rotate(actor: Actor, connection: Connection, _request: HttpRequest) -> str:
    rotation.rotate(actor, connection)
    return "The certificate is being replaced."


def _compromise(actor: Actor, connection: Connection, _request: HttpRequest) -> str:
    rotation.compromise(actor, connection)
    return "Every key counts as leaked; it is replaced and removed as fast as Entra allows."


def _enable(actor: Actor, connection: Connection, _request: HttpRequest) -> str:
    lifecycle.enable(actor, connection)
    return "Enabled."


def _remove(actor: Actor, connection: Connection, _request: HttpRequest) -> str:
    removal.remove(actor, connection)
    return "Calls are stopped, and everything at Microsoft is being taken away."


BUTTONS: dict[str, tuple[str, Button]] = {
    "test": ("Test", _test),
    "check": ("Check", _check),
    "provision": ("Provision", _provision),
    "apply-role": ("Apply role", _apply_role),
    "rotate": ("Rotate now", _rotate),
    "compromised": ("Certificate is compromised", _compromise),
    "disable": ("Disable", _disable),
    "enable": ("Enable", _enable),
}


@admin.register(Connection)
class ConnectionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "environment", "team", "state", "broken_link", "proven_at", "checked_at")
    list_filter = ("state",)
    search_fields = ("name",)
    actions = ("inventory_csv", "inventory_json", "test_selected", "remove_selected")

    def has_view_permission(self, request: HttpRequest, obj: Connection | None = None) -> bool:
        return _is_staff(request) and (
            obj is None or request.user.has_perm("connections.view_connection", obj)
        )

    # Whoever may look may try: the services refuse in words, which a missing button does not.
    has_change_permission = has_view_permission
    has_delete_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_staff(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_staff(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        return Connection.objects.visible_to(request.user)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        found = super().get_actions(request)
        found.pop("delete_selected", None)  # it would delete rows and leave what is at Microsoft behind
        return found

    def get_urls(self) -> list[URLPattern]:
        press = require_POST(csrf_protect(self.admin_site.admin_view(self.press)))
        name = "connections_connection_press"
        return [path("<uuid:pk>/press/<slug:button>/", press, name=name), *super().get_urls()]

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """The portal's form: an environment, a team, a name."""
        actor = actor_of(request)
        if actor.user is None or not teams_with(actor.user, Role.BUILDER).exists():
            raise NotPermitted(
                "Creating a connection takes the role builder in a team.",
                advice="Ask an owner of a team for the role.",
                code="role",
            )
        reachable = environments.discover(actor, reach=Reach.GRAPH, back_to=request.path)
        posted = request.POST if request.method == "POST" else None
        form = ConnectionForm(posted, actor=actor, reachable=reachable)
        remedy = None
        if posted is not None and form.is_valid():
            try:
                made = _create(actor, form, request.path)
            except Problem as problem:
                explain(form, problem)
                remedy = problem.remedy
            else:
                waits = "waits for its administrator; open it in the portal for the instructions"
                messages.success(request, f"{made} {waits if made.is_manual else 'is being provisioned'}.")
                return redirect(_page(made))
        context = self._context(request, "Add connection", form=form, reachable=reachable, remedy=remedy)
        return TemplateResponse(
            request, "connections/admin/add.html", context, status=422 if form.errors else 200
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Everything there is to see, a form for the name, and a button for each service."""
        connection = self._find(request, object_id)
        actor = actor_of(request)
        form = RenameForm(request.POST) if request.method == "POST" else None
        if form is not None and form.is_valid():
            name, revision = form.cleaned_data["name"], form.cleaned_data["revision"]
            try:
                lifecycle.rename(actor, connection, name, revision)
            except Problem as problem:
                explain(form, problem)
            else:
                messages.success(request, "Renamed.")
                return redirect(_page(connection))
            connection.refresh_from_db()
        facts = portrait(actor, connection)
        if form is not None:
            facts["rename_form"] = form
        buttons = [(name, label) for name, (label, _press) in BUTTONS.items()]
        context = self._context(request, str(connection), **facts, buttons=buttons)
        status = 422 if form is not None else 200
        return TemplateResponse(request, "connections/admin/change.html", context, status=status)

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Removal by the service: at Microsoft first, and the row stays for the trail."""
        connection = self._find(request, object_id)
        if request.method == "POST":
            self._press(request, connection, _remove)
            return redirect(_page(connection))
        context = self._context(request, f"Remove {connection}", connection=connection)
        return TemplateResponse(request, "connections/admin/remove.html", context)

    def press(self, request: HttpRequest, pk: UUID, button: str) -> HttpResponseRedirect:
        connection = self._find(request, str(pk))
        if button in BUTTONS:
            self._press(request, connection, BUTTONS[button][1])
        return redirect(_page(connection))

    @admin.action(description="Download the inventory of selected connections, as CSV")
    def inventory_csv(self, request: HttpRequest, rows: QuerySet[Connection]) -> HttpResponse:  # noqa: ARG002
        return inventory.answer(rows.prefetch_related("certificates"), "csv")

    @admin.action(description="Download the inventory of selected connections, as JSON")
    def inventory_json(self, request: HttpRequest, rows: QuerySet[Connection]) -> HttpResponse:  # noqa: ARG002
        return inventory.answer(rows.prefetch_related("certificates"), "json")

    @admin.action(description="Test selected connections")
    def test_selected(self, request: HttpRequest, rows: QuerySet[Connection]) -> None:
        for connection in rows:
            self._press(request, connection, _test)

    @admin.action(description="Remove selected connections, at Microsoft as well")
    def remove_selected(self, request: HttpRequest, rows: QuerySet[Connection]) -> None:
        for connection in rows:
            self._press(request, connection, _remove)

    def _press(self, request: HttpRequest, connection: Connection, button: Button) -> None:
        try:
            said = button(actor_of(request), connection, request)
        except (Problem, MicrosoftError) as error:
            problem = problem_from(error) if isinstance(error, MicrosoftError) else error
            text = f"{problem.message} {problem.advice}"
            messages.error(request, format_html("{}: {}", connection, text))
        else:
            messages.success(request, format_html("{}: {}", connection, said))

    def _find(self, request: HttpRequest, object_id: str) -> Connection:
        try:
            pk = self.model._meta.pk.to_python(object_id)
        except ValidationError:
            raise Missing("There is no such connection.") from None
        return Connection.objects.one_for(request.user, pk)

    def _context(self, request: HttpRequest, title: str, **more: Any) -> dict[str, Any]:
        site = self.admin_site.each_context(request)
        return {**site, "title": title, "opts": self.opts, **more}


def _create(actor: Actor, form: ConnectionForm, back_to: str) -> Connection:
    manual = form.cleaned_data["kind"] == Connection.Kind.MANUAL
    create = creation.create_manual if manual else creation.create
    return create(actor, **form.chosen(actor), back_to=back_to)


def _page(connection: Connection) -> str:
    return reverse("admin:connections_connection_change", args=[connection.pk])


def _is_staff(request: HttpRequest) -> bool:
    user = request.user
    return isinstance(user, User) and user.is_active and user.is_staff
