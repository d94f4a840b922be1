"""Django's admin: every model there is in this table, and every address of it is swept."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import admin
from django.urls import reverse

from connections.admin.connection import BUTTONS
from tests.sweep import state

# How rows may be changed there: by Django's own forms, through our services, or not at all.
FORMS, SERVICES, LOOK = "forms", "services", "look"
MODELS = {
    "accounts.user": FORMS,
    "accounts.team": FORMS,
    "accounts.membership": FORMS,
    "accounts.allowedtenant": FORMS,
    "accounts.authorization": LOOK,
    "accounts.auditevent": LOOK,
    "accounts.webhook": LOOK,
    "social_django.usersocialauth": LOOK,
    "axes.accessattempt": FORMS,
    "axes.accesslog": LOOK,
    "axes.accessfailurelog": LOOK,
    "jobs.jobrun": LOOK,
    "jobs.schedule": LOOK,
    "connections.connection": SERVICES,
    "connections.environment": LOOK,
    "connections.certificate": LOOK,
    "connections.step": LOOK,
    "integrations.integration": LOOK,
    "integrations.version": LOOK,
    "integrations.binding": LOOK,
    "integrations.servicekey": LOOK,
    "integrations.stage": LOOK,
    "integrations.catalogueentry": LOOK,
    "sync.sync": LOOK,
    "sync.syncentity": LOOK,
}


@dataclass(frozen=True)
class Desk:
    """One model's part of the admin."""

    label: str

    def url(self, page: str, *arguments: object) -> str:
        return reverse(f"admin:{self.label.replace('.', '_')}_{page}", args=arguments)

    @property
    def model(self):
        return next(one for one in admin.site._registry if one._meta.label_lower == self.label)

    def row(self):
        """Some row of the settled portal, of Ana's team where rows have one; None where there is none."""
        rows = self.model._base_manager.order_by("pk")
        for path in ("team", "connection__team", "integration__team", "sync__team"):
            try:
                return rows.filter(**{f"{path}__name": "Sales"}).first()
            except Exception:  # noqa: BLE001  the model has no such path
                continue
        return rows.first()


def registered() -> list[str]:
    return sorted(model._meta.label_lower for model in admin.site._registry)


def pages_of(desk: Desk) -> Iterator[str]:
    """Every address that shows something."""
    yield desk.url("changelist")
    yield desk.url("add")
    row = desk.row()
    if row is not None:
        for page in ("change", "delete", "history"):
            yield desk.url(page, row.pk)


def presses(things) -> dict[str, tuple[str, dict[str, object]]]:
    """Everything in the admin that changes a connection: name → address and form."""
    desk, pk = Desk("connections.connection"), things["connection"]
    from connections.models import Connection

    row = Connection.objects.get(pk=pk)
    found: dict[str, tuple[str, dict[str, object]]] = {
        f"press {button}": (desk.url("press", pk, button), {}) for button in BUTTONS
    }
    for action in ("test_selected", "remove_selected"):
        found[action] = (desk.url("changelist"), {"action": action, "_selected_action": [pk]})
    new = {"environment": row.environment.url, "team": things["team"], "name": "Another"}
    found["add"] = (desk.url("add"), new)
    found["change"] = (desk.url("change", pk), {"name": "Renamed", "revision": row.revision})
    found["delete"] = (desk.url("delete", pk), {})
    return found


PRESSES = [
    *(f"press {button}" for button in BUTTONS),
    "test_selected",
    "remove_selected",
    "add",
    "change",
    "delete",
]


def staff(name: str, **flags):
    """This person, with the right to enter the admin."""
    person = state.user(name)
    for flag, value in {"is_staff": True, **flags}.items():
        setattr(person, flag, value)
    person.save()
    return person
