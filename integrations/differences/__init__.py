"""What changed between two definitions, and whether a program written for the first still works."""

from integrations.definition import Definition
from integrations.differences.change import Change
from integrations.differences.entities import definition_changes

__all__ = ["Change", "differences", "is_breaking"]


def differences(old: Definition | None, new: Definition) -> list[Change]:
    """Every difference, entity by entity. Against nothing, everything is added."""
    return list(definition_changes(old or Definition(), new, first=old is None))


def is_breaking(changes: list[Change]) -> bool:
    return any(change.breaking for change in changes)
