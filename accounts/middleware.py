from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import User

SAFE = ("GET", "HEAD")


def standing(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A page asks once what its reader may do. Whatever changes something asks each time."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method in SAFE and isinstance(request.user, User):
            request.user.keep_standing()
        return get_response(request)

    return middleware


def time_zone(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Read the dates and times a person types in their own time zone. After AuthenticationMiddleware."""

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            zone = ZoneInfo(request.user.time_zone) if request.user.is_authenticated else None
        except (ZoneInfoNotFoundError, ValueError):
            zone = None
        with timezone.override(zone):
            return get_response(request)

    return middleware
