"""What was called, by whom, how it ended and how long it took: gathered, and nothing of what was sent."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from core import clock
from integrations.metering import figures, shared, usage
from integrations.models import RecentCall, ServiceKey, UsageHour
from tests.integrations.caller import Caller, key_for


@pytest.fixture
def shop(sample_integration, sample_owner, broker):
    shared.see_again()
    return Caller(sample_integration.service_name, key_for(sample_owner, sample_integration))


def test_calls_are_accounted_for(shop, sample_integration):
    made = shop.post("account", {"name": "Secret payload"}, Idempotency_Key="x")
    shop.get("account?top=1")
    shop.get("account?top=1&filter=name eq 'Secret payload'")
    shop.post("account", {"nonesuch": "Secret payload"})
    shop.get("no/such/place/at/all")
    Caller(shop.root.rpartition("/")[2], "isk_" + "x" * 43).get("account")

    assert usage.gather() == 5
    assert usage.gather() == 0
    rows = {(each.entity, each.operation): each for each in UsageHour.objects.all()}
    assert {name: (row.calls, row.errors) for name, row in rows.items()} == {
        ("account", "create"): (2, 1),
        ("account", "search"): (2, 0),
        ("", ""): (1, 1),
    }
    key = ServiceKey.objects.get()
    assert {row.caller for row in rows.values()} == {str(key.pk)}
    assert all(sum(row.buckets) == row.calls for row in rows.values())
    assert (clock.now() - key.last_used_at) < timedelta(minutes=1)

    recent = {each.request_id: each for each in RecentCall.objects.all()}
    call = recent[made.headers["X-Request-Id"]]
    assert (call.method, call.entity, call.operation, call.status) == ("POST", "account", "create", 201)
    assert call.microsoft_request_id == made.headers["X-Ms-Request-Id"]
    assert sorted(each.code for each in recent.values()) == ["", "", "", "invalid", "not_found"]
    assert not [each for each in RecentCall.objects.values() if "Secret" in str(each)]


def test_a_revoked_key_is_accounted_for(shop):
    ServiceKey.objects.update(revoked_at=clock.now())
    shop.get("account")
    usage.gather()
    assert RecentCall.objects.get().code == "key_revoked"
    assert ServiceKey.objects.get().last_used_at is None


def test_only_the_latest_calls_are_kept(shop, sample_integration, monkeypatch):
    monkeypatch.setattr(usage, "RECENT", 3)
    for _ in range(5):
        shop.get("")
    usage.gather()
    assert RecentCall.objects.count() == 3


def test_what_cannot_be_read_is_left_out(shop, broker):
    broker.rpush(usage.LIST, b"not an event", b"[1]")
    shop.get("")
    assert usage.gather() == 3
    assert RecentCall.objects.count() == 1


def test_what_the_database_does_not_take_waits(shop, broker):
    shop.get("")
    shop.get("")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE integrations_recentcall RENAME TO elsewhere")
    try:
        with pytest.raises(DatabaseError):
            usage.gather()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO integrations_recentcall")
    assert broker.llen(usage.LIST) == 2
    assert UsageHour.objects.count() == 0
    usage.gather()
    assert RecentCall.objects.count() == 2


def test_the_figures_add_up(sample_integration):
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    for back, calls, errors, slow in ((0, 10, 0, 0), (1, 20, 5, 0), (23, 70, 0, 70), (24, 1000, 0, 0)):
        buckets = [0] * 12
        buckets[1], buckets[8] = calls - slow, slow
        UsageHour.objects.create(
            integration=sample_integration,
            hour=hour - timedelta(hours=back),
            operation="get",
            calls=calls,
            errors=errors,
            buckets=buckets,
        )
    period = figures.period_of("day")
    rows = figures.rows_of(sample_integration, period)
    whole = figures.total(rows)
    assert (whole.calls, whole.errors, whole.error_share) == (100, 5, 5.0)
    assert (whole.median, whole.slow) == ("≤ 2,500 ms", "≤ 2,500 ms")
    drawn = figures.bars(rows, period)
    assert len(drawn) == 24
    assert [bar.figures.calls for bar in drawn if bar.figures.calls] == [70, 20, 10]
    assert drawn[0].good_height == figures.HEIGHT
    assert drawn[-2].error_y < drawn[-2].good_y
    assert figures.total([]).median == "—"
