"""Which records of a grid somebody has ticked, on all its pages.

The contract between grid and whatever acts on many records. The grid keeps the ticks (`selection.js`); its bar
`[data-selection-bar]` holds a form whose buttons post, each to its own `formaction`, three fields:

    selection   ids joined by commas, or `all` for every record that the list holds
    except      with `all`: the ids that were unticked again
    query       the grid's query string (filters, order), without which `all` would mean another list

Buttons are added in `templates/entities/includes/selection_actions.html`.
"""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from core.problems import BadInput
from entities.place import Place
from entities.query import GridQuery, read_query

EVERYTHING = "all"
MOST = 5000


@dataclass(frozen=True)
class Selection:
    """`ids` are the ticked ones; with `everything` it is all that `query` finds, but `left_out`."""

    query: GridQuery
    ids: tuple[str, ...] = ()
    everything: bool = False
    left_out: frozenset[str] = frozenset()

    @property
    def fields(self) -> dict[str, str]:
        """The three fields again, for the next page's form or address."""
        return {
            "selection": EVERYTHING if self.everything else ",".join(self.ids),
            "except": ",".join(sorted(self.left_out)),
            "query": self.query.at(1).address.removeprefix("?"),
        }

    @property
    def address(self) -> str:
        return f"?{urlencode({name: value for name, value in self.fields.items() if value})}"


def read_selection(place: Place, data: QueryDict) -> Selection:
    """What was ticked.

    Raises:
        BadInput: when nothing is, when it is not ids, or more than can be named one by one.

    """
    query = read_query(place.entity, QueryDict(data.get("query", "")))
    text = data.get("selection", "")
    if text == EVERYTHING:
        return Selection(query, everything=True, left_out=frozenset(_ids(data.get("except", ""))))
    ids = _ids(text)
    if not ids:
        raise BadInput("No record is selected.", advice="Tick the records in the list first.")
    return Selection(query, ids=tuple(dict.fromkeys(ids)))


def _ids(text: str) -> list[str]:
    parts = [part for part in text.split(",") if part.strip()]
    if len(parts) > MOST:
        raise BadInput(f"At most {MOST:,} records can be ticked one by one.", advice="Select the whole list.")
    try:
        return [str(UUID(part.strip())) for part in parts]
    except ValueError:
        raise BadInput("This is not a selection of records.", advice="Go back and tick them again.") from None
