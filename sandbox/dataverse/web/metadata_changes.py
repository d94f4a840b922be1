"""RetrieveMetadataChanges: the metadata that a query asks for, or what of it has changed since a stamp.

https://learn.microsoft.com/power-apps/developer/data-platform/cache-schema-data
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sandbox.dataverse.errors import ApiError, no_method
from sandbox.dataverse.metadata.catalogue import catalogue_of
from sandbox.dataverse.metadata.changes_query import retrieve_changes
from sandbox.dataverse.odata.path import Segment, split
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.web.call import Answer, Call, decode

NAMESPACE = "Microsoft.Dynamics.CRM."
STAMPS_LAST = timedelta(days=90)


def retrieve_metadata_changes(session: Session, call: Call, segment: Segment) -> Answer:
    """RetrieveMetadataChanges(Query=@p1)?@p1={…}; the query stands in an alias because it is JSON."""
    if call.method not in {"GET", "HEAD"}:
        raise no_method(call.method)
    session.access.demand("prvReadEntity")
    given: dict[str, str] = {}
    for part in split(segment.arguments or "", ","):
        name, _, value = part.partition("=")
        given[name.strip()] = call.aliases.get(value.strip(), value.strip())
    query = decode(given["Query"].encode()) if given.get("Query") else {}
    now = session.access.viewpoint.now
    since = _stamp(session, given.get("ClientVersionStamp", ""))
    changed, gone = session.organization.metadata.since(since) if since is not None else (None, {})
    found = retrieve_changes(catalogue_of(session.snapshot), query, changed)
    wants_deleted = since is not None and given.get("DeletedMetadataFilters")
    return Answer(
        body={
            "@odata.context": f"{session.base}/$metadata#{NAMESPACE}RetrieveMetadataChangesResponse",
            "ServerVersionStamp": f"{session.snapshot.version}!{now:%m/%d/%Y %H:%M:%S}",
            "DeletedMetadata": _deleted(gone) if wants_deleted else None,
            "EntityMetadata": found,
        }
    )


def _stamp(session: Session, text: str) -> int | None:
    """The version that a client knows. Raises a 400 for one that is too old, or none of ours."""
    given = text.strip("'")
    if not given or given == "null":
        return None
    version, _, moment = given.partition("!")
    now = session.access.viewpoint.now
    try:
        at = datetime.strptime(moment, "%m/%d/%Y %H:%M:%S").replace(tzinfo=now.tzinfo)
        number = int(version)
    except ValueError as error:
        raise ApiError("InvalidArgument", "The ClientVersionStamp is not valid.") from error
    if now - at > STAMPS_LAST or number > session.snapshot.version:
        raise ApiError(
            "BadQuery",
            "Version stamp associated with the client has expired. Please perform a full sync.",
            code="0x80044352",
        )
    return number


def _deleted(gone: Mapping[str, list[str]]) -> dict[str, Any]:
    """A DeletedMetadataCollection: ids by what they were."""
    kinds = {"tables": "Entity", "columns": "Attribute", "choices": "OptionSet"}
    by_kind: dict[str, list[str]] = {}
    for kind, ids in gone.items():
        if kind != "keys":
            by_kind.setdefault(kinds.get(kind, "Relationship"), []).extend(ids)
    return {
        "Count": len(by_kind),
        "IsReadOnly": False,
        "Keys": list(by_kind),
        "Values": [{"Items": ids} for ids in by_kind.values()],
    }
