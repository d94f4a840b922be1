"""An end to statements that would run for hours, as Dataverse's own database has one."""

import sqlite3
import time
from typing import Any

from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.query.operators import Sql
from sandbox.dataverse.records.session import Session

SECONDS = 20.0
STEPS = 50_000


def timed_rows(session: Session, statement: Sql, seconds: float = SECONDS) -> list[tuple[Any, ...]]:
    """All rows of a statement. Raises SQL timeout (0x80044151) when it takes too long."""
    end = time.monotonic() + seconds
    connection = session.connection
    connection.set_progress_handler(lambda: int(time.monotonic() > end), STEPS)
    try:
        return session.rows(statement)
    except sqlite3.OperationalError as error:
        if "interrupt" not in str(error):
            raise
        raise ApiError("SqlTimeout", "SQL timeout expired.") from error
    finally:
        connection.set_progress_handler(None, 0)
