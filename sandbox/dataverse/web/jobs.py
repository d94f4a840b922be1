"""BulkDelete, the action that deletes later what queries find.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/bulkdelete
"""

from datetime import timedelta

from sandbox.dataverse.errors import bad_payload, no_method
from sandbox.dataverse.records.jobs import moment_of, queue_bulk_delete
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.web.call import Answer, Call

BULK_DELETE = "BulkDelete"
MOST_QUERIES = 100


def bulk_delete(session: Session, call: Call) -> Answer:
    """Answers at once with the id of the system job. Raises 400 or 403."""
    if call.method != "POST":
        raise no_method(call.method)
    body = call.json()
    session.access.demand("prvBulkDelete")
    queries, name = body.get("QuerySet"), body.get("JobName")
    if not isinstance(queries, list) or not 0 < len(queries) <= MOST_QUERIES:
        raise bad_payload("The parameter 'QuerySet' must be a non-empty collection of QueryExpression.")
    if not isinstance(name, str) or not name.strip():
        raise bad_payload("The parameter 'JobName' is missing.")
    settings = session.organization.directory.settings
    start = session.access.viewpoint.now + timedelta(seconds=float(settings.get("dataverse_job_seconds")))
    wanted = body.get("StartDateTime")
    if wanted is not None and body.get("RunNow") is not True:
        try:
            start = max(start, moment_of(str(wanted)))
        except ValueError as error:
            raise bad_payload(
                f"Cannot convert the literal '{str(wanted)[:60]}' to the expected type 'Edm.DateTimeOffset'."
            ) from error
    recurrence = str(body.get("RecurrencePattern") or "")[:256]
    job_id = queue_bulk_delete(session, name.strip()[:256], queries, start, recurrence)
    context = f"{session.base}/$metadata#Microsoft.Dynamics.CRM.BulkDeleteResponse"
    return Answer(body={"@odata.context": context, "JobId": job_id})
