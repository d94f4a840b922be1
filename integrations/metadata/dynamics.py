"""Which entities an environment has only with a Dynamics 365 application, not with Dataverse alone.

https://learn.microsoft.com/en-us/dynamics365/developer/reference/about-entity-reference
"""

_PREFIXES = ("msdyn_", "msdynce_", "msdyncrm_", "msdynmkt_")
_SALES = """
    competitor competitoraddress competitorproduct competitorsalesliterature contactinvoices contactorders
    contactquotes discount discounttype dynamicproperty dynamicpropertyassociation dynamicpropertyinstance
    dynamicpropertyoptionsetitem invoice invoicedetail lead leadaddress leadcompetitors leadproduct opportunity
    opportunityclose opportunitycompetitors opportunityproduct orderclose pricelevel product productassociation
    productpricelevel productsalesliterature productsubstitute quote quoteclose quotedetail salesliterature
    salesliteratureitem salesorder salesorderdetail salesprocessinstance uom uomschedule
"""
_SERVICE = """
    bookableresource bookableresourcebooking bookableresourcecategory bookableresourcecharacteristic
    bookableresourcegroup bookingstatus characteristic contract contractdetail contracttemplate
    entitlement entitlementchannel entitlemententityallocationtypemapping entitlementtemplate equipment incident
    incidentresolution ratingmodel ratingvalue resource resourcegroup resourcespec service serviceappointment
    servicecontractcontacts site
"""
_MARKETING = """
    bulkoperation bulkoperationlog campaign campaignactivity campaignactivityitem campaignitem campaignresponse
    list listmember
"""
_NAMES = frozenset(f"{_SALES} {_SERVICE} {_MARKETING}".split())


def is_dynamics_only(logical_name: str) -> bool:
    """Whether it comes with Dynamics 365 Sales, Service, Marketing or the like, and takes such a licence."""
    return logical_name in _NAMES or logical_name.startswith(_PREFIXES)
