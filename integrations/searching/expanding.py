"""Related records that come along with a get or a search, within the same definition and the same rights."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from core.problems import BadInput
from integrations.definition import Attribute, Definition, Entity, Expand
from integrations.records import Record
from integrations.searching.query import columns, readable
from integrations.values import record_reader
from microsoft import odata

MAX_EXPANDS = 15  # Dataverse's own bound


@dataclass(frozen=True)
class Expansion:
    """One related entity, with what of it is read."""

    expand: Expand
    target: Entity
    attributes: tuple[Attribute, ...]

    @property
    def text(self) -> str:
        select = ",".join(columns(self.target, self.attributes))
        return f"{odata.name(self.expand.navigation)}($select={select})"

    def read(self, raw: Mapping[str, Any]) -> Record | list[Record] | None:
        """What came along in a raw record."""
        found = raw.get(self.expand.navigation)
        if self.expand.collection:
            return [*map(self._reader, found or ())]
        return self._reader(found) if found else None

    @cached_property
    def _reader(self) -> Callable[[dict[str, Any]], Record]:
        return record_reader(self.target, self.attributes)


def expansions(definition: Definition, entity: Entity, names: Sequence[str]) -> tuple[Expansion, ...]:
    """Those of these names. Raises BadInput for names that the integration lacks."""
    known = {each.name: each for each in entity.expand}
    unknown = {
        name: "The integration brings along nothing of this name." for name in names if name not in known
    }
    if unknown:
        offered = ", ".join(known) or "nothing"
        raise BadInput(
            f"Unknown: {', '.join(unknown)}.", advice=f"What can be expanded: {offered}.", fields=unknown
        )
    chosen = [known[name] for name in dict.fromkeys(names)]
    if len(chosen) > MAX_EXPANDS:
        raise BadInput(f"At most {MAX_EXPANDS} related entities come along at once.")
    found = []
    for each in chosen:
        target = definition.entity(each.target)
        if target is not None:
            found.append(Expansion(each, target, readable(target)))
    return tuple(found)


def query_text(chosen: Sequence[Expansion]) -> str | None:
    """The `$expand`, None for nothing."""
    return ",".join(each.text for each in chosen) or None


def expanded(chosen: Sequence[Expansion], raw: Mapping[str, Any]) -> dict[str, Record | list[Record] | None]:
    """What came along, by the integration's names."""
    return {each.expand.name: each.read(raw) for each in chosen}
