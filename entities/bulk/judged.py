"""What is to happen to one row, decided before anything is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.problems import Problem
from entities.models import BulkRow, RowFacts
from integrations.definition import Entity


@dataclass
class Judged:
    """`verb` is empty when nothing is to be sent: then it is either `unchanged`, or `reason` says why not.

    `values` and `before` go by the integration's names and hold Python values. With a `version` it is done only
    while the record still has that one.
    """

    row: BulkRow
    facts: RowFacts
    verb: str = ""
    record_id: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    unchanged: bool = False
    version: str = ""
    reason: str = ""

    def refused(self, reason: str) -> "Judged":
        self.verb, self.reason = "", reason
        return self


def reason_of(entity: Entity, problem: Problem) -> str:
    """A problem in one line, its fields by their labels."""
    if not problem.fields:
        return f"{problem.message} {problem.advice}".strip() if problem.code else problem.message
    labels = {item.name: item.label or item.name for item in entity.attributes}
    return " ".join(f"{labels.get(name, name)}: {text}" for name, text in problem.fields.items())
