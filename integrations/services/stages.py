"""Development, Test, Production: every team has them, and may have others."""

from django.db import models, transaction
from django.utils.text import slugify

from accounts import audit
from accounts.actors import Actor
from accounts.models import Role, Team
from accounts.rules import require_role
from core.problems import BadInput, Clash, Missing
from integrations.models import Stage

MAX_STAGES = 12
DEFAULTS = (("development", "Development"), ("test", "Test"), ("production", "Production"))


def stages_of(team: Team) -> list[Stage]:
    """The team's stages in order; the usual three are made when a team has none."""
    found = list(Stage.objects.filter(team=team))
    if found:
        return found
    for position, (slug, name) in enumerate(DEFAULTS):
        Stage.objects.get_or_create(team=team, slug=slug, defaults={"name": name, "position": position})
    return list(Stage.objects.filter(team=team))


def stage_of(team: Team, slug: str) -> Stage:
    """One stage of the team. Raises Missing."""
    for stage in stages_of(team):
        if stage.slug == slug:
            return stage
    raise Missing(f"{team.name} has no stage {slug[:40]!r}.")


def add(actor: Actor, team: Team, name: str) -> Stage:
    """One more stage, after the others. Its slug comes from its name and stays what it is.

    Raises:
        BadInput: the name is empty, too long or taken, or there are enough stages.
        Missing, NotPermitted: it takes the role builder in the team.

    """
    require_role(actor, team, Role.BUILDER)
    known = stages_of(team)
    name = _sound(name, known)
    if len(known) >= MAX_STAGES:
        raise BadInput(f"A team has at most {MAX_STAGES} stages.", fields={"name": "There are enough."})
    taken = {stage.slug for stage in known}
    stem = slugify(name)[:36] or "stage"
    slug = next(one for one in (stem, *(f"{stem}-{n}" for n in range(2, 99))) if one not in taken)
    with transaction.atomic():
        position = max((stage.position for stage in known), default=-1) + 1
        stage = Stage.objects.create(team=team, slug=slug, name=name, position=position)
        audit.record(actor, "added a stage to", team, fields=["stages"], message=name)
    return stage


def rename(actor: Actor, stage: Stage, name: str) -> Stage:
    """Call it something else. Addresses and keys keep its slug. Raises as `add`."""
    require_role(actor, stage.team, Role.BUILDER)
    name = _sound(name, [each for each in stages_of(stage.team) if each.pk != stage.pk])
    with transaction.atomic():
        before, stage.name = stage.name, name
        stage.save(update_fields=["name"])
        audit.record(actor, "renamed a stage of", stage.team, fields=["stages"], message=f"{before} → {name}")
    return stage


def move(actor: Actor, stage: Stage, *, up: bool) -> None:
    """Let it change places with its neighbour; at the end of the row nothing happens. Raises as `add`."""
    require_role(actor, stage.team, Role.BUILDER)
    row = stages_of(stage.team)
    here = row.index(stage)
    there = here + (-1 if up else 1)
    if not 0 <= there < len(row):
        return
    row[here], row[there] = row[there], row[here]
    with transaction.atomic():
        for position, each in enumerate(row):
            each.position = position
        Stage.objects.bulk_update(row, ["position"])
        audit.record(actor, "ordered the stages of", stage.team, fields=["stages"], message=stage.name)


def remove(actor: Actor, stage: Stage) -> None:
    """Do without it.

    Raises:
        Clash: something is still bound or has a key there, or it is the last one.
        Missing, NotPermitted: it takes the role builder in the team.

    """
    require_role(actor, stage.team, Role.BUILDER)
    if len(stages_of(stage.team)) == 1:
        raise Clash("A team needs at least one stage.", advice="Add another one first, or rename this one.")
    try:
        with transaction.atomic():
            audit.record(actor, "removed a stage of", stage.team, fields=["stages"], message=stage.name)
            stage.delete()
    except models.ProtectedError as error:
        count = len(error.protected_objects)
        raise Clash(
            f"{stage.name} is in use: {count} binding{'' if count == 1 else 's'}, keys or the like are on it.",
            title="The stage is in use",
            advice="Unbind the integrations from it and remove what works there; then it can go.",
        ) from None


def _sound(name: str, others: list[Stage]) -> str:
    name = " ".join(name.split())
    longest = Stage._meta.get_field("name").max_length or 40
    if not name:
        raise BadInput("Give the stage a name.", fields={"name": "Give it a name."})
    if len(name) > longest:
        raise BadInput("The name is too long.", fields={"name": f"At most {longest} characters."})
    if name.casefold() in {stage.name.casefold() for stage in others}:
        raise BadInput(f"The team has a stage named {name} already.", fields={"name": "It is taken."})
    return name
