"""Cases, notes, subjects and queues."""

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
ANNOTATED = (
    *("account", "contact", "lead", "opportunity", "incident", "quote", "salesorder", "invoice", "product"),
    *("task", "phonecall", "email", "appointment"),
)
NAMES = {"salesorder": "SalesOrder", "phonecall": "PhoneCall"}

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
        lookup("SubjectId", "subject", "subject_incidents", "Subject", delete="Restrict"),
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
            {name: f"{NAMES.get(name, name.capitalize())}_Annotation" for name in ANNOTATED},
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

subject = table(
    "Subject",
    "subjects",
    [
        text("Title", 500, required=REQUIRED),
        memo("Description"),
        whole("FeatureMask", **READ_ONLY),
        lookup("ParentSubject", "subject", "subject_parent_subject", "Parent Subject", hierarchical=True),
    ],
    primary_name="title",
    type_code=129,
    ownership="OrganizationOwned",
    states=(),
)

queue = table(
    "Queue",
    "queues",
    [
        text("Name", 200, required=REQUIRED),
        memo("Description"),
        text("EMailAddress", 100, "Incoming Email", format="Email"),
        choice("QueueViewType", {0: "Public", 1: "Private"}, "Type", default=0),
        choice("QueueTypeCode", {1: "Default Value"}, "Queue Type", default=1),
        lookup("BusinessUnitId", "businessunit", "business_unit_queues", "Business Unit", **READ_ONLY),
    ],
    type_code=2020,
)

TABLES = [incident, annotation, subject, queue]
