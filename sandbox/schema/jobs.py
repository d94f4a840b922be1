"""What runs in the background: system jobs, and bulk deletes as a kind of them."""

from sandbox.schema.declare import (
    READ_ONLY,
    choice,
    entity_name,
    lookup,
    memo,
    moment,
    table,
    text,
    whole,
    yes_no,
)

BULK_DELETE = 13
JOB_STATES = (
    ("Ready", {0: "Waiting For Resources"}),
    ("Suspended", {10: "Waiting"}),
    ("Locked", {20: "In Progress", 21: "Pausing", 22: "Canceling"}),
    ("Completed", {30: "Succeeded", 31: "Failed", 32: "Canceled"}),
)
JOB_KINDS = {
    1: "System Event",
    2: "Bulk E-mail",
    3: "Import File Parse",
    5: "Import",
    8: "Bulk Duplicate Detection",
    10: "Workflow",
    BULK_DELETE: "Bulk Delete",
}

async_operation = table(
    "AsyncOperation",
    "asyncoperations",
    [
        text("Name", 256, "System Job Name"),
        choice("OperationType", JOB_KINDS, "System Job Type", can_update=False),
        entity_name("PrimaryEntityType", "Primary Entity", can_update=False),
        moment("StartedOn", "Started On", **READ_ONLY),
        moment("CompletedOn", "Completed On", **READ_ONLY),
        moment("PostponeUntil", "Postpone Until"),
        text("RecurrencePattern", 256, "Recurrence Pattern"),
        moment("RecurrenceStartTime", "Recurrence Start"),
        memo("Message", 1_048_576, **READ_ONLY),
        memo("FriendlyMessage", 1_048_576, "Friendly message", **READ_ONLY),
        whole("ErrorCode", label="Error Code", **READ_ONLY),
        whole("RetryCount", 0, label="Retry Count", default=0, **READ_ONLY),
    ],
    "System Job",
    states=JOB_STATES,
    type_code=4700,
)

bulk_delete_operation = table(
    "BulkDeleteOperation",
    "bulkdeleteoperations",
    [
        text("Name", 256),
        lookup(
            "AsyncOperationId",
            "asyncoperation",
            "AsyncOperation_BulkDeleteOperation",
            "System Job",
            delete="Cascade",
            **READ_ONLY,
        ),
        whole("SuccessCount", 0, label="Deleted", default=0, **READ_ONLY),
        whole("FailureCount", 0, label="Failures", default=0, **READ_ONLY),
        yes_no("IsRecurring", label="Is Recurring", **READ_ONLY),
        moment("NextRun", "Next Run", **READ_ONLY),
    ],
    "Bulk Delete Operation",
    states=JOB_STATES,
    type_code=4424,
)

TABLES = [async_operation, bulk_delete_operation]
