"""Which version a key speaks: the one it is pinned to, one that is asked for, or the latest compatible one."""

from functools import lru_cache
from uuid import UUID

from core.problems import NotPermitted
from integrations.differences import differences
from integrations.models import ServiceKey, Version
from integrations.published import definition_of, unopened, version_of


def version_for(key: ServiceKey, asked: int | None = None) -> Version:
    """The version that a call with this key uses.

    Raises:
        NotPermitted: the key is pinned to another version than the one that was asked for.
        Missing: there is no such version, or it was withdrawn.

    """
    if key.pinned and asked not in (None, key.version):
        raise NotPermitted(
            f"The key {key.name} is pinned to version {key.version}, and this is version {asked}.",
            title="The key is pinned to a version",
            advice="Leave the version out of the address, or ask for a key that is not pinned.",
            code="key_pinned",
        )
    if asked is not None or key.pinned:
        return version_of(key.integration, asked or key.version)
    return _latest_compatible(key)


def _latest_compatible(key: ServiceKey) -> Version:
    """The newest version that breaks nothing for a program written for the one the key was made for."""
    newer = unopened(key.integration).filter(number__gte=key.version)
    usable = [each for each in newer if each.number == key.version or each.state != Version.State.WITHDRAWN]
    base = usable[-1]
    found = next((each for each in usable if _compatible(base.pk, each.pk)), base)
    return found if found.state != Version.State.WITHDRAWN else version_of(key.integration, found.number)


@lru_cache(maxsize=1024)
def _compatible(base: UUID, other: UUID) -> bool:
    """Versions never change, so neither does the answer."""
    if base == other:
        return True
    return not any(change.breaking for change in differences(definition_of(base), definition_of(other)))
