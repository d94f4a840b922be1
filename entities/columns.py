"""Which columns a grid shows: those of the address, else the person's own, else what one usually wants."""

from dataclasses import dataclass, field

from accounts.models import User
from entities.models import GridLayout
from entities.place import Place
from entities.query import DEFAULT_COLUMNS, GridQuery
from integrations.definition import Attribute
from integrations.kinds import BLOBS, Kind, kind_of

LEAST_WIDTH, MOST_WIDTH = 60, 900
# By their logical names, the most telling first; custom attributes count by how they end.
_USUAL = (
    *("accountnumber", "ticketnumber", "ordernumber", "productnumber", "invoicenumber", "number"),
    *("parentcustomerid", "customerid", "companyname", "parentaccountid", "regardingobjectid"),
    *("primarycontactid", "emailaddress1", "internalemailaddress", "telephone1", "jobtitle", "address1_city"),
    *("estimatedvalue", "totalamount", "revenue", "price", "amount", "prioritycode", "severitycode"),
    *("industrycode", "statuscode", "estimatedclosedate", "scheduledend", "duedate", "ownerid", "modifiedon"),
)
_NEVER = frozenset({Kind.LONG_TEXT, Kind.ID}) | BLOBS


@dataclass(frozen=True)
class Columns:
    """`own` says that the person has chosen them; `widths` are pixels by the attributes' names."""

    shown: list[Attribute]
    widths: dict[str, int] = field(default_factory=dict)
    own: bool = False


def columns_for(place: Place, query: GridQuery, user: User | None) -> Columns:
    """The columns of this grid for this person. The widths are theirs, whoever chose the columns."""
    layout = layout_of(place, user)
    by_name = {item.name: item for item in place.columns}
    names = {item.logical_name: item.name for item in place.columns}
    widths = {
        names[key]: int(value) for key, value in (layout.widths if layout else {}).items() if key in names
    }
    if query.columns:
        return Columns([by_name[name] for name in query.columns], widths)
    own = [by_name[names[key]] for key in (layout.columns if layout else []) if key in names]
    return Columns(own or usual_columns(place), widths, own=bool(own))


def layout_of(place: Place, user: User | None) -> GridLayout | None:
    return GridLayout.objects.filter(
        user=user, integration=place.integration, entity=place.entity.logical_name
    ).first()


def usual_columns(place: Place) -> list[Attribute]:
    """The name, then what tells records apart and says how things stand."""
    names = [item for item in place.columns if item.primary_name]
    ranked = sorted(
        (
            (rank, position, item)
            for position, item in enumerate(place.columns)
            if not item.primary_name and not item.base_of and (rank := _rank(item)) is not None
        ),
        key=lambda each: each[:2],
    )
    chosen = list({rank: item for rank, _position, item in reversed(ranked)}.values())[::-1]
    taken = {item.name for item in (*names, *chosen)}
    rest = [item for item in place.columns if kind_of(item) not in _NEVER and item.name not in taken]
    return [*names, *chosen, *rest][:DEFAULT_COLUMNS] or place.columns[:DEFAULT_COLUMNS]


def _rank(attribute: Attribute) -> int | None:
    if kind_of(attribute) in _NEVER:
        return None
    name = attribute.logical_name
    return next((rank for rank, word in enumerate(_USUAL) if word == name or _custom(name) == word), None)


def _custom(name: str) -> str:
    """A publisher's prefix does not count: `contoso_amount` is an amount."""
    prefix, _, rest = name.partition("_")
    return "" if prefix.startswith("address") else rest
