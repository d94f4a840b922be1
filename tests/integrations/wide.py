"""Three very different integrations beside the sample: kept as rows, built once a session.

*Projects* has every kind of value, a key, related entities and other names than Dynamics'; *Sales sample* is accounts
and contacts; *Glance* only reads a few attributes of leads and tasks.
"""

from integrations.definition import READ_ONLY, READ_WRITE, Operation
from integrations.metadata.related import Parts
from integrations.models import Integration
from integrations.services import binding, drafts, publishing
from integrations.services.stages import stage_of

PROJECT = [
    "smp_name",
    "smp_code",
    "smp_summary",
    "smp_channels",
    "smp_effort",
    "smp_budget",
    "smp_startson",
    "smp_endson",
    "smp_isbillable",
    "smp_contract",
    "smp_accountid",
    "smp_parentprojectid",
    "statecode",
    "statuscode",
    "createdon",
    "ownerid",
    "versionnumber",
    "transactioncurrencyid",
]
ACCOUNT = [
    "name",
    "revenue",
    "numberofemployees",
    "address1_latitude",
    "primarycontactid",
    "lastusedincampaign",
    "creditonhold",
    "description",
    "industrycode",
    "address1_addressid",
    "createdon",
]
OPPORTUNITY = [
    "name",
    "customerid",
    "estimatedvalue",
    "estimatedclosedate",
    "closeprobability",
    "finaldecisiondate",
    "statuscode",
]
PRODUCT = ["name", "productnumber", "price", "quantitydecimal", "defaultuomid", "defaultuomscheduleid"]
CALLED = {
    "smp_name": "title",
    "smp_code": "code",
    "smp_budget": "budget",
    "smp_effort": "effort",
    "smp_channels": "channels",
    "smp_accountid": "customer",
    "smp_parentprojectid": "parent",
    "smp_contract": "contract",
    "smp_startson": "starts",
}


def build(actor, sample: Integration) -> None:
    """Make and bind both."""
    _projects(actor, sample)
    _glance(actor, sample)


def _projects(actor, sample):
    made = drafts.create(actor, sample.team, sample.environment, "Projects")
    entities = ["smp_project", "account", "contact", "opportunity", "product"]
    made = drafts.choose_entities(actor, made, made.revision, entities)
    for entity, chosen, called, parts in (
        (
            "smp_project",
            PROJECT,
            CALLED,
            Parts({"smp_codekey": "by_code"}, {"smp_AccountId": "customer_record"}, {}),
        ),
        ("account", ACCOUNT, {}, Parts({}, {"smp_account_smp_project": "projects"}, {})),
        ("contact", ["lastname", "birthdate", "parentcustomerid"], {"lastname": "family"}, None),
        ("opportunity", OPPORTUNITY, {}, None),
        ("product", PRODUCT, {}, Parts({"productnumberkey": "by_number"}, {}, {})),
    ):
        made = drafts.shape_entity(
            actor,
            made,
            made.revision,
            entity,
            operations=READ_WRITE,
            chosen=chosen,
            called=called,
            parts=parts,
        )
    made = drafts.name_parts(
        actor,
        made,
        made.revision,
        name="Projects",
        service_name="projects_is",
        acts_as=made.draft.acts_as,
        called={"smp_project": "Project", "account": "Customer"},
    )
    _publish(actor, made)


def _glance(actor, sample):
    made = drafts.create(actor, sample.team, sample.environment, "Glance")
    made = drafts.choose_entities(actor, made, made.revision, ["lead", "task"])
    for entity, operations, chosen in (
        ("lead", frozenset({Operation.SEARCH}), ["subject", "lastname", "customerid"]),
        (
            "task",
            READ_ONLY,
            ["subject", "scheduledend", "prioritycode", "regardingobjectid", "activitytypecode"],
        ),
    ):
        made = drafts.shape_entity(
            actor, made, made.revision, entity, operations=operations, chosen=chosen, called={}
        )
    _publish(actor, made)


def _publish(actor, made):
    publishing.publish(actor, made, made.revision)
    made.refresh_from_db()
    stage = stage_of(made.team, "development")
    binding.bind(actor, made, stage, made.team.connections.get())
