"""The account of calls: noted in Redis while they are answered, gathered into the database afterwards."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from core import clock
from integrations.metering.shared import ask
from integrations.models import Integration, RecentCall, ServiceKey, UsageHour
from integrations.models.usage import BUCKETS

LIST = "isthmus:usage"
MOST_WAITING = 100_000
AT_ONCE = 1000
RECENT = 500  # calls kept for each integration
KEPT = timedelta(days=400)


class Event(msgspec.Struct, array_like=True, frozen=True):
    """One call, as it waits in Redis."""

    integration: str
    at: float
    caller: str
    method: str
    entity: str
    operation: str
    version: int | None
    status: int
    code: str
    milliseconds: int
    request_id: str
    microsoft_request_id: str


def note(event: Event) -> None:
    """Remember a call. Costs one round trip to Redis; without Redis it is forgotten."""
    content = msgspec.json.encode(event)
    ask(
        lambda server: (
            server.pipeline(transaction=False).rpush(LIST, content).ltrim(LIST, -MOST_WAITING, -1).execute()
        )
    )


def gather() -> int:
    """Bring what waits into the database; how many calls that were."""
    gathered = 0
    while taken := ask(lambda server: server.lpop(LIST, AT_ONCE)):
        if not isinstance(taken, list):
            break
        try:
            _keep(list(_read(taken)))
        except Exception:
            _put_back(taken)
            raise
        gathered += len(taken)
    return gathered


def _read(taken: Iterable[bytes]) -> Iterator[Event]:
    """What another release of ours wrote is left out, as it would be in the way for ever."""
    for each in taken:
        with suppress(msgspec.DecodeError):
            yield msgspec.json.decode(each, type=Event)


def _put_back(taken: list[bytes]) -> None:
    ask(lambda server: server.lpush(LIST, *reversed(taken)))


def forget_old() -> int:
    """Drop hours that nobody looks at any more; how many rows."""
    return UsageHour.objects.filter(hour__lt=clock.now() - KEPT).delete()[0]


def _keep(events: list[Event]) -> None:
    known = {str(pk) for pk in Integration.objects.values_list("pk", flat=True)}
    ours = [event for event in events if event.integration in known]
    with transaction.atomic():
        for place, group in _grouped(ours).items():
            _add(place, group)
        RecentCall.objects.bulk_create(_recent(event) for event in ours)
        for integration in {event.integration for event in ours}:
            _prune(integration)
        for caller, moment in _last_used(ours).items():
            ServiceKey.objects.filter(pk=caller).exclude(last_used_at__gt=moment).update(last_used_at=moment)


def _grouped(events: Iterable[Event]) -> dict[tuple[Any, ...], list[Event]]:
    groups: dict[tuple[Any, ...], list[Event]] = defaultdict(list)
    for event in events:
        hour = _moment(event).replace(minute=0, second=0, microsecond=0)
        groups[event.integration, hour, event.caller, event.entity, event.operation].append(event)
    return groups


def _add(place: tuple[Any, ...], group: list[Event]) -> None:
    names = ("integration_id", "hour", "caller", "entity", "operation")
    row, _new = UsageHour.objects.select_for_update().get_or_create(**dict(zip(names, place, strict=True)))
    row.calls += len(group)
    row.errors += sum(event.status >= 400 for event in group)
    row.milliseconds += sum(event.milliseconds for event in group)
    for event in group:
        row.buckets[bisect_left(BUCKETS, event.milliseconds)] += 1
    row.save()


def _recent(event: Event) -> RecentCall:
    return RecentCall(
        integration_id=UUID(event.integration),
        at=_moment(event),
        **{name: getattr(event, name) for name in Event.__struct_fields__[2:]},
    )


def _prune(integration: str) -> None:
    rows = RecentCall.objects.filter(integration_id=integration)
    oldest = rows.values_list("pk", flat=True)[RECENT : RECENT + 1].first()
    if oldest is not None:
        edge = rows.filter(pk=oldest).values_list("at", flat=True)[0]
        rows.filter(at__lte=edge).delete()


def _last_used(events: Iterable[Event]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for event in events:
        if event.caller and event.status != 401:
            found[event.caller] = max(found.get(event.caller, _moment(event)), _moment(event))
    return found


def _moment(event: Event) -> datetime:
    return datetime.fromtimestamp(event.at, UTC)
