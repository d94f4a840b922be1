"""The service itself as a resource: what it is made of, in XML."""

from sandbox.dataverse.csdl.document import document
from sandbox.dataverse.errors import no_method
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.web.call import Answer, Call

DESCRIPTION = "Org.OData.Core.V1.Description"


def metadata_document(session: Session, call: Call) -> Answer:
    """GET $metadata[?annotations=true]"""
    if call.method not in {"GET", "HEAD"}:
        raise no_method(call.method)
    asked = (call.option("annotations") or "").lower()
    wanted = asked == "true" or (not asked and call.preferences.wants(DESCRIPTION))
    return Answer(body=document(session.snapshot, annotations=wanted), content_type="application/xml")
