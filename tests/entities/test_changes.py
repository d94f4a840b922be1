"""What the history keeps of every write, whoever made it."""

import pytest

from core.problems import Missing
from entities.models import RecordChange
from integrations.writes import About

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_write_is_kept_with_before_and_after(accounts, sample_owner):
    record_id = accounts.create({"name": "Kept & Söhne", "revenue": "12.50"})
    record = accounts.get(record_id)
    accounts.update(
        record_id,
        {"revenue": "13", "telephone1": "1"},
        about=About(before=record.values, title="Kept & Söhne"),
    )
    accounts.delete(record_id, about=About(before=record.values))

    deleted, changed, created = RecordChange.objects.filter(record_id=record_id)
    assert [each.kind for each in (created, changed, deleted)] == ["create", "update", "delete"]
    assert created.values.after == {"name": "Kept & Söhne", "revenue": "12.50"}
    assert created.values.before == {}
    assert changed.fields == ["revenue", "telephone1"]
    assert changed.values.before == {"revenue": "12.5000", "telephone1": None}
    assert changed.values.after == {"revenue": "13", "telephone1": "1"}
    assert changed.actor == sample_owner.user
    assert "application of" in changed.acted_as
    assert deleted.values.before["name"] == "Kept & Söhne"


def test_what_dynamics_refuses_leaves_no_change(accounts):
    with pytest.raises(Missing):
        accounts.update("00000000-0000-4000-8000-00000000dead", {"telephone1": "1"})
    assert not RecordChange.objects.exists()
