"""Kinds of job for these tests, and people to ask for them."""

import pytest

from accounts.actors import Actor
from accounts.models import Membership, Role, Team, User
from jobs import handlers


@pytest.fixture
def team(db):
    return Team.objects.create(name="Sales")


@pytest.fixture
def people(team):
    """ana owns the team, ben builds, vera views; sam is a stranger."""
    roles = {"ana": Role.OWNER, "ben": Role.BUILDER, "vera": Role.VIEWER, "sam": None}
    found = {}
    for name, role in roles.items():
        found[name] = User.objects.create_user(username=name, name=name.title())
        if role:
            Membership.objects.create(team=team, user=found[name], role=role)
    return found


@pytest.fixture
def ana(people):
    return Actor.person(people["ana"])


@pytest.fixture
def register(monkeypatch):
    """Registers a handler for one test only."""
    monkeypatch.setattr(handlers, "_kinds", dict(handlers._kinds))

    def add(handler, name="test.work", **options):
        handlers.job(name, **{"title": "Work", **options})(handler)
        return name

    return add
