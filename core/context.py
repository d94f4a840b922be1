"""What every page needs to know about the installation."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    return {
        "cloud": settings.CLOUD,
        "version": settings.VERSION,
        "request_id": getattr(request, "id", ""),
    }
