"""Sending judged rows, and finding out after a break which of them had gone through already."""

from collections.abc import Sequence

from entities.bulk.changing import MOVED_ON, holds
from entities.bulk.judged import Judged, reason_of
from entities.models import BulkRow
from integrations.bulk import BulkOperations, Draft, Problems, folded
from integrations.definition import Operation
from microsoft.errors import Conflict, Duplicate

Verb = BulkRow.Verb


class Sender:
    """Rows that are refused say so; created ones know their version, by which undoing sees whether it may delete."""

    def __init__(self, many: BulkOperations, key: Sequence[str] = ()) -> None:
        """`key`: the alternate key by which a line changes what is there and creates the rest."""
        self.many = many
        self.key = key

    def send(self, judged: Sequence[Judged], *, repeated: bool) -> None:
        """`repeated`: an earlier attempt has sent these rows as well, and it is not known how far they came."""
        for verb in (Verb.CREATE, Verb.UPDATE, Verb.DELETE):
            mine = [each for each in judged if each.verb == verb]
            if not mine:
                continue
            if verb == Verb.CREATE and repeated:
                # An id of ours that is taken was taken by us: the request before went through unheard.
                there = self.many.existing([each.record_id for each in mine])
                self._remember([each for each in mine if each.record_id in there], as_written=True)
                mine = [each for each in mine if each.record_id not in there]
            problems = self._written(verb, mine)
            if verb == Verb.CREATE and self.key:
                problems = self._overtaken(mine, problems)
            self._tell(mine, problems, repeated=repeated)
            if verb == Verb.CREATE:
                self._remember([each for each in mine if each.verb == Verb.CREATE])

    def _written(self, verb: str, judged: Sequence[Judged]) -> Problems:
        drafts = [Draft(each.record_id, each.values, each.version) for each in judged]
        match verb:
            case Verb.CREATE:
                return self.many.create(drafts)
            case Verb.UPDATE:
                return self.many.update(drafts)
        return self.many.delete(drafts)

    def _overtaken(self, judged: Sequence[Judged], problems: Problems) -> Problems:
        """Somebody has made a record with this key since it was looked for: then that one is changed.

        What it held before is not known, and it is not ours: undoing leaves it.
        """
        twice = [
            place for place, each in enumerate(problems) if each and isinstance(each.__cause__, Duplicate)
        ]
        if not twice:
            return problems
        problems = list(problems)
        again = self.many.upsert(self.key, [judged[place].values for place in twice])
        attributes = [item for item in self.many.operations.entity.attributes if item.name in self.key]
        keys = {place: tuple(judged[place].values[item.name] for item in attributes) for place in twice}
        found = self.many.find_by(attributes, list(keys.values()))
        for place, problem in zip(twice, again, strict=True):
            hits = found.get(tuple(folded(part) for part in keys[place]), [])
            if problem is None and hits:
                judged[place].verb, judged[place].record_id = Verb.UPDATE.value, hits[0]
            problems[place] = problem
        return problems

    def _tell(self, judged: Sequence[Judged], problems: Problems, *, repeated: bool) -> None:
        clashed = []
        for each, problem in zip(judged, problems, strict=True):
            if problem is None:
                continue
            if each.version and isinstance(problem.__cause__, Conflict):
                clashed.append(each)
            else:
                each.refused(reason_of(self.many.operations.entity, problem))
        # That the version has moved on may be our own doing: the request before went through unheard.
        ours = self._as_written([each for each in clashed if repeated and each.verb == Verb.UPDATE])
        for each in clashed:
            if each.record_id not in ours:
                each.refused(MOVED_ON)

    def _remember(self, made: Sequence[Judged], *, as_written: bool = False) -> None:
        if not made or not self.many.operations.may(Operation.GET):
            return
        ids = [each.record_id for each in made]
        versions = self._as_written(made) if as_written else self.many.versions(ids)
        for each in made:
            each.version = versions.get(each.record_id, "")

    def _as_written(self, judged: Sequence[Judged]) -> dict[str, str]:
        """Id → version of those that still hold what was to be written."""
        if not judged:
            return {}
        readable = {item.name for item in self.many.operations.readable}
        names = sorted({name for each in judged for name in each.values if name in readable})
        found = self.many.read([each.record_id for each in judged], select=names)
        return {
            each.record_id: record.etag
            for each in judged
            if (record := found.get(each.record_id)) and holds(self.many, record, each.values)
        }
