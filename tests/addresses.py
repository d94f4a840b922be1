"""Every address of the portal, as the URLconf knows them: a new one cannot be forgotten by a sweep."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, reverse

# Django's own administration and social-auth's bare addresses are swept by tests of their own.
ELSEWHERE = {"admin", "social"}


@dataclass(frozen=True)
class Address:
    """A named URL and the parameters it takes."""

    name: str
    parameters: tuple[str, ...]

    def url(self, values: Mapping[str, object]) -> str:
        """Parameters are looked up as `app:name.parameter`, then `app.parameter`, then `parameter`."""
        app = self.name.partition(":")[0]
        chosen = {
            key: values.get(f"{self.name}.{key}", values.get(f"{app}.{key}", values.get(key)))
            for key in self.parameters
        }
        return reverse(self.name, kwargs=chosen)


def every_address() -> list[Address]:
    return sorted(_walk(get_resolver().url_patterns, ""), key=lambda address: address.name)


def _walk(patterns: list[URLPattern | URLResolver], namespace: str) -> Iterator[Address]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace not in ELSEWHERE:
                inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                yield from _walk(pattern.url_patterns, inner)
        elif pattern.name:
            yield Address(f"{namespace}{pattern.name}", tuple(pattern.pattern.converters))
