from typing import Any

from django.http import HttpRequest


def person(_request: HttpRequest) -> dict[str, Any]:
    return {}
