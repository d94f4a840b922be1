"""The directory's tables. Bodies that only Graph reads are JSON; what rules look at has a column."""

import sqlite3

TABLES = """
CREATE TABLE IF NOT EXISTS tenant (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, domain TEXT NOT NULL, members_may_register INTEGER NOT NULL DEFAULT 1
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS person (
  oid TEXT PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenant, upn TEXT NOT NULL UNIQUE COLLATE NOCASE,
  display_name TEXT NOT NULL, given_name TEXT NOT NULL, surname TEXT NOT NULL, job_title TEXT NOT NULL,
  enabled INTEGER NOT NULL DEFAULT 1, roles TEXT NOT NULL DEFAULT '', position INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS environment (
  id TEXT PRIMARY KEY, unique_name TEXT NOT NULL UNIQUE, url_name TEXT NOT NULL UNIQUE,
  friendly_name TEXT NOT NULL, tenant_id TEXT NOT NULL REFERENCES tenant, region TEXT NOT NULL,
  version TEXT NOT NULL, environment_id TEXT NOT NULL, position INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS application (
  id TEXT PRIMARY KEY, app_id TEXT NOT NULL UNIQUE, tenant_id TEXT NOT NULL REFERENCES tenant,
  display_name TEXT NOT NULL, unique_name TEXT, sign_in_audience TEXT NOT NULL, document TEXT NOT NULL,
  created TEXT NOT NULL, visible_at REAL NOT NULL, deleted TEXT
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS application_unique_name ON application (tenant_id, unique_name)
  WHERE deleted IS NULL;
CREATE TABLE IF NOT EXISTS key_credential (
  key_id TEXT PRIMARY KEY, application_id TEXT NOT NULL REFERENCES application ON DELETE CASCADE,
  position INTEGER NOT NULL, type TEXT NOT NULL, usage TEXT NOT NULL, display_name TEXT, identifier TEXT NOT NULL,
  certificate BLOB NOT NULL, sha1 TEXT NOT NULL, sha256 TEXT NOT NULL,
  start REAL NOT NULL, end REAL NOT NULL, usable_at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS key_credential_application ON key_credential (application_id);
CREATE TABLE IF NOT EXISTS password_credential (
  key_id TEXT PRIMARY KEY, application_id TEXT NOT NULL REFERENCES application ON DELETE CASCADE,
  display_name TEXT, hint TEXT NOT NULL, digest TEXT NOT NULL, start REAL NOT NULL, end REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS owner (
  application_id TEXT NOT NULL REFERENCES application ON DELETE CASCADE, person_oid TEXT NOT NULL REFERENCES person,
  PRIMARY KEY (application_id, person_oid)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS service_principal (
  id TEXT PRIMARY KEY, app_id TEXT NOT NULL, tenant_id TEXT NOT NULL REFERENCES tenant,
  display_name TEXT NOT NULL, enabled INTEGER NOT NULL DEFAULT 1, document TEXT NOT NULL DEFAULT '{}',
  created TEXT NOT NULL, visible_at REAL NOT NULL, deleted TEXT
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS service_principal_app ON service_principal (tenant_id, app_id)
  WHERE deleted IS NULL;

-- person_oid '' is the whole tenant, resource is the app id of Graph or Dataverse.
CREATE TABLE IF NOT EXISTS consent (
  tenant_id TEXT NOT NULL REFERENCES tenant, person_oid TEXT NOT NULL, app_id TEXT NOT NULL,
  resource TEXT NOT NULL, scope TEXT NOT NULL, PRIMARY KEY (tenant_id, person_oid, app_id, resource, scope)
) WITHOUT ROWID;
-- Secrets are kept as digests: whoever reads this file cannot sign in with it.
CREATE TABLE IF NOT EXISTS code (
  digest TEXT PRIMARY KEY, expires REAL NOT NULL, used INTEGER NOT NULL DEFAULT 0, document TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refresh_token (
  digest TEXT PRIMARY KEY, expires REAL NOT NULL, person_oid TEXT NOT NULL, app_id TEXT NOT NULL,
  tenant_id TEXT NOT NULL, revoked INTEGER NOT NULL DEFAULT 0, document TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS refresh_token_person ON refresh_token (person_oid);
-- A browser, the people signed in there, and the pages it is in the middle of.
CREATE TABLE IF NOT EXISTS browser (digest TEXT PRIMARY KEY, people TEXT NOT NULL, seen REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS interaction (
  id TEXT PRIMARY KEY, browser TEXT NOT NULL, expires REAL NOT NULL, document TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

STATE = (
    "interaction",
    "browser",
    "refresh_token",
    "code",
    "consent",
    "service_principal",
    "owner",
    "password_credential",
    "key_credential",
    "application",
    "environment",
    "person",
    "tenant",
    "setting",
)


def create(connection: sqlite3.Connection) -> None:
    """Make every table that is missing, one statement at a time so that the transaction stays ours."""
    for statement in TABLES.split(";"):
        if statement.strip():
            connection.execute(statement)


def clear(connection: sqlite3.Connection) -> None:
    """Empty every table, children first."""
    for table in STATE:
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the tuple above
