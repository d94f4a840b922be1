"""Publishers, solutions, their components, and the messages that tables answer."""

from sandbox.schema.declare import (
    READ_ONLY,
    REQUIRED,
    SYSTEM,
    choice,
    entity_name,
    lookup,
    memo,
    moment,
    table,
    text,
    unique_id,
    whole,
    yes_no,
)

publisher = table(
    "Publisher",
    "publishers",
    [
        text("UniqueName", 256, "Name", required=SYSTEM, can_update=False),
        text("FriendlyName", 256, "Display Name", required=SYSTEM),
        memo("Description"),
        text("CustomizationPrefix", 8, "Prefix", required=SYSTEM),
        whole("CustomizationOptionValuePrefix", 10000, 99999, "Option Value Prefix", required=SYSTEM),
        text("EMailAddress", 100, "Email", format="Email"),
        text("SupportingWebsiteUrl", 200, "Website", format="Url"),
        yes_no("IsReadonly", label="Is Read-Only Publisher", **READ_ONLY),
    ],
    primary_name="friendlyname",
    type_code=7101,
    ownership="OrganizationOwned",
    states=(),
)

solution = table(
    "Solution",
    "solutions",
    [
        text("UniqueName", 65, "Name", required=SYSTEM, can_update=False),
        text("FriendlyName", 256, "Display Name", required=REQUIRED),
        text("Version", 256, required=REQUIRED),
        memo("Description"),
        yes_no("IsManaged", "Unmanaged", "Managed", "Package Type", **READ_ONLY),
        yes_no("IsVisible", label="Is Visible Outside Platform", default=1, **READ_ONLY),
        yes_no("IsApiManaged", label="Is Api Managed Solution", **READ_ONLY),
        choice(
            "SolutionType", {0: "None", 1: "Snapshot", 2: "Internal"}, "Solution Type", default=0, **READ_ONLY
        ),
        moment("InstalledOn", "Installed On", **READ_ONLY),
        moment("UpdatedOn", "Updated On", **READ_ONLY),
        lookup(
            "PublisherId",
            "publisher",
            "publisher_solution",
            "Publisher",
            delete="Restrict",
            required=REQUIRED,
        ),
        lookup("ParentSolutionId", "solution", "solution_parent_solution", "Parent Solution", **READ_ONLY),
    ],
    primary_name="friendlyname",
    type_code=7100,
    ownership="OrganizationOwned",
    states=(),
)

COMPONENTS = {
    1: "Entity",
    2: "Attribute",
    3: "Relationship",
    9: "Option Set",
    10: "Entity Relationship",
    14: "Entity Key",
}

solutioncomponent = table(
    "SolutionComponent",
    "solutioncomponents",
    [
        choice("ComponentType", COMPONENTS, "Object Type Code", **READ_ONLY),
        unique_id("ObjectId", "Regarding", **READ_ONLY),
        choice(
            "RootComponentBehavior",
            {0: "Include Subcomponents", 1: "Do not include subcomponents", 2: "Include As Shell Only"},
            "Include Behavior",
            **READ_ONLY,
        ),
        yes_no("IsMetadata", "Data", "Metadata", "Is this component metadata", **READ_ONLY),
        lookup(
            "SolutionId", "solution", "solution_solutioncomponent", "Solution", delete="Cascade", **READ_ONLY
        ),
    ],
    "Solution Component",
    primary_name=None,
    type_code=7103,
    ownership="OrganizationOwned",
    privilege="Solution",
    states=(),
)

sdkmessage = table(
    "SdkMessage",
    "sdkmessages",
    [
        text("Name", 256, "SDK Message Name", **READ_ONLY),
        yes_no("IsActive", label="Is Active", default=1, **READ_ONLY),
    ],
    "Sdk Message",
    type_code=4606,
    ownership="OrganizationOwned",
    states=(),
)

sdkmessagefilter = table(
    "SdkMessageFilter",
    "sdkmessagefilters",
    [
        text("Name", 256, **READ_ONLY),
        entity_name("PrimaryObjectTypeCode", "Primary Object Type Code", **READ_ONLY),
        entity_name("SecondaryObjectTypeCode", "Secondary Object Type Code", **READ_ONLY),
        yes_no("IsCustomProcessingStepAllowed", label="Custom Processing Step Allowed", default=1, **READ_ONLY),
        lookup("SdkMessageId", "sdkmessage", "sdkmessageid_sdkmessagefilter", "SDK Message ID", delete="Cascade", **READ_ONLY),
    ],
    "Sdk Message Filter",
    type_code=4607,
    ownership="OrganizationOwned",
    privilege="SdkMessage",
    states=(),
)  # fmt: skip

TABLES = [publisher, solution, solutioncomponent, sdkmessage, sdkmessagefilter]
