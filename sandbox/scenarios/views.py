"""The views that Dataverse gives every table: active and inactive rows, one's own, lookup and quick find."""

from typing import Any
from xml.sax.saxutils import quoteattr

from sandbox.dataverse.metadata.build import stable_id
from sandbox.dataverse.metadata.model import label
from sandbox.dataverse.metadata.snapshot import Entity

# What a view shows beside the primary name, where a table has it.
SHOWN = (
    "accountnumber",
    "parentcustomerid",
    "customerid",
    "emailaddress1",
    "telephone1",
    "address1_city",
    "primarycontactid",
    "estimatedvalue",
    "statuscode",
    "createdon",
)
# What quick find looks in beside it.
SEARCHED = ("accountnumber", "ticketnumber", "emailaddress1", "telephone1")
MOST_SHOWN = 5
PUBLIC, ADVANCED_FIND, ASSOCIATED, QUICK_FIND, LOOKUP = 0, 1, 2, 4, 64


def system_views(entity: Entity) -> list[dict[str, Any]]:
    """The rows of `savedquery` for a table; none for tables that people do not list."""
    table = entity.table
    if table.is_intersect or table.is_view or table.ownership == "None" or not entity.primary_name:
        return []
    plural = label(table.plural) or table.name
    active = _state(entity, 0)
    views = [_view(entity, f"Active {plural}" if active else f"All {plural}", PUBLIC, active)]
    views[0]["isdefault"] = 1
    if active:
        views.append(_view(entity, f"Inactive {plural}", PUBLIC, _state(entity, 1)))
    if entity.has_owner:
        views.append(
            _view(entity, f"My Active {plural}", PUBLIC, active + _condition("ownerid", "eq-userid"))
        )
    views += [
        _view(entity, f"{plural} Advanced Find View", ADVANCED_FIND, ""),
        _view(entity, f"{label(table.labels)} Associated View", ASSOCIATED, active),
        _view(entity, f"Quick Find Active {plural}", QUICK_FIND, active + _quick_find(entity)),
        _view(entity, f"{plural} Lookup View", LOOKUP, active),
    ]
    return views


def _condition(attribute: str, operator: str, value: str = "") -> str:
    written = f" value={quoteattr(value)}" if value else ""
    return f'<condition attribute="{attribute}" operator="{operator}"{written} />'


def _state(entity: Entity, value: int) -> str:
    return _condition("statecode", "eq", str(value)) if "statecode" in entity.columns else ""


def _quick_find(entity: Entity) -> str:
    names = [entity.primary_name, *(name for name in SEARCHED if name in entity.columns)]
    searched = "".join(_condition(str(name), "like", "{0}") for name in names)
    return f'<filter type="or" isquickfindfields="1">{searched}</filter>'


def _columns(entity: Entity) -> list[str]:
    found = [entity.primary_name, *(name for name in SHOWN if name in entity.columns)]
    return [name for name in found if name][:MOST_SHOWN]


def _view(entity: Entity, name: str, kind: int, conditions: str) -> dict[str, Any]:
    shown = _columns(entity)
    attributes = "".join(f'<attribute name="{column}" />' for column in [*shown, entity.id])
    order = f'<order attribute="{entity.primary_name}" descending="false" />'
    where = f'<filter type="and">{conditions}</filter>' if conditions else ""
    cells = "".join(f'<cell name="{column}" width="150" />' for column in shown)
    return {
        "savedqueryid": stable_id("view", entity.name, name),
        "name": name,
        "returnedtypecode": entity.name,
        "querytype": kind,
        "isquickfindquery": int(kind == QUICK_FIND),
        "fetchxml": f'<fetch version="1.0" mapping="logical"><entity name="{entity.name}">'
        f"{attributes}{order}{where}</entity></fetch>",
        "layoutxml": f'<grid name="resultset" object="{entity.table.type_code}" jump="{entity.primary_name}" '
        f'select="1" icon="1" preview="1"><row name="result" id="{entity.id}">{cells}</row></grid>',
    }
