"""From the address bar to the filter that the operations are asked: quick find, “me”, and days, made explicit."""

from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.utils import timezone

from core.problems import BadInput
from entities.mirror import MirrorRecords
from entities.query import GridQuery
from entities.spans import in_persons_days
from integrations.access import person_client, reaching
from integrations.definition import ActsAs, Attribute
from integrations.filters import WHO, AllOf, AnyOf, Filter, Operator, Where
from integrations.kinds import TEXTS, kind_of
from integrations.operations import EntityOperations
from integrations.searching.conditions import odata_filter

MOST_SEARCHED = 8
REMEMBERED = 3600
# By what people look for a record besides its name, where the integration offers it.
_TOLD_APART_BY = ("number", "email", "fullname", "city", "subject", "sku", "code")


def filter_for(records: EntityOperations, query: GridQuery) -> Filter | None:
    """All that the query asks for, on behalf of the person whose operations these are: on a page or in a job.

    Raises:
        BadInput: `fields` names each attribute that cannot be asked this.
        GateClosed: it asks for “me”, and Isthmus may not ask Microsoft who that is.

    """
    odata_filter(
        records.entity, query.typed
    )  # what is wrong is said of what was typed, not of what it becomes
    parts: list[Filter] = []
    for group in query.groups:
        asked = [_explicit(records, condition.as_filter()) for condition in group]
        parts.append(AnyOf(tuple(asked)) if len(asked) > 1 else asked[0])
    if query.find:
        found = [Where(item.name, Operator.CONTAINS, query.find) for item in search_columns(records)]
        if not found:
            raise BadInput(
                f"{records.entity.label} has no text in this integration to look in.", advice="Use a filter."
            )
        parts.append(AnyOf(tuple(found)) if len(found) > 1 else found[0])
    return AllOf(tuple(parts)) if parts else None


def search_columns(records: EntityOperations) -> list[Attribute]:
    """Where the quick find looks: as in Dynamics, else in the name and what else tells records of this kind apart."""
    texts = [
        item for item in records.readable if kind_of(item) in TEXTS and not item.format.startswith("Json")
    ]
    if isinstance(records, MirrorRecords):
        return texts  # Dynamics would be slow with so many; here they cost little
    theirs = {item.logical_name: item for item in texts}
    if chosen := [theirs[name] for name in records.entity.find if name in theirs]:
        return chosen[:MOST_SEARCHED]
    names = [item for item in texts if item.primary_name]
    others = [
        item
        for item in texts
        if not item.primary_name and any(word in item.logical_name for word in _TOLD_APART_BY)
    ]
    return [*names, *others][:MOST_SEARCHED] or texts[:1]


def my_user_id(records: EntityOperations) -> str:
    """Who the person is in Dynamics. Only their own authorization can tell. Raises GateClosed without one."""
    actor, environment = records.service.actor, records.service.binding.connection.environment
    key = f"entities.me.{actor.user.pk if actor.user else ''}.{environment.pk}"
    known = cache.get(key)
    if known is None:
        with reaching(environment):
            known = person_client(actor, environment).who_am_i().user_id.lower()
        cache.set(key, known, REMEMBERED)
    return str(known)


def _explicit(records: EntityOperations, where: Where) -> Filter:
    attribute = records.entity.attribute(where.attribute)
    if attribute is None:
        return where
    if where.operator in WHO and records.service.definition.acts_as is ActsAs.APPLICATION:
        # Dynamics would take “me” for the application.
        operator = Operator.EQ if where.operator is Operator.ME else Operator.NE
        return Where(where.attribute, operator, {"entity": "systemuser", "id": my_user_id(records)})
    user = records.service.actor.user
    zone = ZoneInfo(user.time_zone) if user else timezone.get_current_timezone()
    return in_persons_days(attribute, where, zone)
