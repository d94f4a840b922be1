"""Where people look for records in Dynamics: the find columns of its quick find views.

https://learn.microsoft.com/en-us/power-apps/developer/model-driven-apps/customize-entity-views
"""

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import ParseError, fromstring  # type: ignore[import-untyped]

from connections.models import Environment
from core.problems import Problem
from integrations.access import reaching
from integrations.definition import Definition
from microsoft.dataverse import Dataverse
from microsoft.odata import and_, eq, or_

FindColumns = dict[str, tuple[str, ...]]
_QUICK_FIND = 4  # querytype
_AT_ONCE = 25
_YES = ("1", "true")
log = structlog.get_logger(__name__)


def find_columns(
    environment: Environment, client: Callable[[], Dataverse], definition: Definition
) -> FindColumns | None:
    """Entity → the attributes that its quick find looks in. None where the views cannot be read."""
    try:
        with reaching(environment):
            return _read(client(), [entity.logical_name for entity in definition.entities])
    except Problem as problem:
        log.warning("quick find views cannot be read", environment=str(environment), reason=problem.message)
        return None


def _read(client: Dataverse, logical_names: Sequence[str]) -> FindColumns:
    found: FindColumns = {}
    for start in range(0, len(logical_names), _AT_ONCE):
        here = or_(*(eq("returnedtypecode", name) for name in logical_names[start : start + _AT_ONCE]))
        active = [eq("querytype", _QUICK_FIND), eq("isquickfindquery", True), eq("statecode", 0)]
        page = client.list(
            "savedqueries",
            select=("returnedtypecode", "fetchxml", "isdefault"),
            filter=and_(here, *active),
            orderby=("isdefault desc",),
            formatted=False,
        )
        for row in page.records:
            found.setdefault(str(row["returnedtypecode"]), searched_by(row.get("fetchxml")))
    return found


def searched_by(fetchxml: Any) -> tuple[str, ...]:
    """Those of the entity itself; what is found through related records is not looked for here."""
    try:
        entity = fromstring(str(fetchxml or ""), forbid_dtd=True).find("entity")
    except (ParseError, DefusedXmlException):
        return ()
    filters = entity.findall(".//filter") if entity is not None else []
    names = [
        condition.get("attribute", "")
        for each in filters
        if each.get("isquickfindfields") in _YES
        for condition in each.findall("condition")
        if not condition.get("entityname")
    ]
    return tuple(dict.fromkeys(name for name in names if name))
