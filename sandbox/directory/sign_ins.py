"""What happens between a browser and a token: sessions, half-done pages, codes, refresh tokens."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any

from sandbox.clock import Clock
from sandbox.database import Database

CODE_SECONDS = 600
PAGE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class RefreshToken:
    person_oid: str
    app_id: str
    tenant_id: str
    revoked: bool
    expired: bool
    document: dict[str, Any]


class SignIns:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    # A browser and the people signed in there

    def new_browser(self) -> str:
        """The value of a new cookie."""
        cookie = secrets.token_urlsafe(32)
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO browser VALUES (?, '', ?)", (_digest(cookie), self._clock.timestamp())
            )
        return cookie

    def browser_exists(self, cookie: str) -> bool:
        rows = self._database.read().execute("SELECT 1 FROM browser WHERE digest = ?", (_digest(cookie),))
        return rows.fetchone() is not None

    def signed_in(self, cookie: str) -> list[str]:
        """Object ids, the latest first."""
        rows = self._database.read().execute(
            "SELECT people FROM browser WHERE digest = ?", (_digest(cookie),)
        )
        return next((row["people"].split() for row in rows), [])

    def sign_in(self, cookie: str, oid: str) -> None:
        people = [oid, *(other for other in self.signed_in(cookie) if other != oid)]
        self._set_people(cookie, people)

    def sign_out(self, cookie: str, oid: str | None = None) -> None:
        """One person, or everybody."""
        self._set_people(cookie, [other for other in self.signed_in(cookie) if oid and other != oid])

    def _set_people(self, cookie: str, people: list[str]) -> None:
        with self._database.write() as connection:
            connection.execute(
                "UPDATE browser SET people = ?, seen = ? WHERE digest = ?",
                (" ".join(people), self._clock.timestamp(), _digest(cookie)),
            )

    # Pages a browser is in the middle of

    def begin(self, cookie: str, document: dict[str, Any]) -> str:
        page = secrets.token_urlsafe(24)
        now = self._clock.timestamp()
        with self._database.write() as connection:
            connection.execute("DELETE FROM interaction WHERE expires < ?", (now,))
            connection.execute(
                "INSERT INTO interaction VALUES (?, ?, ?, ?)",
                (page, _digest(cookie), now + PAGE_SECONDS, json.dumps(document)),
            )
        return page

    def resume(self, page: str, cookie: str) -> dict[str, Any] | None:
        """What `begin` or `update` stored, for the same browser only."""
        rows = self._database.read().execute(
            "SELECT document FROM interaction WHERE id = ? AND browser = ? AND expires >= ?",
            (page, _digest(cookie), self._clock.timestamp()),
        )
        return next((json.loads(row["document"]) for row in rows), None)

    def update(self, page: str, document: dict[str, Any]) -> None:
        with self._database.write() as connection:
            connection.execute(
                "UPDATE interaction SET document = ? WHERE id = ?", (json.dumps(document), page)
            )

    def end(self, page: str) -> None:
        with self._database.write() as connection:
            connection.execute("DELETE FROM interaction WHERE id = ?", (page,))

    # Codes

    def new_code(self, document: dict[str, Any]) -> str:
        code = f"1.{secrets.token_urlsafe(48)}"
        now = self._clock.timestamp()
        with self._database.write() as connection:
            connection.execute("DELETE FROM code WHERE expires < ?", (now - PAGE_SECONDS,))
            connection.execute(
                "INSERT INTO code VALUES (?, ?, 0, ?)",
                (_digest(code), now + CODE_SECONDS, json.dumps(document)),
            )
        return code

    def code(self, code: str) -> tuple[str, dict[str, Any]]:
        """A state (good, used, expired, unknown) and the document."""
        rows = self._database.read().execute("SELECT * FROM code WHERE digest = ?", (_digest(code),))
        row = rows.fetchone()
        if row is None:
            return "unknown", {}
        state = "used" if row["used"] else "expired" if row["expires"] < self._clock.timestamp() else "good"
        return state, json.loads(row["document"])

    def use_code(self, code: str) -> bool:
        """Whether this caller was the first to use it."""
        with self._database.write() as connection:
            cursor = connection.execute(
                "UPDATE code SET used = 1 WHERE digest = ? AND used = 0", (_digest(code),)
            )
        return cursor.rowcount == 1

    # Refresh tokens

    def new_refresh_token(
        self, person_oid: str, app_id: str, tenant_id: str, lifetime: float, document: dict[str, Any]
    ) -> str:
        token = f"1.A{secrets.token_urlsafe(96)}"
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO refresh_token VALUES (?, ?, ?, ?, ?, 0, ?)",
                (
                    _digest(token),
                    self._clock.timestamp() + lifetime,
                    person_oid,
                    app_id,
                    tenant_id,
                    json.dumps(document),
                ),
            )
        return token

    def refresh_token(self, token: str) -> RefreshToken | None:
        rows = self._database.read().execute(
            "SELECT * FROM refresh_token WHERE digest = ?", (_digest(token),)
        )
        row = rows.fetchone()
        if row is None:
            return None
        return RefreshToken(
            person_oid=row["person_oid"],
            app_id=row["app_id"],
            tenant_id=row["tenant_id"],
            revoked=bool(row["revoked"]),
            expired=row["expires"] < self._clock.timestamp(),
            document=json.loads(row["document"]),
        )

    def revoke_refresh_tokens(self, person_oid: str | None = None) -> int:
        """One person's, or everybody's. Says how many."""
        with self._database.write() as connection:
            cursor = connection.execute(
                "UPDATE refresh_token SET revoked = 1 WHERE person_oid = coalesce(?, person_oid) AND revoked = 0",
                (person_oid,),
            )
        return cursor.rowcount


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
