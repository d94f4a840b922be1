"""What is kept of an environment's metadata, and what is read anew when it changed."""

import pytest
import time_machine

from core import clock
from integrations.metadata import catalogue
from integrations.metadata.catalogue import KEPT_FOR
from integrations.models import CatalogueEntry
from tests.integrations.customizing import new_column


@pytest.fixture
def asked(world):
    """How many requests Dynamics saw while something was done."""

    def calls():
        return len([each for each in world.journal.entries({}) if "/api/data/" in each["path"]])

    def count(work):
        before = calls()
        work()
        return calls() - before

    return count


def kept(environment):
    entries = CatalogueEntry.objects.filter(environment=environment).exclude(logical_name__startswith="~")
    return set(entries.values_list("logical_name", flat=True))


def test_what_is_kept_is_not_asked_for_again(ana, draft, asked):
    known = catalogue.for_actor(ana, draft.environment)
    assert len(known.names()) > 10
    known.entity("account")
    assert asked(known.names) == 0
    assert asked(lambda: known.entity("account")) == 0

    with time_machine.travel(clock.now() + 2 * KEPT_FOR, tick=True):
        assert asked(known.names) == 1  # what changed since? nothing
        assert asked(lambda: known.entity("account")) == 0
        assert known.checked_at() > clock.now() - KEPT_FOR


def test_only_what_changed_is_read_anew(ana, draft, world, asked):
    known = catalogue.for_actor(ana, draft.environment)
    known.entity("account")
    known.entity("contact")
    assert not known.refresh()
    assert {"account", "contact"} <= kept(draft.environment)

    with new_column(world, "contact", "new_Shoe"):
        changes = known.refresh()
        assert changes.entities == {"contact"}
        assert kept(draft.environment) >= {"", "account"}
        assert "contact" not in kept(draft.environment)
        assert known.entity("contact").attribute("new_shoe")
    changes = known.refresh()
    assert changes.deleted
    assert kept(draft.environment) == {""}
    assert known.entity("contact").attribute("new_shoe") is None


def test_a_stamp_that_the_server_no_longer_knows_means_reading_all(ana, draft):
    known = catalogue.for_actor(ana, draft.environment)
    known.names()
    stamp = CatalogueEntry.objects.get(environment=draft.environment, logical_name="~stamp")
    stamp.document = '{"stamp": "1!01/01/2001 00:00:00", "shape": 2}'
    stamp.save()
    assert known.refresh() is None
    assert not known.refresh()
