"""The inventory as a file: what there is and what expires when, as `manage.py connections inventory` gives it."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from accounts.actors import person_of
from accounts.models import Role, User
from accounts.rules import teams_with
from connections.filters import ConnectionFilters
from connections.inventory import TYPES, as_text, inventory
from connections.models import Connection
from core.problems import Missing, NotPermitted


def may_list(person: User) -> bool:
    """Staff, of all that they see; owners of teams, of those teams."""
    return person.is_staff or teams_with(person, Role.OWNER).exists()


@require_GET
def download(request: HttpRequest, form: str) -> HttpResponse:
    """Those connections that the list shows with the same filters, as far as the person answers for them."""
    person = person_of(request)
    if form not in TYPES:
        raise Missing("There is no such form of the inventory.", advice="Choose CSV or JSON.")
    if not may_list(person):
        raise NotPermitted(
            "The inventory is for owners of teams and for staff.", advice="Ask an owner of your team for it."
        )
    rows = ConnectionFilters(request.GET, user=person).rows()
    if not person.is_staff:
        rows = rows.filter(team__in=teams_with(person, Role.OWNER).values("pk"))
    return answer(rows.prefetch_related("certificates"), form)


def answer(rows: Iterable[Connection], form: str) -> HttpResponse:
    headers: dict[str, Any] = {"Content-Disposition": f'attachment; filename="connections.{form}"'}
    return HttpResponse(as_text(inventory(rows), form), content_type=TYPES[form], headers=headers)
