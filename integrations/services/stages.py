"""Development, Test, Production: every team has them, and may have others."""

from accounts.models import Team
from core.problems import Missing
from integrations.models import Stage

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
