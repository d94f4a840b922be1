"""What a person looked at last."""

from accounts.actors import Actor
from accounts.models import User
from core import clock
from entities.models import RecentRecord
from entities.place import Place

KEPT = 40


def remember(actor: Actor, place: Place, record_id: str, title: str) -> None:
    """Put a record at the top of the person's list; the oldest fall off its end."""
    RecentRecord.objects.update_or_create(
        user=actor.user,
        integration=place.integration,
        stage=place.stage.slug,
        entity=place.entity.logical_name,
        record_id=record_id,
        defaults={"title": title[:300], "seen_at": clock.now()},
    )
    rows = RecentRecord.objects.filter(user=actor.user)
    old = rows.order_by("-seen_at").values_list("pk", flat=True)[KEPT : KEPT + 50]
    RecentRecord.objects.filter(pk__in=list(old)).delete()


def forget(actor: Actor, place: Place, record_id: str) -> None:
    """Drop a record that is gone from the person's list."""
    RecentRecord.objects.filter(
        user=actor.user, integration=place.integration, entity=place.entity.logical_name, record_id=record_id
    ).delete()


def recent_of(user: User, most: int = 8) -> list[RecentRecord]:
    return list(
        RecentRecord.objects.filter(user=user).select_related("integration__team").order_by("-seen_at")[:most]
    )
