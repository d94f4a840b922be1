"""People in their roles. Those of tests over Microsoft's endpoints come from the sandbox instead."""

from dataclasses import dataclass

import pytest
from django.test import Client

from accounts.actors import Actor
from accounts.models import Membership, Role, Team, User
from core import cloud
from tests.people import use_sandbox
from tests.sandbox_fixtures import sandbox  # noqa: F401  a World of this folder's own


@dataclass
class Sales:
    """A team with one person in every role, a stranger, and somebody who administers the site."""

    team: Team
    olga: User  # owner
    bert: User  # builder
    edna: User  # editor
    vera: User  # viewer
    sam: User  # stranger
    root: User  # site administrator, in no team

    def actor(self, name):
        return Actor.person(getattr(self, name))

    def client(self, name):
        client = Client()
        client.force_login(getattr(self, name), backend="django.contrib.auth.backends.ModelBackend")
        return client


@pytest.fixture
def sales(db):
    roles = {"olga": Role.OWNER, "bert": Role.BUILDER, "edna": Role.EDITOR, "vera": Role.VIEWER}
    team = Team.objects.create(name="Sales")
    people = {name: User.objects.create_user(name, name=name.title()) for name in [*roles, "sam"]}
    people["root"] = User.objects.create_superuser("root", name="Root")
    for name, role in roles.items():
        Membership.objects.create(team=team, user=people[name], role=role)
    return Sales(team=team, **people)


@pytest.fixture
def world(sandbox, settings):  # noqa: F811
    """The session's sandbox, with the portal in front of it, and nobody's consent left from the test before."""
    _start_afresh(sandbox)
    use_sandbox(settings, sandbox)
    yield sandbox
    _start_afresh(sandbox)
    cloud.door.cache_clear()


def _start_afresh(sandbox):  # noqa: F811
    sandbox.faults.remove()
    sandbox.directory.consents.revoke()
    sandbox.directory.sign_ins.revoke_refresh_tokens()
    sandbox.directory.settings.change({"require_mfa": []})
    sandbox.journal.clear()
