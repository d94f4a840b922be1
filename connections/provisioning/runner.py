"""Carries a plan out: skips what is done, shows each step, and leaves a trace wherever it stops."""

from collections.abc import Iterator, Sequence
from uuid import uuid4

from connections.models import Step
from connections.provisioning import ledger
from connections.provisioning.patience import until_replicated
from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work
from core.problems import Problem
from microsoft.errors import InteractionRequired, MicrosoftError, NotFound, SignInExpired, Transient
from microsoft.tracing import traced


def carry_out(work: Work, steps: Sequence[StepKind]) -> None:
    """Run every step that is not done yet, in order. Safe to call again after a crash at any point.

    Raises:
        Transient: wait, then call again.
        Problem, MicrosoftError: a step cannot be done; its row says why.
        Whatever the job engine raises to stop a run.

    """
    for step, row in _unfinished(work, steps):
        _carry_out_one(work, step, row)


def carry_out_each(work: Work, steps: Sequence[StepKind]) -> list[str]:
    """The same, but a step that is refused does not keep the next ones from being done.

    Returns "step: why" for each that was refused.

    Raises:
        Transient: wait, then call again.
        SignInExpired, InteractionRequired: nothing more can be done without the person.

    """
    refused = []
    for step, row in _unfinished(work, steps):
        try:
            _carry_out_one(work, step, row)
        except (Transient, SignInExpired, InteractionRequired):
            raise
        except (MicrosoftError, Problem) as error:
            refused.append(f"{step.title}: {error}")
    return refused


def _unfinished(work: Work, steps: Sequence[StepKind]) -> Iterator[tuple[StepKind, Step]]:
    ledger.lay_out(work.connection, steps)
    rows = {row.name: row for row in work.connection.steps.all()}
    for position, step in enumerate(steps):
        if rows[step.name].state != Step.State.DONE:
            work.run.progress(done=position, total=len(steps), step=step.title, message="")
            yield step, rows[step.name]
    work.run.progress(done=len(steps), total=len(steps), step="", message="")


def _carry_out_one(work: Work, step: StepKind, row: Step) -> None:
    ledger.begin(row)
    work.step_began = row.started_at
    with traced(str(uuid4())) as trail:
        try:
            outcome = _ensure(work, step)
        except Transient as error:
            ledger.wait(row, error)
            raise
        except (MicrosoftError, Problem) as error:
            ledger.fail(row, error)
            raise
    asked = (
        {"correlation_id": trail.correlation_id, "request_id": trail.request_ids[-1]}
        if trail.request_ids
        else {}
    )
    ledger.done(work, row, outcome, asked)


def _ensure(work: Work, step: StepKind) -> Outcome:
    try:
        return step.ensure(work)
    except NotFound as error:
        # What a step works on was there a moment ago: other servers have not heard of it yet.
        raise until_replicated(work, error.message, error) from error
