"""One call of a service, from the moment its key has been accepted."""

from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest

from accounts.actors import Actor
from integrations.api.authentication import known_key, require_open
from integrations.api.limits import take_turn
from integrations.following import version_for
from integrations.models import ServiceKey, Version
from integrations.operations import EntityOperations, Service


@dataclass
class Call:
    """`operation`, `entity_name` and `code` are filled in on the way, for the account of usage."""

    request: HttpRequest
    service_name: str
    asked_version: int | None
    operation: str = ""
    entity_name: str = ""
    code: str = ""
    key: ServiceKey | None = None
    version: Version | None = None

    def admit(self) -> ServiceKey:
        """Let the caller in, or say why not. Raises Unauthorised, NotPermitted, TooManyCalls, Missing."""
        self.key = key = known_key(self.request)
        require_open(key, self.service_name)
        take_turn(key)
        self.version = version_for(key, self.asked_version)
        return key

    @cached_property
    def service(self) -> Service:
        """What the key opens. Raises Missing when the stage is not bound."""
        key, version = self.key, self.version
        if key is None or version is None:
            raise RuntimeError("Nobody has been admitted.")
        actor = Actor.system(f"key {key.name}")
        return Service.on(key.integration, key.stage.slug, actor, version, scope=key.scope)

    def operations(self, entity_name: str) -> EntityOperations:
        """The operations on one entity. Raises Missing."""
        found = self.service.entity(entity_name)
        self.entity_name = entity_name
        return found

    @property
    def root(self) -> str:
        """The address of the service as the caller spells it, for Location."""
        version = f"/v{self.asked_version}" if self.asked_version is not None else ""
        return f"/api/{self.service_name}{version}"
