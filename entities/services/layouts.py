"""How a person likes a grid. Nobody else sees it, so it takes no more than being allowed to look."""

from collections.abc import Mapping, Sequence

from accounts.actors import Actor
from core.problems import BadInput
from entities.columns import LEAST_WIDTH, MOST_WIDTH
from entities.models import GridLayout
from entities.place import Place
from entities.query import readable_names

MOST_COLUMNS = 60


def keep_columns(actor: Actor, place: Place, names: Sequence[str]) -> GridLayout:
    """Show these columns in this order from now on; none for the usual ones.

    Raises:
        BadInput: when the integration has no such attribute.

    """
    readable = readable_names(place.entity)
    unknown = [name for name in names if name not in readable]
    if unknown or len(names) > MOST_COLUMNS:
        raise BadInput(
            f"A grid shows at most {MOST_COLUMNS} attributes of this integration, and “{(unknown or ['these'])[0][:60]}”"
            " is not among them.",
            advice="Choose them again.",
        )
    layout = _layout(actor, place)
    layout.columns = [readable[name].logical_name for name in dict.fromkeys(names)]
    layout.save()
    return layout


def keep_widths(actor: Actor, place: Place, widths: Mapping[str, str]) -> GridLayout:
    """Remember how wide some columns are, in pixels; 0 forgets it. Raises BadInput."""
    readable = readable_names(place.entity)
    layout = _layout(actor, place)
    for name, text in widths.items():
        if name not in readable or not text.isascii() or not text.isdigit() or len(text) > 4:
            raise BadInput("This is not the width of a column.")
        key, width = readable[name].logical_name, int(text)
        layout.widths.pop(key, None)
        if width:
            layout.widths[key] = min(max(width, LEAST_WIDTH), MOST_WIDTH)
    layout.save()
    return layout


def _layout(actor: Actor, place: Place) -> GridLayout:
    if actor.user is None:
        raise TypeError("A layout belongs to a person.")
    return GridLayout.objects.get_or_create(
        user=actor.user, integration=place.integration, entity=place.entity.logical_name
    )[0]
