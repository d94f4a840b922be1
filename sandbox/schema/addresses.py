"""The address columns that accounts, contacts, leads and users repeat."""

from sandbox.schema.declare import READ_ONLY, ColumnSpec, choice, double, memo, text, unique_id, whole

ACCOUNT_ADDRESS_TYPES = {1: "Bill To", 2: "Ship To", 3: "Primary", 4: "Other"}
FREIGHT_TERMS = {1: "FOB", 2: "No Charge"}
SHIPPING_METHODS = {
    1: "Airborne",
    2: "DHL",
    3: "FedEx",
    4: "UPS",
    5: "Postal Mail",
    6: "Full Load",
    7: "Will Call",
}
DEFAULT_ONLY = {1: "Default Value"}


def address(number: int, *, full: bool = True) -> list[ColumnSpec]:
    """Address `number`; `full` has the delivery terms that only the first address offers."""
    at, label = f"Address{number}", f"Address {number}"
    return [
        unique_id(f"{at}_AddressId", f"{label}: ID"),
        choice(
            f"{at}_AddressTypeCode",
            ACCOUNT_ADDRESS_TYPES if full else DEFAULT_ONLY,
            f"{label}: Address Type",
            default=None if full else 1,
        ),
        text(f"{at}_Name", 200, f"{label}: Name"),
        text(f"{at}_PrimaryContactName", 100, f"{label}: Primary Contact Name"),
        text(f"{at}_Line1", 250, f"{label}: Street 1"),
        text(f"{at}_Line2", 250, f"{label}: Street 2"),
        text(f"{at}_Line3", 250, f"{label}: Street 3"),
        text(f"{at}_City", 80, f"{label}: City"),
        text(f"{at}_StateOrProvince", 50, f"{label}: State/Province"),
        text(f"{at}_County", 50, f"{label}: County"),
        text(f"{at}_PostalCode", 20, f"{label}: ZIP/Postal Code"),
        text(f"{at}_Country", 80, f"{label}: Country/Region"),
        text(f"{at}_PostOfficeBox", 20, f"{label}: Post Office Box"),
        text(f"{at}_Telephone1", 50, f"{label}: Phone", format="Phone"),
        text(f"{at}_Telephone2", 50, f"{label}: Telephone 2", format="Phone"),
        text(f"{at}_Telephone3", 50, f"{label}: Telephone 3", format="Phone"),
        text(f"{at}_Fax", 50, f"{label}: Fax"),
        text(f"{at}_UPSZone", 4, f"{label}: UPS Zone"),
        double(f"{at}_Latitude", 5, "-90", "90", f"{label}: Latitude"),
        double(f"{at}_Longitude", 5, "-180", "180", f"{label}: Longitude"),
        whole(f"{at}_UTCOffset", -1500, 1500, f"{label}: UTC Offset", format="TimeZone"),
        choice(
            f"{at}_FreightTermsCode",
            FREIGHT_TERMS if full else DEFAULT_ONLY,
            f"{label}: Freight Terms",
            default=None if full else 1,
        ),
        choice(
            f"{at}_ShippingMethodCode",
            SHIPPING_METHODS if full else DEFAULT_ONLY,
            f"{label}: Shipping Method",
            default=None if full else 1,
        ),
        memo(f"{at}_Composite", 1000, label, **READ_ONLY),
    ]
