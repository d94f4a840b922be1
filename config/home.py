"""The first page: what a newcomer does next, and what needs the person."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.actors import actor_of, person_of
from accounts.models import Authorization, Role, User
from accounts.rules import for_person, teams_with
from config.needs import needs
from config.recently import my_views, recent
from connections.models import Connection
from connections.standing import STANDING
from entities.services.recent import recent_of
from integrations.models import Binding, Integration, Version
from integrations.services.sample import ready_connection


@dataclass(frozen=True)
class Step:
    """One step of a newcomer's way. `state` is done, now or later; `post` says how its button works."""

    title: str
    text: str
    button: str
    url: str
    state: str
    post: bool = False


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    steps = journey(person)
    context = {
        "steps": steps,
        "builds": teams_with(person, Role.BUILDER).exists(),
        "arrived": all(step.state == "done" for step in steps[:3]),
        "needs": needs(person),
        "usable": usable(person)[:8],
        "sample": sample_is_offered(request),
        "recent": recent(person),
        "views": my_views(person),
    }
    return render(request, "home.html", context)


def journey(person: User) -> list[Step]:
    """Authorise → connect → integrate → browse, with what is done and what comes next."""
    authorised = (
        Authorization.objects.here().filter(user=person, state=Authorization.State.LIVE).exclude(scopes=[])
    )
    connected = for_person(Connection.objects.filter(state__in=STANDING), person)
    integrated = usable(person)
    browsed = recent_of(person, most=1)
    done = [authorised.exists(), connected.exists(), bool(integrated), bool(browsed)]
    builds = teams_with(person, Role.BUILDER).exists()
    if integrated and not builds:
        done[0] = done[1] = True  # others have prepared the way; looking at records takes no more
    now = next((index for index, is_done in enumerate(done) if not is_done), None)
    return [
        Step(title, text, button, url, "done" if done[index] else "now" if index == now else "later", post)
        for index, (title, text, button, url, post) in enumerate(_steps())
    ]


def _steps() -> list[tuple[str, str, str, str, bool]]:
    return [
        (
            "Authorise",
            "Let Isthmus see your Dynamics environments with your own Microsoft account.",
            "Authorise with Microsoft",
            f"{reverse('accounts:authorise')}?reach=identity&next={reverse('home')}",
            True,
        ),
        (
            "Connect",
            "Register an application with a certificate and a least-privilege role. From then on calls authenticate themselves.",
            "Create a connection",
            reverse("connections:new"),
            False,
        ),
        (
            "Integrate",
            "Choose entities, attributes and operations, publish them, and bind them to the connection.",
            "Create an integration",
            reverse("integrations:new"),
            False,
        ),
        ("Browse", "Look at the records and edit them.", "Browse records", reverse("entities:index"), False),
    ]


def usable(person: User) -> list[Integration]:
    """The integrations of the person's teams that are published and bound."""
    of_it = {"integration": OuterRef("pk")}
    rows = Integration.objects.filter(
        Exists(Version.objects.filter(**of_it)), Exists(Binding.objects.filter(**of_it))
    )
    return list(for_person(rows.select_related("environment", "team"), person))


def sample_is_offered(request: HttpRequest) -> bool:
    """On the sandbox, to builders with a working connection and nothing built on it yet."""
    if settings.CLOUD.production:
        return False
    actor = actor_of(request)
    return not usable(person_of(request)) and ready_connection(actor) is not None
