"""What a search selects and how it is ordered: names of the integration in, Web API properties out."""

from collections.abc import Sequence

from core.problems import BadInput
from integrations.definition import Attribute, Entity
from integrations.kinds import UNSORTABLE, column, file_name_column, kind_of

Order = Sequence[tuple[str, str]]


def readable(entity: Entity) -> tuple[Attribute, ...]:
    """The attributes that records show."""
    return tuple(attribute for attribute in entity.attributes if attribute.can_read)


def selected(entity: Entity, names: Sequence[str] | None) -> tuple[Attribute, ...]:
    """The named attributes, or all readable ones. Raises BadInput for others."""
    if names is None:
        return readable(entity)
    known = {each.name: each for each in readable(entity)}
    unknown = {name: "The integration has no such attribute." for name in names if name not in known}
    if unknown:
        raise BadInput(f"Unknown: {', '.join(unknown)}.", fields=unknown)
    return tuple(known[name] for name in dict.fromkeys(names))


def columns(entity: Entity, chosen: Sequence[Attribute]) -> tuple[str, ...]:
    """The `$select` for these attributes; the id is always there, and beside a file its name."""
    names = [name for each in chosen if (name := file_name_column(each))]
    return tuple(dict.fromkeys((entity.primary_id, *(column(each) for each in chosen), *names)))


def ordering(entity: Entity, order_by: Order) -> tuple[str, ...]:
    """The `$orderby` for (attribute, "asc" or "desc") pairs; the id settles ties, so that pages are stable."""
    known = {each.name: each for each in readable(entity) if kind_of(each) not in UNSORTABLE}
    terms = []
    for name, direction in order_by:
        if name not in known:
            raise BadInput("It cannot be ordered so.", fields={name: "This cannot be ordered by."})
        if direction not in {"asc", "desc"}:
            raise BadInput("It cannot be ordered so.", fields={name: "Order is 'asc' or 'desc'."})
        terms.append(f"{column(known[name])} {direction}")
    return (*terms, f"{entity.primary_id} asc") if terms else ()
