"""A team's stages: the usual three at first, and then its own."""

import pytest

from accounts.actors import Actor
from accounts.models import Membership, Role, Team, User
from core.problems import BadInput, Clash, Missing, NotPermitted
from integrations.services import stages
from integrations.services.binding import bind
from tests.connections import factories as make
from tests.integrations.test_builder_pages import in_front


@pytest.fixture
def builder(db):
    team = Team.objects.create(name="Sales")
    return Actor.person(make.person("ana", team, Role.BUILDER)), team


def names(team):
    return [stage.name for stage in stages.stages_of(team)]


def test_add_rename_order_remove(builder):
    ana, team = builder
    assert names(team) == ["Development", "Test", "Production"]
    rehearsal = stages.add(ana, team, "  Dress   rehearsal ")
    assert (rehearsal.name, rehearsal.slug) == ("Dress rehearsal", "dress-rehearsal")
    stages.move(ana, rehearsal, up=True)
    assert names(team)[2:] == ["Dress rehearsal", "Production"]
    stages.rename(ana, rehearsal, "Rehearsal")
    assert stages.stage_of(team, "dress-rehearsal").name == "Rehearsal"  # addresses and keys go on working
    stages.remove(ana, stages.stage_of(team, "test"))
    assert names(team) == ["Development", "Rehearsal", "Production"]
    for name in ("", "rehearsal", "x" * 41):
        with pytest.raises(BadInput):
            stages.add(ana, team, name)


def test_who_may(builder):
    _ana, team = builder
    for role, refusal in ((Role.EDITOR, NotPermitted), (None, Missing)):
        user = User.objects.create(username=f"{role}@contoso.example")
        if role is not None:
            Membership.objects.create(team=team, user=user, role=role)
        with pytest.raises(refusal):
            stages.add(Actor.person(user), team, "Mine")
        with pytest.raises(refusal):
            stages.remove(Actor.person(user), stages.stage_of(team, "test"))


def test_what_is_in_use_or_the_last_stays(sample_owner, sample_integration):
    team = sample_integration.team
    development = stages.stage_of(team, "development")
    with pytest.raises(Clash, match="in use"):
        stages.remove(sample_owner, development)
    page = in_front(sample_owner).get(f"/integrations/stages/{team.pk}/").content.decode()
    assert sample_integration.name in page
    bind(
        sample_owner,
        sample_integration,
        stages.add(sample_owner, team, "Extra"),
        sample_integration.bindings.get().connection,
    )
    assert sample_integration.bindings.count() == 2

    other = Team.objects.create(name="Other")
    Membership.objects.create(team=other, user=sample_owner.user, role=Role.OWNER)
    for slug in ("test", "production"):
        stages.remove(sample_owner, stages.stage_of(other, slug))
    with pytest.raises(Clash, match="at least one"):
        stages.remove(sample_owner, stages.stage_of(other, "development"))
