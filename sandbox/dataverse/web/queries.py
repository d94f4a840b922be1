"""Queries that are not OData's: ?fetchXml=, ?savedQuery=, ?userQuery= and ?sql= on a set."""

from sandbox.dataverse.errors import bad_query
from sandbox.dataverse.fetchxml.answer import FetchAnswer
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.query.operators import Sql
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.web.call import Answer, Call

LANGUAGES = {"fetchxml": "fetchXml"}


def answer_query(
    session: Session, call: Call, entity: Entity, fixed: Sql | None, _link: str
) -> Answer | None:
    """The answer to a query in one of these languages; None for a plain list. Raises a 400."""
    asked = {name.lower(): value for name, value in call.options.items() if name.lower() in LANGUAGES}
    if not asked:
        return None
    if len(asked) > 1:
        raise bad_query(f"Only one of {', '.join(LANGUAGES.values())} can be used at a time.")
    ((_language, text),) = asked.items()
    count = _count(call)
    return Answer(body=FetchAnswer(session, entity, text, fixed).body(count=count))


def _count(call: Call) -> bool:
    """$count is the only option beside such a query."""
    for name in call.options:
        if name.startswith("$") and name not in {"$count", "$skiptoken"}:
            raise bad_query(f"The query parameter {name} is not supported together with this query.")
    return call.options.get("$count", "false").lower() == "true"
