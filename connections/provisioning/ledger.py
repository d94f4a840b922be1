"""The Step rows: what the page shows of each step, live and afterwards."""

from collections.abc import Sequence

from connections.models import Connection, Step
from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work
from core.clock import now
from core.problems import Problem, problem_from
from core.redaction import redact_text
from microsoft.errors import MicrosoftError


def lay_out(connection: Connection, steps: Sequence[StepKind]) -> None:
    """Have one row per step, in order, and none of another plan. Rows that are there keep what they say."""
    connection.steps.exclude(name__in=[step.name for step in steps]).delete()
    for position, step in enumerate(steps, 1):
        Step.objects.update_or_create(connection=connection, name=step.name, defaults={"position": position})


def reset(connection: Connection, first: str = "") -> None:
    """Begin again from a step, keeping what was done before it; without a name, from the first unfinished one."""
    rows = connection.steps.all()
    if first:
        rows = rows.filter(position__gte=rows.get(name=first).position)
    else:
        rows = rows.exclude(state=Step.State.DONE)
    rows.update(
        state=Step.State.PENDING,
        message="",
        advice="",
        ids={},
        found=False,
        started_at=None,
        finished_at=None,
    )


def begin(row: Step) -> None:
    """Display only, so no fence: a worker that lost its lease is stopped before it changes anything that counts."""
    row.state = Step.State.RUNNING
    row.started_at = row.started_at or now()
    row.save(update_fields=["state", "started_at"])


def done(work: Work, row: Step, outcome: Outcome, ids: dict[str, str]) -> None:
    """`ids`: the step's own correlation id, and the server's of its last answer."""
    with work.run.fenced():
        row.state = Step.State.DONE
        row.found = outcome.found
        row.message, row.advice, row.ids = outcome.message, "", ids
        row.finished_at = now()
        row.save()


def wait(row: Step, error: MicrosoftError) -> None:
    _explain(row, Step.State.WAITING, error)


def fail(row: Step, error: MicrosoftError | Problem) -> None:
    row.finished_at = now()
    _explain(row, Step.State.FAILED, error)


def _explain(row: Step, state: Step.State, error: MicrosoftError | Problem) -> None:
    problem = problem_from(error) if isinstance(error, MicrosoftError) else error
    row.state = state
    row.message = redact_text(problem.message)
    row.advice = redact_text(problem.advice)
    row.ids = problem.ids
    row.save()
