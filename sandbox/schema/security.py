"""Users, teams, business units, roles, privileges and the organisation."""

from sandbox.schema.addresses import address
from sandbox.schema.declare import (
    READ_ONLY,
    REQUIRED,
    SYSTEM,
    ManySpec,
    choice,
    lookup,
    memo,
    moment,
    table,
    text,
    unique_id,
    whole,
    yes_no,
)

businessunit = table(
    "BusinessUnit",
    "businessunits",
    [
        text("Name", 160, required=SYSTEM),
        text("DivisionName", 100, "Division"),
        text("CostCenter", 100),
        text("EMailAddress", 100, "Email", format="Email"),
        text("FtpSiteUrl", 200, "FTP Site", format="Url"),
        text("WebSiteUrl", 200, "Website", format="Url"),
        memo("Description"),
        yes_no("IsDisabled", "No", "Yes", "Is Disabled"),
        unique_id("OrganizationId", "Organization", **READ_ONLY),
        lookup(
            "ParentBusinessUnitId",
            "businessunit",
            "business_unit_parent_business_unit",
            "Parent Business",
            delete="Restrict",
            hierarchical=True,
            required=REQUIRED,
        ),
        address(1),
    ],
    type_code=10,
    ownership="BusinessOwned",
    states=(),
)

ACCESS_MODES = {
    0: "Read-Write",
    1: "Administrative",
    2: "Read",
    3: "Support User",
    4: "Non-interactive",
    5: "Delegated Admin",
}

systemuser = table(
    "SystemUser",
    "systemusers",
    [
        text("FullName", 200, "Full Name", **READ_ONLY),
        text("FirstName", 256, "First Name"),
        text("MiddleName", 50, "Middle Name"),
        text("LastName", 256, "Last Name"),
        text("NickName", 50, "Nickname"),
        text("Title", 128),
        text("JobTitle", 100),
        text("DomainName", 1024, "User Name", required=REQUIRED),
        text("InternalEMailAddress", 100, "Primary Email", format="Email"),
        text("PersonalEMailAddress", 100, "Email 2", format="Email"),
        text("MobilePhone", 64, format="Phone"),
        text("HomePhone", 50, format="Phone"),
        text("WindowsLiveID", 1024, "Windows Live ID"),
        text("EmployeeId", 100, "Employee"),
        unique_id("ActiveDirectoryGuid", "Active Directory Guid", **READ_ONLY),
        unique_id("AzureActiveDirectoryObjectId", "Azure AD Object ID", can_update=False),
        unique_id("ApplicationId", "Application ID"),
        text("ApplicationIdUri", 1024, "Application ID URI", **READ_ONLY),
        unique_id("OrganizationId", "Organization", **READ_ONLY),
        choice("AccessMode", ACCESS_MODES, default=0),
        choice("CALType", {0: "Professional", 1: "Administrative", 2: "Basic"}, "License Type", default=0),
        whole("UserLicenseType", label="User License Type", default=-1),
        yes_no("IsDisabled", "Enabled", "Disabled", "Status"),
        yes_no("IsLicensed", label="User Licensed", default=0),
        yes_no("SetupUser", label="Restricted Access Mode"),
        yes_no("IsIntegrationUser", label="Integration user mode"),
        text("DisabledReason", 500, "Disabled Reason", **READ_ONLY),
        lookup(
            "BusinessUnitId",
            "businessunit",
            "business_unit_system_users",
            "Business Unit",
            delete="Restrict",
            required=SYSTEM,
        ),
        lookup("ParentSystemUserId", "systemuser", "user_parent_user", "Manager", hierarchical=True),
        lookup("TransactionCurrencyId", "transactioncurrency", "transactioncurrency_systemuser", "Currency"),
        address(1),
    ],
    "User",
    primary_name="fullname",
    type_code=8,
    ownership="BusinessOwned",
    privilege="User",
    states=(),
)

team = table(
    "Team",
    "teams",
    [
        text("Name", 160, "Team Name", required=REQUIRED),
        memo("Description"),
        text("EMailAddress", 100, "Email", format="Email"),
        choice(
            "TeamType",
            {0: "Owner", 1: "Access", 2: "Security Group", 3: "Office Group"},
            "Team Type",
            default=0,
            can_update=False,
        ),
        unique_id("AzureActiveDirectoryObjectId", "Object Id for a group"),
        choice(
            "MembershipType",
            {0: "Members and guests", 1: "Members", 2: "Owners", 3: "Guests"},
            "Membership Type",
            default=0,
        ),
        yes_no("IsDefault", label="Is Default", **READ_ONLY),
        yes_no("SystemManaged", label="Is System Managed", **READ_ONLY),
        unique_id("OrganizationId", "Organization", **READ_ONLY),
        lookup(
            "AdministratorId",
            "systemuser",
            "lk_teambase_administratorid",
            "Administrator",
            delete="Restrict",
            required=SYSTEM,
        ),
        lookup(
            "BusinessUnitId",
            "businessunit",
            "business_unit_teams",
            "Business Unit",
            delete="Restrict",
            required=SYSTEM,
        ),
    ],
    type_code=9,
    ownership="BusinessOwned",
    states=(),
)

role = table(
    "Role",
    "roles",
    [
        text("Name", 100, required=SYSTEM),
        memo("Description"),
        lookup(
            "BusinessUnitId",
            "businessunit",
            "business_unit_roles",
            "Business Unit",
            delete="Cascade",
            required=SYSTEM,
        ),
        lookup("ParentRoleId", "role", "role_parent_role", "Parent Role", delete="Cascade", **READ_ONLY),
        lookup("ParentRootRoleId", "role", "role_parent_root_role", "Parent Root Role", **READ_ONLY),
        lookup("RoleTemplateId", "roletemplate", "role_template_roles", "Role Template ID", **READ_ONLY),
        unique_id("OrganizationId", "Organization", **READ_ONLY),
        choice(
            "IsInherited",
            {0: "Team privileges only", 1: "Direct User (Basic) access level and Team privileges"},
            "Member's privilege inheritance",
            default=1,
        ),
        yes_no("IsAutoAssigned", label="Auto Assigned", **READ_ONLY),
        yes_no("CanBeDeleted", label="Can Be Deleted", default=1),
        yes_no("IsCustomizable", label="Customizable", default=1),
    ],
    "Security Role",
    type_code=1036,
    ownership="BusinessOwned",
    states=(),
)

privilege = table(
    "Privilege",
    "privileges",
    [
        text("Name", 100, **READ_ONLY),
        whole("AccessRight", **READ_ONLY),
        yes_no("CanBeBasic", label="Can Be Basic", **READ_ONLY),
        yes_no("CanBeLocal", label="Can Be Local", **READ_ONLY),
        yes_no("CanBeDeep", label="Can Be Deep", **READ_ONLY),
        yes_no("CanBeGlobal", label="Can Be Global", **READ_ONLY),
        yes_no("IsDisabledWhenIntegrated", label="Is Disabled When Integrated", **READ_ONLY),
    ],
    type_code=1023,
    ownership="None",
    states=(),
)

roletemplate = table(
    "RoleTemplate",
    "roletemplates",
    [text("Name", 100, **READ_ONLY), yes_no("Upgrading", **READ_ONLY)],
    "Role Template",
    type_code=1037,
    ownership="None",
    states=(),
)

organization = table(
    "Organization",
    "organizations",
    [
        text("Name", 160, "Organization Name", required=SYSTEM),
        text("SchemaNamePrefix", 8, **READ_ONLY),
        whole("LanguageCode", 0, 20000, "Language", default=1033, **READ_ONLY),
        whole("LocaleId", 0, 20000, "Locale", default=1033),
        whole(
            "ExpireChangeTrackingInDays", 0, 365, "Days to Expire Change Tracking Deleted Records", default=7
        ),
        whole("MaxUploadFileSize", 1, 131072, "Max Upload File Size", default=5242880),
        whole("FiscalPeriodType", label="Fiscal Period Type", default=2001),
        moment("FiscalCalendarStart", "Fiscal Calendar Start"),
        whole("PricingDecimalPrecision", 0, 4, "Pricing Decimal Precision", default=2),
        whole("CurrencyDecimalPrecision", 0, 4, "Currency Decimal Precision", default=2),
        text("CurrencySymbol", 13, **READ_ONLY),
        yes_no("IsAuditEnabled", label="Is Auditing Enabled"),
        yes_no("IsDisabled", label="Is Organization Disabled", **READ_ONLY),
        lookup("BaseCurrencyId", "transactioncurrency", "basecurrency_organization", "Currency", **READ_ONLY),
    ],
    type_code=1019,
    ownership="OrganizationOwned",
    states=(),
)

usersettings = table(
    "UserSettings",
    "usersettingscollection",
    [
        whole("TimeZoneCode", 0, 1500, default=92),
        whole("TimeZoneBias", label="Time Zone Bias", **READ_ONLY),
        whole("LocaleId", 0, 20000, "Locale ID", default=1033),
        whole("UILanguageId", 0, 20000, "User Interface Language", default=1033),
        whole("HelpLanguageId", 0, 20000, "Help Language", default=1033),
        whole("PagingLimit", 25, 250, "Records Per Page", default=50),
        whole("DateFormatCode", label="Date Format Code", default=0),
        text("DateFormatString", 255, "Date Format"),
        text("TimeFormatString", 255, "Time Format"),
        text("DecimalSymbol", 5, "Decimal Symbol"),
        text("NumberSeparator", 5, "Number Separator"),
        text("CurrencySymbol", 13, "Currency Symbol"),
        lookup("BusinessUnitId", "businessunit", "business_unit_user_settings", "Business Unit", **READ_ONLY),
        lookup(
            "TransactionCurrencyId", "transactioncurrency", "transactioncurrency_usersettings", "Currency"
        ),
    ],
    "User Settings",
    "User Settings",
    type_code=150,
    ownership="BusinessOwned",
    primary_id="systemuserid",
    primary_name=None,
    states=(),
)

# The owner of a record is one of several kinds; Dataverse shows them as one table, too.
owner = table(
    "Owner",
    "owners",
    [text("Name", 160, **READ_ONLY), text("YomiName", 160, **READ_ONLY)],
    type_code=7,
    ownership="BusinessOwned",
    privilege="User",
    states=(),
    is_view=True,
)

TABLES = [businessunit, systemuser, team, role, privilege, roletemplate, organization, usersettings, owner]
MANY = [
    ManySpec("systemuserroles_association", "systemuser", "role", "systemuserroles"),
    ManySpec("teamroles_association", "team", "role", "teamroles"),
    ManySpec("teammembership_association", "team", "systemuser", "teammembership"),
    ManySpec("roleprivileges_association", "role", "privilege", "roleprivileges"),
]
