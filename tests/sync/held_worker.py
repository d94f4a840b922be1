"""For real workers: celery -A config worker -I tests.sync.held_worker. Pages are small, leases short, and behind each
page of a load a worker waits until the file of its role is there.
"""

import os
from dataclasses import replace
from functools import partial
from pathlib import Path

from django.conf import settings

from jobs import handlers
from sync import crew, helping, work
from sync.engine.source import Source
from sync.state import Phase
from tests.broker_fixtures import wait_for

FOLDER = Path(os.environ["HELD"])
settings.DATA_DIR = FOLDER
work.Source = partial(Source, page_size=10)
work._parallel = lambda _service: (
    2
)  # a held leader keeps its turns at the environment; the helper needs one too


def _after(real, role, holds):
    def told(*args):
        real(*args)
        if holds(args[1]):
            wait_for((FOLDER / role).exists, what=f"that the {role} may go on")

    return told


helping._told = _after(helping._told, "helper", lambda _rows: True)
work._Reporter.__call__ = _after(
    work._Reporter.__call__, "leader", lambda state: state.phase is Phase.LOAD and state.read
)


def shorten():
    from sync import tasks  # noqa: F401  which registers the kinds

    for name in (crew.KIND, work.KIND):
        handlers._kinds[name] = replace(handlers._kinds[name], lease=3.0)


shorten()
