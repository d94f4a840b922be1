"""What went wrong with a form, put where the person looks for it."""

import re

from core.problems import BadInput, Problem
from entities.forms import RecordForm
from entities.place import Place

# Dataverse names the attribute it complains about in quotes, by its own name for it.
_QUOTED = re.compile(r"'(\w+)'")


def lay_out(place: Place, form: RecordForm, problem: Problem) -> Problem | None:
    """Put a problem beside the fields it concerns. What concerns none of them comes back, for the top of the page."""
    fields = problem.fields or _concerned(place, problem)
    rest = [text for name, text in fields.items() if name not in form.fields]
    for name in fields.keys() & form.fields.keys():
        form.add_error(name, fields[name])
    return problem if rest or not fields else None


def _concerned(place: Place, problem: Problem) -> dict[str, str]:
    if not isinstance(problem, BadInput):
        return {}
    names = {item.logical_name: item.name for item in place.entity.attributes}
    quoted = (names.get(word) for word in _QUOTED.findall(problem.message))
    first = next((name for name in quoted if name), None)
    return {first: problem.message} if first else {}
