"""When schedules fall due, also where clocks are put forward and back."""

from datetime import UTC, datetime

import pytest

from core.problems import BadInput
from jobs.slots import following, latest


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


DAILY = {"cron": "30 2 * * *", "interval": None, "time_zone": "Europe/Berlin"}
QUARTERS = {"cron": "*/15 * * * *", "interval": None, "time_zone": "UTC"}
MINUTES = {"cron": "", "interval": 60, "time_zone": "UTC"}


def test_a_cron_time_is_wall_clock_time_in_its_zone():
    assert following(at("2026-01-10T12:00"), **DAILY) == at("2026-01-11T01:30")
    assert following(at("2026-07-10T12:00"), **DAILY) == at("2026-07-11T00:30")


def test_an_hour_that_does_not_exist_is_not_skipped_and_one_that_comes_twice_runs_once():
    spring = following(at("2026-03-28T12:00"), **DAILY)
    assert spring == at("2026-03-29T01:00")  # 02:30 does not exist that night: 03:00 summer time
    autumn = following(at("2026-10-24T12:00"), **DAILY)
    assert autumn == at("2026-10-25T00:30")
    assert following(autumn, **DAILY) == at("2026-10-26T01:30")


def test_missed_slots_become_the_last_of_them():
    assert latest(at("2026-01-01T00:00"), at("2026-01-01T01:07"), **QUARTERS) == at("2026-01-01T01:00")
    assert latest(at("2026-01-01T00:00"), at("2026-01-01T00:00"), **QUARTERS) == at("2026-01-01T00:00")
    assert latest(at("2026-01-01T00:00:30"), at("2026-01-01T00:10"), **MINUTES) == at("2026-01-01T00:09:30")


@pytest.mark.parametrize(
    "rhythm",
    [DAILY | {"cron": "61 * * * *"}, DAILY | {"cron": "0 0 31 2 *"}, DAILY | {"time_zone": "Mars/Base"}],
)
def test_what_makes_no_sense_is_refused_with_the_field(rhythm):
    with pytest.raises(BadInput) as caught:
        following(at("2026-01-01T00:00"), **rhythm)
    assert caught.value.fields
