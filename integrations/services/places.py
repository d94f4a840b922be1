"""Environments in which a person could build: those they reach themselves, and those of their teams."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.actors import Actor
from accounts.rules import visible_teams
from connections.models import Environment
from connections.services import environments
from connections.services.environments import Found, Reachable


@dataclass(frozen=True)
class Place:
    """An environment to choose: freshly found, or known by a connection of the person's teams."""

    url: str
    label: str
    found: Found | None = None
    known: Environment | None = None

    def environment(self) -> Environment:
        """Its row, made now if nobody needed it before."""
        if self.found is not None:
            return environments.keep(self.found)
        if self.known is None:
            raise ValueError("A place is found or known.")
        return self.known


def places(actor: Actor) -> tuple[list[Place], Sequence[Reachable]]:
    """What there is to choose, and the authorizations whose environments could not be learnt."""
    reachable = environments.discover(actor)
    offered: dict[str, Place] = {
        found.url: Place(found.url, found.friendly_name, found=found)
        for each in reachable
        for found in each.environments
        if found.is_enabled
    }
    teams = visible_teams(actor.user)
    for environment in Environment.objects.filter(connections__team__in=teams).distinct():
        offered.setdefault(
            environment.url, Place(environment.url, environment.friendly_name, known=environment)
        )
    failed = [each for each in reachable if each.problem is not None]
    return sorted(offered.values(), key=lambda place: place.label.casefold()), failed
