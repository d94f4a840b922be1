"""Queries that are not OData's: ?fetchXml=, ?savedQuery=, ?userQuery= and ?sql= on a set."""

from sandbox.dataverse.errors import ApiError, bad_query, no_record
from sandbox.dataverse.fetchxml.answer import FetchAnswer
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.query.literals import as_guid
from sandbox.dataverse.query.operators import Sql
from sandbox.dataverse.query.tree import Aliases, Scope
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.sql.answer import SqlAnswer
from sandbox.dataverse.storage import quoted
from sandbox.dataverse.web.call import Answer, Call

LANGUAGES = {"fetchxml": "fetchXml", "savedquery": "savedQuery", "userquery": "userQuery", "sql": "sql"}


def answer_query(session: Session, call: Call, entity: Entity, fixed: Sql | None, link: str) -> Answer | None:
    """The answer to a query in one of these languages; None for a plain list. Raises a 400.

    `link` is the request's URL without its $skiptoken.
    """
    asked = {name.lower(): value for name, value in call.options.items() if name.lower() in LANGUAGES}
    if not asked:
        return None
    if len(asked) > 1:
        raise bad_query(f"Only one of {', '.join(LANGUAGES.values())} can be used at a time.")
    ((language, text),) = asked.items()
    _refuse_others(call, {"$count"} if language == "fetchxml" else {"$count", "$skiptoken"})
    if language == "sql":
        if fixed is not None:
            raise bad_query("The query parameter sql is supported on entity sets only.")
        return Answer(body=SqlAnswer(session, entity, text).body(link, call.option("$skiptoken")))
    count = call.options.get("$count", "false").lower() == "true"
    if language == "fetchxml":
        return Answer(body=FetchAnswer(session, entity, text, fixed).body(count=count))
    answer = FetchAnswer(session, entity, _view(session, language, text), fixed)
    return Answer(body=answer.linked_body(link, call.option("$skiptoken"), count=count))


def _refuse_others(call: Call, allowed: set[str]) -> None:
    for name in call.options:
        if name.startswith("$") and name not in allowed:
            raise bad_query(f"The query parameter {name} is not supported together with this query.")


def _view(session: Session, table: str, given: str) -> str:
    """The FetchXML of a view that the caller may read. Raises 404 for an unknown one."""
    record_id = as_guid(given.strip())
    if record_id is None:
        raise bad_query(f"The value '{given[:60]}' of the query parameter {LANGUAGES[table]} is not a GUID.")
    entity = session.entity(table)
    root = Aliases().source(entity)
    source = session.compiler.from_clause(Scope(root))
    text = f"SELECT {root.alias}.fetchxml {source.text} AND {root.alias}.{quoted(entity.id)} = ?"
    rows = session.rows(Sql(text, (*source.params, record_id)))
    if not rows:
        raise no_record(table, record_id)
    if not rows[0][0]:
        raise ApiError("FetchInvalid", f"The {table} {record_id} has no FetchXML.")
    return str(rows[0][0])
