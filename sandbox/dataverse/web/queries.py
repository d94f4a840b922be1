"""Queries that are not OData's: ?fetchXml=, ?savedQuery=, ?userQuery= and ?sql= on a set."""

from sandbox.dataverse.errors import bad_query
from sandbox.dataverse.fetchxml.answer import FetchAnswer
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.query.operators import Sql
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.sql.answer import SqlAnswer
from sandbox.dataverse.web.call import Answer, Call

LANGUAGES = {"fetchxml": "fetchXml", "sql": "sql"}


def answer_query(session: Session, call: Call, entity: Entity, fixed: Sql | None, link: str) -> Answer | None:
    """The answer to a query in one of these languages; None for a plain list. Raises a 400."""
    asked = {name.lower(): value for name, value in call.options.items() if name.lower() in LANGUAGES}
    if not asked:
        return None
    if len(asked) > 1:
        raise bad_query(f"Only one of {', '.join(LANGUAGES.values())} can be used at a time.")
    ((language, text),) = asked.items()
    if language == "sql":
        if fixed is not None:
            raise bad_query("The query parameter sql is supported on entity sets only.")
        _refuse_others(call, {"$skiptoken"})
        return Answer(body=SqlAnswer(session, entity, text).body(link, call.option("$skiptoken")))
    _refuse_others(call, {"$count"})
    count = call.options.get("$count", "false").lower() == "true"
    return Answer(body=FetchAnswer(session, entity, text, fixed).body(count=count))


def _refuse_others(call: Call, allowed: set[str]) -> None:
    for name in call.options:
        if name.startswith("$") and name not in allowed:
            raise bad_query(f"The query parameter {name} is not supported together with this query.")
