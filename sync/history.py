"""The runs of mirrors as bars: how long they took and how many rows they changed, oldest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from jobs.models import JobRun

WIDTH, HEIGHT = 640, 96
MOST = 40
FEWEST = 16  # places in the drawing, so that two runs are not two walls


@dataclass(frozen=True)
class Bar:
    """One run. Sizes are in the units of the drawing; `title` says it in words."""

    x: float
    width: float
    seconds_y: float
    seconds_height: float
    rows_y: float
    rows_height: float
    failed: bool
    title: str


@dataclass(frozen=True)
class Chart:
    bars: list[Bar]
    longest: float
    most_rows: int
    width: int = WIDTH
    height: int = HEIGHT


def chart(runs: Iterable[JobRun]) -> Chart | None:
    """The last runs that ended, from the newest-first list of them; None for fewer than two."""
    ended = [run for run in runs if run.is_finished and run.started_at and run.finished_at][:MOST][::-1]
    if len(ended) < 2:
        return None
    longest = max([0.1, *map(_seconds, ended)])
    most = max([1, *map(_touched, ended)])
    step = WIDTH / max(len(ended), FEWEST)
    return Chart([_bar(run, at * step, step, longest, most) for at, run in enumerate(ended)], longest, most)


def _bar(run: JobRun, x: float, step: float, longest: float, most: int) -> Bar:
    seconds = max(1.0, _seconds(run) / longest * HEIGHT)
    rows = _touched(run) / most * HEIGHT
    rows = max(rows, 1.0) if rows else 0.0
    when: datetime = run.finished_at or run.created_at
    return Bar(
        x=round(x + step * 0.1, 2),
        width=round(step * 0.38, 2),
        seconds_y=round(HEIGHT - seconds, 2),
        seconds_height=round(seconds, 2),
        rows_y=round(HEIGHT - rows, 2),
        rows_height=round(rows, 2),
        failed=run.state == JobRun.State.FAILED,
        title=f"{when:%Y-%m-%d %H:%M} UTC: {_seconds(run):.1f} s, {_touched(run):,} rows changed, {run.state}",
    )


def _seconds(run: JobRun) -> float:
    took = run.result.get("seconds")
    if took is not None:
        return float(took)
    return (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else 0.0


def _touched(run: JobRun) -> int:
    return sum(int(run.result.get(name, 0)) for name in ("added", "changed", "deleted"))
