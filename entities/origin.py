"""What an edit form began with. It travels with the form, so that saving needs no second look at the record,
only what the person touched is sent, and a conflict can be told field by field.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core import signing

Raw = str | list[str]

_SALT = "entities.origin"


@dataclass(frozen=True)
class Origin:
    """A record as a form showed it: `values` as controls hold them, `labels` for what has a name as well."""

    record_id: str
    etag: str
    name: str
    values: Mapping[str, Raw] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    def sealed(self) -> str:
        """For a hidden field. Sealed, because an etag goes into a request's header."""
        parts = [self.record_id, self.etag, self.name, dict(self.values), dict(self.labels)]
        return signing.dumps(parts, salt=_SALT, compress=True)


def unsealed(text: str, record_id: str) -> Origin | None:
    """The origin that a form brought back; None when it is not one of ours, or another record's."""
    try:
        found = Origin(*signing.loads(text, salt=_SALT))
    except (signing.BadSignature, TypeError):
        return None
    return found if found.record_id == record_id else None
