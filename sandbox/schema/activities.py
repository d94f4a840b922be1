"""Activities: what all of them share, the four kinds that people meet, and the parties that take part.

`activitypointer` shows every activity as one table; `activityparty` holds senders, recipients and attendees.
"""

from collections.abc import Collection
from typing import Any

from sandbox.schema.declare import (
    READ_ONLY,
    ColumnSpec,
    Link,
    TableSpec,
    choice,
    double,
    entity_name,
    memo,
    moment,
    polymorphic,
    table,
    text,
    whole,
    yes_no,
)

PRIORITIES = {0: "Low", 1: "Normal", 2: "High"}
# Whom activities can regard, with the name that relationships begin with.
REGARDING = {
    "account": "Account",
    "contact": "Contact",
    "lead": "Lead",
    "opportunity": "Opportunity",
    "incident": "Incident",
    "quote": "Quote",
    "salesorder": "SalesOrder",
    "invoice": "Invoice",
}
KINDS = {"task": "Tasks", "phonecall": "Phonecalls", "email": "Emails", "appointment": "Appointments"}
ACTIVITY_STATES = (
    ("Open", {1: "Open"}),
    ("Completed", {2: "Completed"}),
    ("Canceled", {3: "Canceled"}),
    ("Scheduled", {4: "Scheduled"}),
)


def activity_columns(name: str, tables: Collection[str] = tuple(REGARDING)) -> tuple[ColumnSpec, ...]:
    """The columns of any activity; `tables` are those that exist, to be regarded."""
    regarding = {key: prefix for key, prefix in REGARDING.items() if key in tables}
    plural = KINDS.get(name, f"{name}s") if name != "activitypointer" else "ActivityPointers"
    suffix = "" if name == "activitypointer" else f"_{name}"
    return (
        text("Subject", 400 if name == "activitypointer" else 200, required="ApplicationRequired"),
        memo("Description", 2000),
        entity_name("ActivityTypeCode", "Activity Type", **READ_ONLY),
        choice("PriorityCode", PRIORITIES, "Priority", default=1),
        whole("ActualDurationMinutes", 0, 2147483647, "Duration", format="Duration"),
        whole("ScheduledDurationMinutes", 0, 2147483647, "Scheduled Duration", **READ_ONLY),
        moment("ScheduledStart", "Start Date"),
        moment("ScheduledEnd", "Due Date"),
        moment("ActualStart"),
        moment("ActualEnd"),
        moment("SortDate"),
        moment("LastOnHoldTime", "Last On Hold Time"),
        yes_no("IsBilled", label="Is Billed"),
        yes_no("IsWorkflowCreated", label="Is Workflow Created"),
        yes_no("IsRegularActivity", label="Is Regular Activity", default=1, **READ_ONLY),
        polymorphic(
            "RegardingObjectId",
            {key: f"{prefix}_{plural}" for key, prefix in regarding.items()},
            "Regarding",
            delete="Cascade",
            suffixes={key: f"{key}{suffix}" for key in regarding},
        ),
    )


def activity(
    schema_name: str, set_name: str, columns: list[ColumnSpec], label: str | None = None, **rest: Any
) -> TableSpec:
    """A kind of activity; its key is the activity's, its privileges are those of all activities."""
    return table(
        schema_name,
        set_name,
        [*activity_columns(schema_name.lower()), *columns],
        label,
        primary_id="activityid",
        primary_name="subject",
        privilege="Activity",
        is_activity=True,
        has_notes=True,
        **rest,
    )


def parties(schema_name: str, label: str) -> ColumnSpec:
    """A list of participants. Rows keep them in activityparty."""
    facets = {"targets": ("account", "contact", "lead", "systemuser", "queue")}
    return ColumnSpec(schema_name, "PartyList", label, facets)


activitypointer = activity(
    "ActivityPointer", "activitypointers", [], "Activity", plural="Activities", type_code=4200, is_view=True,
    states=ACTIVITY_STATES,
)  # fmt: skip

task = activity(
    "Task",
    "tasks",
    [
        text("Category", 250),
        text("Subcategory", 250, "Sub-Category"),
        whole("PercentComplete", 0, 100),
    ],
    type_code=4212,
    states=(
        ("Open", {2: "Not Started", 3: "In Progress", 4: "Waiting on someone else", 7: "Deferred"}),
        ("Completed", {5: "Completed"}),
        ("Canceled", {6: "Canceled"}),
    ),
)

phonecall = activity(
    "PhoneCall",
    "phonecalls",
    [
        parties("From", "Call From"),
        parties("To", "Call To"),
        text("PhoneNumber", 200, "Phone Number", format="Phone"),
        yes_no("DirectionCode", "Incoming", "Outgoing", "Direction", default=1),
        yes_no("LeftVoiceMail", label="Left Voice Mail"),
        text("Category", 250),
        text("Subcategory", 250, "Sub-Category"),
    ],
    "Phone Call",
    type_code=4210,
    states=(("Open", {1: "Open"}), ("Completed", {2: "Made", 4: "Received"}), ("Canceled", {3: "Canceled"})),
)

email = activity(
    "Email",
    "emails",
    [
        parties("From", "From"),
        parties("To", "To"),
        parties("Cc", "Cc"),
        parties("Bcc", "Bcc"),
        text("Sender", 250, "From Address", format="Email"),
        text("ToRecipients", 500, "To Recipients"),
        text("MessageId", 320, "Message ID"),
        text("TrackingToken", 50, "Tracking Token"),
        text("MimeType", 256, "Mime Type"),
        yes_no("DirectionCode", "Incoming", "Outgoing", "Direction", default=1),
        yes_no("ReadReceiptRequested", label="Read Receipt Requested"),
        yes_no("DeliveryReceiptRequested", label="Delivery Receipt Requested"),
        whole("AttachmentCount", 0, 2147483647, "Attachment Count", **READ_ONLY),
        whole("DeliveryAttempts", 0, 1000000000, "No. of Delivery Attempts"),
        choice(
            "Notifications", {0: "None", 1: "The message was saved as a Microsoft Dynamics 365 email record"}
        ),
        moment("SentOn", "Date Sent", **READ_ONLY),
        text("Category", 250),
    ],
    "Email",
    plural="Email Messages",
    type_code=4202,
    states=(
        ("Open", {1: "Draft", 8: "Failed"}),
        ("Completed", {2: "Completed", 3: "Sent", 4: "Received", 6: "Pending Send", 7: "Sending"}),
        ("Canceled", {5: "Canceled"}),
    ),
)

appointment = activity(
    "Appointment",
    "appointments",
    [
        parties("RequiredAttendees", "Required Attendees"),
        parties("OptionalAttendees", "Optional Attendees"),
        parties("Organizer", "Organizer"),
        text("Location", 200),
        text("GlobalObjectId", 300, "Outlook Appointment"),
        yes_no("IsAllDayEvent", label="All Day Event"),
        choice("InstanceTypeCode", {0: "Not Recurring", 1: "Recurring Master", 2: "Recurring Instance"}, "Appointment Type", default=0, **READ_ONLY),
        choice("AttachmentErrors", {0: "None", 1: "The appointment was saved without attachments"}, default=0),
        text("Category", 250),
    ],
    type_code=4201,
    states=(
        ("Open", {1: "Free", 2: "Tentative"}),
        ("Completed", {3: "Completed"}),
        ("Canceled", {4: "Canceled"}),
        ("Scheduled", {5: "Busy", 6: "Out of Office"}),
    ),
)  # fmt: skip

PARTICIPATION = {
    1: "Sender",
    2: "To Recipient",
    3: "CC Recipient",
    4: "BCC Recipient",
    5: "Required attendee",
    6: "Optional attendee",
    7: "Organizer",
    8: "Regarding",
    9: "Owner",
    10: "Resource",
    11: "Customer",
    12: "Chat Participant",
}
PARTIES = {
    "account": "account_activity_parties",
    "contact": "contact_activity_parties",
    "lead": "lead_activity_parties",
    "systemuser": "system_user_activity_parties",
    "queue": "queue_activity_parties",
}

activityparty = table(
    "ActivityParty",
    "activityparties",
    [
        ColumnSpec(
            "ActivityId",
            "Lookup",
            "Activity",
            {"required": "SystemRequired"},
            links=tuple(
                Link(
                    kind,
                    f"{kind}_activity_parties",
                    f"activityid_{kind}",
                    f"{kind}_activity_parties",
                    "Cascade",
                )
                for kind in ("activitypointer", *KINDS)
            ),
        ),
        polymorphic("PartyId", PARTIES, "Party", delete="NoCascade"),
        choice("ParticipationTypeMask", PARTICIPATION, "Participation Type"),
        text("AddressUsed", 320, "Address", format="Email"),
        text("UnresolvedPartyName", 1000, "Unresolved Party Name"),
        double("Effort", 2, "0", "1000000000"),
        moment("ScheduledStart", "Scheduled Start"),
        moment("ScheduledEnd", "Scheduled End"),
        yes_no("DoNotEmail", "Allow", "Do Not Allow", "Do not allow Emails", **READ_ONLY),
        yes_no("DoNotPhone", "Allow", "Do Not Allow", "Do not allow Phone Calls", **READ_ONLY),
        yes_no("IsPartyDeleted", label="Is Party Deleted", **READ_ONLY),
    ],
    "Activity Party",
    "Activity Parties",
    primary_name=None,
    type_code=135,
    privilege="Activity",
    states=(),
    bare=True,
    change_tracking=False,
)

TABLES = [activitypointer, task, phonecall, email, appointment, activityparty]
