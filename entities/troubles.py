"""What went wrong with a form, put where the person looks for it."""

import math
import re

from django.http import HttpResponse

from core.problems import BadInput, Problem
from entities.forms import RecordForm
from entities.place import Place
from integrations.definition import Entity

# Dataverse names the attribute it complains about in quotes, by its own name for it.
_QUOTED = re.compile(r"'(\w+)'")
# A status reason that does not go with the status is refused by its value alone.
_STATUS_REFUSED = "0x80048408"


def lay_out(place: Place, form: RecordForm, problem: Problem) -> Problem | None:
    """Put a problem beside the fields it concerns. What concerns none of them comes back, for the top of the page."""
    fields = problem.fields or concerned(place.entity, problem)
    rest = [text for name, text in fields.items() if name not in form.fields]
    for name in fields.keys() & form.fields.keys():
        form.add_error(name, fields[name])
    return problem if rest or not fields else None


def patient(answer: HttpResponse, problem: Problem | None) -> HttpResponse:
    """The answer, with how long to wait where Dynamics has said so."""
    if problem and problem.retry_after is not None:
        answer.headers["Retry-After"] = str(max(1, math.ceil(problem.retry_after)))
    return answer


def concerned(entity: Entity, problem: Problem) -> dict[str, str]:
    """The attribute that Dynamics complains about, by its name here, and what it says; or nothing."""
    if not isinstance(problem, BadInput):
        return {}
    names = {item.logical_name: item.name for item in entity.attributes}
    named = _QUOTED.findall(problem.message)
    if problem.code.lower() == _STATUS_REFUSED:
        named = ["statuscode"]
    first = next((names[word] for word in named if word in names), None)
    return {first: f"{problem.message} {problem.advice}".strip()} if first else {}
