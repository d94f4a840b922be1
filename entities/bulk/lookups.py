"""Lookups that a file gives by name or by another attribute of their target, found many at a time."""

from collections import OrderedDict
from collections.abc import Iterable

from integrations.bulk import BulkOperations, folded
from integrations.definition import Attribute, Entity, Operation
from integrations.kinds import Kind, kind_of
from integrations.operations import EntityOperations, Service
from integrations.records import Link
from integrations.values import checked
from integrations.values.scalars import Unfit

BY_NAME = "name"
REMEMBERED = 50_000


class Finder:
    """Remembers what it found, within a bound, for one run."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known: OrderedDict[tuple[str, str, str], list[Link]] = OrderedDict()

    def find_all(self, attribute: Attribute, found_by: str, texts: Iterable[str]) -> None:
        """Look for all of these at once, so that `found` need not ask."""
        lacking = list(
            dict.fromkeys(text for text in texts if self._key(attribute, found_by, text) not in self._known)
        )
        if not lacking:
            return
        hits: dict[str, list[Link]] = {folded(text): [] for text in lacking}
        for target, by in self._ways(attribute, found_by):
            fitting = [value for text in lacking if (value := _fitting(by, text)) is not None]
            for key, ids in BulkOperations(target).find(by, fitting).items():
                hits.setdefault(key, []).extend(Link(each, target.entity.logical_name) for each in ids)
        for text in lacking:
            self._known[self._key(attribute, found_by, text)] = hits[folded(text)]
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def found(self, attribute: Attribute, found_by: str, text: str) -> Link:
        """The one record that is called so. Raises Unfit when there is none, or more than one."""
        if not self.finds(attribute, found_by):
            raise Unfit("This integration cannot look for it by name: give its id.")
        self.find_all(attribute, found_by, [text])
        hits = self._known[self._key(attribute, found_by, text)]
        if not hits:
            raise Unfit(f"There is no “{text[:80]}”.")
        if len(hits) > 1:
            raise Unfit(f"{len(hits)} records are called “{text[:80]}”: give the id of one.")
        return hits[0]

    def finds(self, attribute: Attribute, found_by: str = BY_NAME) -> bool:
        """Whether it can look for this lookup at all."""
        return bool(self._ways(attribute, found_by))

    def _ways(self, attribute: Attribute, found_by: str) -> list[tuple[EntityOperations, Attribute]]:
        ways = []
        for logical_name in attribute.targets:
            target = self._service.entity_for(logical_name)
            by = _by(target, found_by) if target and target.may(Operation.SEARCH) else None
            if target and by:
                ways.append((target, by))
        return ways

    @staticmethod
    def _key(attribute: Attribute, found_by: str, text: str) -> tuple[str, str, str]:
        return attribute.name, found_by, folded(text)


def unfindable(service: Service, entity: Entity) -> dict[str, str]:
    """The lookups whose targets this integration cannot look for, with the Dataverse names of these."""
    finder = Finder(service)
    return {
        item.name: ", ".join(item.targets)
        for item in entity.attributes
        if kind_of(item) is Kind.LOOKUP and not finder.finds(item)
    }


def _by(target: EntityOperations, found_by: str) -> Attribute | None:
    for item in target.readable:
        if item.primary_name if found_by == BY_NAME else item.name == found_by:
            return item
    return None


def _fitting(attribute: Attribute, text: str) -> object:
    try:
        return checked(attribute, text)
    except Unfit:
        return None
