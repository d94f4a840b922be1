"""Delete, with what the relationships say about the rows that point here."""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

from sandbox.dataverse.behaviours import behaviour_of
from sandbox.dataverse.errors import ApiError, no_record
from sandbox.dataverse.metadata.model import OneToMany
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.records.blobs import Blobs
from sandbox.dataverse.records.dates import store_moment
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.security.access import row_owner
from sandbox.dataverse.storage import next_version, quoted, type_column


class Deleter:
    """Deletes within one transaction. `_going` ends cascades that come round in a circle."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._going: set[tuple[str, str]] = set()

    def delete(self, entity: Entity, record_id: str) -> None:
        """Raises 404, 403, or 405 where a restricting relationship has rows."""
        session = self.session
        row = session.record(entity, record_id)
        if row is None:
            raise no_record(entity.name, record_id)
        if entity.table.is_view:
            self.delete(session.behind(entity, row, "Delete"), record_id)
            return
        session.access.check("Delete", entity, row_owner(entity, record_id, row))
        behaviour_of(entity.name).before_delete(session, record_id, dict(row))
        self._going.add((entity.name, record_id))
        for one in entity.referenced_by:
            self._related(one, record_id)
        for both in entity.many_to_many:
            for table, column in ((both.first, both.first_column), (both.second, both.second_column)):
                if table == entity.name:
                    self._execute(
                        f"DELETE FROM {quoted(both.intersect)} WHERE {quoted(column)} = ?", record_id
                    )
        self._execute(f"DELETE FROM {quoted(entity.name)} WHERE {quoted(entity.id)} = ?", record_id)
        if any(column.kind == "File" for column in entity.stored):
            Blobs(session.connection).remove_all(entity.name, record_id)
        self._remember(entity, record_id)
        session.organization.touched(entity.name)

    def _execute(self, statement: str, *params: object) -> None:
        self.session.connection.execute(statement, params)

    def _remember(self, entity: Entity, record_id: str) -> None:
        """Change tracking tells of deletions later."""
        version = next_version(self.session.connection)
        now = store_moment(self.session.access.viewpoint.now)
        self._execute(
            'INSERT INTO "system$deleted" VALUES (?, ?, ?, ?)', version, entity.name, record_id, now
        )

    def _related(self, one: OneToMany, record_id: str) -> None:
        entity = self.session.entity(one.referencing)
        rows = self.session.connection.execute(
            f"SELECT {quoted(entity.id)} FROM {quoted(entity.name)} WHERE {quoted(one.column)} = ?",
            (record_id,),
        ).fetchall()
        ids = [row[0] for row in rows if (entity.name, row[0]) not in self._going]
        if not ids:
            return
        if one.cascade.delete == "Restrict":
            raise ApiError(
                "CannotDeleteReferenced",
                "The object you tried to delete is associated with another object and cannot be deleted. "
                f"(entity '{entity.name}', relationship '{one.schema_name}')",
            )
        for related in ids:
            if one.cascade.delete == "Cascade":
                self.delete(entity, related)
            elif one.cascade.delete == "RemoveLink":
                self._remove_link(entity, one.column, related)

    def _remove_link(self, entity: Entity, column: str, related: str) -> None:
        assignments = [f"{quoted(column)} = NULL"]
        if entity.columns[column].is_polymorphic:
            assignments.append(f"{quoted(type_column(column))} = NULL")
        params: list[object] = []
        if "versionnumber" in entity.columns:
            assignments.append("versionnumber = ?")
            params.append(next_version(self.session.connection))
        statement = f"UPDATE {quoted(entity.name)} SET {', '.join(assignments)} WHERE {quoted(entity.id)} = ?"
        self._execute(statement, *params, related)
