"""What there is and what expires when, as rows for operators. No secret, and no name of one."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from connections.models import Certificate, Connection
from connections.rotation.due import due_at
from core.clock import now

COLUMNS = (
    "id",
    "name",
    "team",
    "environment",
    "url",
    "tenant",
    "kind",
    "state",
    "reason",
    "broken_link",
    "broken_since",
    "checked_at",
    "proven_at",
    "client_id",
    "thumbprint",
    "rotates_at",
    "expires_at",
    "days_left",
)


TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


def inventory(connections: Iterable[Connection]) -> list[dict[str, Any]]:
    """One row for each connection, what expires first coming first."""
    rows = [_row(connection) for connection in connections]
    return sorted(rows, key=lambda row: (row["expires_at"] is None, row["expires_at"] or "", row["name"]))


def as_text(rows: Iterable[dict[str, Any]], form: str, columns: Iterable[str] = COLUMNS) -> str:
    """These columns of the rows, as "csv" or "json"."""
    kept = [{name: row[name] for name in columns} for row in rows]
    if form == "json":
        return json.dumps(kept, indent=2) + "\n"
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows([{name: _plain(value) for name, value in row.items()} for row in kept])
    return text.getvalue()


def _plain(value: Any) -> Any:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value


def _row(connection: Connection) -> dict[str, Any]:
    environment = connection.environment
    active = next(
        (one for one in connection.certificates.all() if one.state == Certificate.State.ACTIVE), None
    )
    return {
        "id": str(connection.pk),
        "name": connection.name,
        "team": connection.team.name,
        "environment": environment.friendly_name,
        "url": environment.url,
        "tenant": str(environment.tenant_id),
        "kind": connection.kind,
        "state": connection.state,
        "reason": connection.reason,
        "broken_link": connection.broken_link,
        "broken_since": _iso(connection.broken_since),
        "checked_at": _iso(connection.checked_at),
        "proven_at": _iso(connection.proven_at),
        "client_id": connection.identifiers.client_id,
        "thumbprint": active.thumbprint_sha1 if active else "",
        "rotates_at": _iso(due_at(active)) if active else None,
        "expires_at": _iso(active.not_after) if active else None,
        "days_left": (active.not_after - now()).days if active else None,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
