"""Cases, tasks and notes."""

from sandbox.schema.declare import (
    READ_ONLY,
    REQUIRED,
    choice,
    customer,
    lookup,
    memo,
    moment,
    polymorphic,
    table,
    text,
    whole,
    yes_no,
)

PRIORITIES = {1: ("High", "#a4262c"), 2: ("Normal", "#0078d4"), 3: ("Low", "#107c10")}
ACTIVITY_PRIORITIES = {0: "Low", 1: "Normal", 2: "High"}
REGARDING = ("account", "contact", "lead", "opportunity", "incident")

incident = table(
    "Incident",
    "incidents",
    [
        text("Title", 200, "Case Title", required=REQUIRED),
        text("TicketNumber", 100, "Case Number", can_update=False),
        memo("Description"),
        text("EMailAddress", 100, "Email Address", format="Email"),
        text("ProductSerialNumber", 100, "Serial Number"),
        choice("PriorityCode", PRIORITIES, "Priority", default=2),
        choice("SeverityCode", {1: "Default Value"}, "Severity", default=1),
        choice(
            "CaseOriginCode",
            {1: "Phone", 2: "Email", 3: "Web", 2483: "Facebook", 3986: "Twitter", 700610000: "IoT"},
            "Origin",
        ),
        choice("CaseTypeCode", {1: "Question", 2: "Problem", 3: "Request"}, "Case Type"),
        choice(
            "CustomerSatisfactionCode",
            {5: "Very Satisfied", 4: "Satisfied", 3: "Neutral", 2: "Dissatisfied", 1: "Very Dissatisfied"},
            "Satisfaction",
        ),
        choice("ContractServiceLevelCode", {1: "Gold", 2: "Silver", 3: "Bronze"}, "Service Level"),
        moment("FollowupBy", "Follow Up By"),
        moment("ResponseBy", "First Response By"),
        moment("ResolveBy", "Resolve By"),
        moment("EscalatedOn", "Escalated On", **READ_ONLY),
        whole("BilledServiceUnits", 0, 1000000000, "Billed Service Units"),
        yes_no("IsEscalated", label="Is Escalated"),
        yes_no("FirstResponseSent", label="First Response Sent"),
        yes_no("CustomerContacted", label="Customer Contacted"),
        customer(
            "CustomerId",
            "incident_customer_accounts",
            "incident_customer_contacts",
            "Customer",
            delete="Cascade",
            required=REQUIRED,
        ),
        lookup("PrimaryContactId", "contact", "contact_as_primary_contact", "Contact"),
        lookup(
            "ResponsibleContactId",
            "contact",
            "contact_as_responsible_contact",
            "Responsible Contact (Deprecated)",
        ),
        lookup("ParentCaseId", "incident", "incident_parent_incident", "Parent Case", hierarchical=True),
        lookup("ProductId", "product", "product_incidents", "Product", delete="Restrict"),
    ],
    "Case",
    primary_name="title",
    type_code=112,
    has_notes=True,
    has_activities=True,
    states=(
        ("Active", {1: "In Progress", 2: "On Hold", 3: "Waiting for Details", 4: "Researching"}),
        ("Resolved", {5: "Problem Solved", 1000: "Information Provided"}),
        ("Cancelled", {6: "Canceled", 2000: "Merged"}),
    ),
)

task = table(
    "Task",
    "tasks",
    [
        text("Subject", 200, required=REQUIRED),
        memo("Description"),
        text("Category", 250),
        text("Subcategory", 250, "Sub-Category"),
        text("ActivityTypeCode", 64, "Activity Type", **READ_ONLY),
        choice("PriorityCode", ACTIVITY_PRIORITIES, "Priority", default=1),
        whole("ActualDurationMinutes", 0, 2147483647, "Duration", format="Duration"),
        whole("ScheduledDurationMinutes", 0, 2147483647, "Scheduled Duration", **READ_ONLY),
        whole("PercentComplete", 0, 100),
        moment("ScheduledStart", "Start Date"),
        moment("ScheduledEnd", "Due Date"),
        moment("ActualStart"),
        moment("ActualEnd"),
        yes_no("IsBilled", label="Is Billed"),
        yes_no("IsWorkflowCreated", label="Is Workflow Created"),
        yes_no("IsRegularActivity", label="Is Regular Activity", default=1, **READ_ONLY),
        polymorphic(
            "RegardingObjectId",
            {name: f"{name.capitalize()}_Tasks" for name in REGARDING},
            "Regarding",
            delete="Cascade",
            suffixes={name: f"{name}_task" for name in REGARDING},
        ),
    ],
    primary_id="activityid",
    primary_name="subject",
    type_code=4212,
    privilege="Activity",
    is_activity=True,
    has_notes=True,
    states=(
        ("Open", {2: "Not Started", 3: "In Progress", 4: "Waiting on someone else", 7: "Deferred"}),
        ("Completed", {5: "Completed"}),
        ("Canceled", {6: "Canceled"}),
    ),
)

annotation = table(
    "Annotation",
    "annotations",
    [
        text("Subject", 500, "Title"),
        memo("NoteText", 100000, "Description"),
        memo("DocumentBody", 1073741823, "Document"),
        text("FileName", 255, "File Name"),
        text("MimeType", 256, "Mime Type"),
        text("LangId", 2, "Language ID"),
        whole("FileSize", 0, 1000000000, "File Size (Bytes)", **READ_ONLY),
        yes_no("IsDocument", label="Is Document"),
        polymorphic(
            "ObjectId",
            {name: f"{name.capitalize()}_Annotation" for name in (*REGARDING, "task", "product")},
            "Regarding",
            delete="Cascade",
        ),
    ],
    "Note",
    primary_name="subject",
    type_code=5,
    privilege="Note",
    states=(),
)

TABLES = [incident, task, annotation]
