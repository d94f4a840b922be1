"""System jobs: what is asked for now and done a little later, by whoever asked, whatever came between.

A job that is due runs before the next request is answered: so it is asynchronous for its client, yet the sandbox
needs no threads of its own, and a job outlives a restart.
"""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

import json
import sqlite3
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.fetchxml.binder import bind
from sandbox.dataverse.fetchxml.expression import to_fetch
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.organization import Organization
from sandbox.dataverse.query.operators import Sql
from sandbox.dataverse.records.dates import store_moment
from sandbox.dataverse.records.deletion import Deleter
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.storage import next_version, quoted, type_column
from sandbox.schema.jobs import BULK_DELETE

TABLE = """CREATE TABLE IF NOT EXISTS "system$job" (
    id TEXT PRIMARY KEY, userid TEXT NOT NULL, due REAL NOT NULL, queries TEXT NOT NULL
) WITHOUT ROWID"""
JOB_TABLE = "asyncoperation"
READY, COMPLETED = 0, 3
WAITING, SUCCEEDED, FAILED = 0, 30, 31


def queue_bulk_delete(
    session: Session, name: str, queries: list[Any], start: datetime, recurrence: str
) -> str:
    """Queue a bulk delete and give its job's id. Raises 400 or 403 for queries that cannot be run."""
    entities = [bind(to_fetch(query), session.snapshot).scope.root.entity for query in queries]
    for entity in entities:
        session.access.grant_for("Read", entity)
        session.access.grant_for("Delete", entity)
    job_id = str(uuid.uuid4())
    shared = {"name": name, "statecode": READY, "statuscode": WAITING}
    job = {
        "operationtype": BULK_DELETE,
        "primaryentitytype": entities[0].name,
        "recurrencepattern": recurrence or None,
        "postponeuntil": store_moment(start),
        "retrycount": 0,
    }
    detail = {
        "bulkdeleteoperationid": str(uuid.uuid4()),
        "successcount": 0,
        "failurecount": 0,
        "isrecurring": int(bool(recurrence)),
    }
    with session.organization.write() as connection:
        connection.execute(TABLE)
        _insert(session, JOB_TABLE, {"asyncoperationid": job_id, **shared, **job})
        _insert(session, "bulkdeleteoperation", {"asyncoperationid": job_id, **shared, **detail})
        connection.execute(
            'INSERT INTO "system$job" VALUES (?, ?, ?, ?)',
            (job_id, session.access.user_id, start.timestamp(), json.dumps(queries, default=str)),
        )
        session.organization.touched(JOB_TABLE)
    return job_id


def _next(organization: Organization) -> float | None:
    connection = organization.read()
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'system$job'").fetchone()
    found = connection.execute('SELECT min(due) FROM "system$job"').fetchone() if known else None
    return None if found is None or found[0] is None else float(found[0])


class Runner:
    """Runs the jobs of one environment. `session_for` makes the session of a user by id, if there is such a user."""

    def __init__(self, organization: Organization, session_for: Callable[[str], Session | None]) -> None:
        self._organization = organization
        self._session_for = session_for
        self._lock = threading.Lock()

    def run_due(self) -> None:
        """Do what is due. Costs nothing when there is nothing."""
        organization = self._organization
        now = organization.clock.timestamp()
        if organization.next_job is None or organization.next_job > now:
            return
        with self._lock:
            organization.next_job = _next(organization)
            if organization.next_job is None or organization.next_job > now:
                return
            with organization.write() as connection:
                due = connection.execute(
                    'DELETE FROM "system$job" WHERE due <= ? RETURNING id, userid, queries', (now,)
                ).fetchall()
                for job_id, user_id, queries in due:
                    self._run(job_id, user_id, json.loads(queries))
            organization.next_job = _next(organization)

    def _run(self, job_id: str, user_id: str, queries: list[Any]) -> None:
        session = self._session_for(user_id)
        if session is None:
            return  # nobody is left to own the outcome: the job's row went with its owner
        started = store_moment(session.access.viewpoint.now)
        deleted = failed = 0
        message = None
        try:
            for query in queries:
                for entity, record_id in _found(session, query):
                    problem = _delete(session, entity, record_id)
                    deleted, failed = deleted + (problem is None), failed + (problem is not None)
                    message = problem or message
        except (ApiError, sqlite3.Error) as error:  # a table or column that has gone since
            message = str(error)
            failed += 1
        _complete(session, job_id, started, (deleted, failed), message)


def _complete(
    session: Session, job_id: str, started: str, counts: tuple[int, int], message: str | None
) -> None:
    status = FAILED if counts[1] else SUCCEEDED
    connection = session.connection
    now = store_moment(session.access.viewpoint.now)
    connection.execute(
        "UPDATE asyncoperation SET statecode = ?, statuscode = ?, startedon = ?, completedon = ?, modifiedon = ?,"
        " message = ?, friendlymessage = ?, versionnumber = ? WHERE asyncoperationid = ?",
        (COMPLETED, status, started, now, now, message, message, next_version(connection), job_id),
    )
    connection.execute(
        "UPDATE bulkdeleteoperation SET statecode = ?, statuscode = ?, modifiedon = ?, successcount = ?,"
        " failurecount = ?, versionnumber = ? WHERE asyncoperationid = ?",
        (COMPLETED, status, now, *counts, next_version(connection), job_id),
    )


def _found(session: Session, query: Any) -> list[tuple[Entity, str]]:
    """The rows of a query that its user may see."""
    scope = bind(to_fetch(query), session.snapshot).scope
    root = scope.root
    source = session.compiler.from_clause(scope)
    text = f"SELECT DISTINCT {root.alias}.{quoted(root.entity.id)} {source.text}"
    return [(root.entity, row[0]) for row in session.rows(Sql(text, source.params))]


def _delete(session: Session, entity: Entity, record_id: str) -> str | None:
    """Why a row could not be deleted; None if it is gone."""
    if session.record(entity, record_id) is None:
        return None  # by a cascade of an earlier one
    try:
        with session.organization.write():
            Deleter(session).delete(entity, record_id)
    except (ApiError, sqlite3.Error) as error:
        return str(error)
    return None


def _insert(session: Session, table: str, values: dict[str, Any]) -> None:
    """A row that the server makes: no privilege is asked for."""
    access = session.access
    now = store_moment(access.viewpoint.now)
    values |= {
        "ownerid": access.user_id,
        type_column("ownerid"): "systemuser",
        "owninguser": access.user_id,
        "owningbusinessunit": access.rights.business_unit_id,
        "createdon": now,
        "modifiedon": now,
        "createdby": access.user_id,
        "modifiedby": access.user_id,
        "versionnumber": next_version(session.connection),
    }
    columns, marks = ", ".join(map(quoted, values)), ", ".join("?" * len(values))
    session.connection.execute(
        f"INSERT INTO {quoted(table)} ({columns}) VALUES ({marks})", tuple(values.values())
    )


def moment_of(text: str) -> datetime:
    """A StartDateTime. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
