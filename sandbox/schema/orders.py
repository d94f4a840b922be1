"""From quote to invoice, line by line."""

from typing import Any

from sandbox.schema.declare import (
    READ_ONLY,
    REQUIRED,
    SYSTEM,
    ColumnSpec,
    OptionTexts,
    TableSpec,
    choice,
    customer,
    date,
    decimal,
    lookup,
    memo,
    money,
    table,
    text,
    whole,
    yes_no,
)

FREIGHT = {1: "FOB", 2: "No Charge"}
TERMS = {1: "Net 30", 2: "2% 10, Net 30", 3: "Net 45", 4: "Net 60"}
SHIPPING = {1: "Airborne", 2: "DHL", 3: "FedEx", 4: "UPS", 5: "Postal Mail", 6: "Full Load", 7: "Will Call"}
PRICING_ERRORS = {
    0: "None",
    1: "Detail Error",
    2: "Missing Price Level",
    3: "Inactive Price Level",
    4: "Missing Quantity",
    5: "Missing Unit Price",
    6: "Missing Product",
    8: "Missing Pricing Code",
    38: "Base Currency Attribute Overflow",
}


def place(prefix: str, label: str) -> list[ColumnSpec]:
    """Where to bill or to ship to."""
    return [
        text(f"{prefix}_Name", 200, f"{label} Name"),
        text(f"{prefix}_Line1", 4000, f"{label} Street 1"),
        text(f"{prefix}_Line2", 4000, f"{label} Street 2"),
        text(f"{prefix}_Line3", 4000, f"{label} Street 3"),
        text(f"{prefix}_City", 80, f"{label} City"),
        text(f"{prefix}_StateOrProvince", 50, f"{label} State/Province"),
        text(f"{prefix}_PostalCode", 20, f"{label} ZIP/Postal Code"),
        text(f"{prefix}_Country", 80, f"{label} Country/Region"),
        text(f"{prefix}_Telephone", 50, f"{label} Phone", format="Phone"),
        text(f"{prefix}_Fax", 50, f"{label} Fax"),
    ]


def totals() -> list[ColumnSpec]:
    """What a document adds up to."""
    return [
        money("TotalAmount", **READ_ONLY),
        money("TotalLineItemAmount", "Total Detail Amount", **READ_ONLY),
        money("TotalAmountLessFreight", "Total Pre-Freight Amount", **READ_ONLY),
        money("TotalDiscountAmount", **READ_ONLY),
        money("TotalLineItemDiscountAmount", **READ_ONLY),
        money("TotalTax", **READ_ONLY),
        money("FreightAmount", low="0"),
        money("DiscountAmount", low="0"),
        decimal("DiscountPercentage", 2, "0", "100", "Discount (%)"),
    ]


def document(  # noqa: PLR0917 - a declaration
    schema_name: str,
    label: str,
    code: int,
    number: ColumnSpec,
    columns: list[ColumnSpec],
    states: tuple[tuple[str, OptionTexts], ...],
    **facets: Any,
) -> TableSpec:
    """A quote, an order or an invoice."""
    name = schema_name.lower()
    prefix = {"salesorder": "order"}.get(name, name)
    return table(
        schema_name,
        f"{name}s",
        [
            text("Name", 300, required=REQUIRED),
            number,
            memo("Description"),
            choice("FreightTermsCode", FREIGHT, "Freight Terms"),
            choice("PaymentTermsCode", TERMS, "Payment Terms"),
            choice("ShippingMethodCode", SHIPPING, "Shipping Method"),
            choice("PricingErrorCode", PRICING_ERRORS, "Pricing Error", default=0),
            yes_no("WillCall", "Address", "Will Call", "Ship To"),
            *totals(),
            *place("BillTo", "Bill To"),
            *place("ShipTo", "Ship To"),
            customer("CustomerId", f"{prefix}_customer_accounts", f"{prefix}_customer_contacts", "Potential Customer", required=REQUIRED),
            lookup("PriceLevelId", "pricelevel", f"price_level_{prefix}s", "Price List"),
            lookup("OpportunityId", "opportunity", f"opportunity_{'sales_orders' if prefix == 'order' else prefix + 's'}", "Opportunity"),
            *columns,
        ],
        label,
        type_code=code,
        has_notes=True,
        has_activities=True,
        states=states,
        **facets,
    )  # fmt: skip


def line(  # noqa: PLR0917 - a declaration
    schema_name: str, parent: str, relationship: str, label: str, code: int, privilege: str, product: str
) -> TableSpec:
    """A line of a document; who may the document may its lines."""
    name = schema_name.lower()
    return table(
        schema_name,
        f"{name}s",
        [
            text(f"{schema_name}Name", 100, "Name"),
            memo("Description"),
            text("ProductDescription", 500, "Write-In Product"),
            yes_no("IsProductOverridden", "Existing", "Write In", "Select Product"),
            yes_no("IsPriceOverridden", "Use Default", "Override Price", "Price Overridden"),
            choice("PricingErrorCode", PRICING_ERRORS, "Pricing Error", default=0),
            whole("LineItemNumber", 0, 1000000000, "Line Item Number"),
            whole("SequenceNumber", 0, 1000000000, "Sequence Number"),
            decimal("Quantity", 5, "-100000000000", "100000000000", required=REQUIRED),
            money("PricePerUnit", "Price Per Unit"),
            money("BaseAmount", "Amount"),
            money("ExtendedAmount", "Extended Amount"),
            money("ManualDiscountAmount", "Manual Discount"),
            money("VolumeDiscountAmount", "Volume Discount", **READ_ONLY),
            money("Tax", "Tax"),
            lookup(f"{PARENT_LOOKUPS[parent]}", parent, relationship, label.split(maxsplit=1)[0], delete="Cascade", required=SYSTEM),
            lookup("ProductId", "product", f"product_{product}", "Existing Product", delete="Restrict"),
            lookup("UoMId", "uom", f"unit_of_measurement_{product}", "Unit", delete="Restrict"),
        ],
        label,
        primary_name=f"{name}name",
        type_code=code,
        privilege=privilege,
        states=(),
    )  # fmt: skip


PARENT_LOOKUPS = {
    "opportunity": "OpportunityId",
    "quote": "QuoteId",
    "salesorder": "SalesOrderId",
    "invoice": "InvoiceId",
}

quote = document(
    "Quote",
    "Quote",
    1084,
    text("QuoteNumber", 100, "Quote ID"),
    [
        whole("RevisionNumber", 0, 2147483647, "Revision ID", **READ_ONLY),
        date("EffectiveFrom", "Effective From"),
        date("EffectiveTo", "Effective To"),
        date("ExpiresOn", "Due By"),
        date("RequestDeliveryBy", "Requested Delivery Date"),
        date("ClosedOn", "Closed On"),
    ],
    (
        ("Draft", {1: "In Progress"}),
        ("Active", {2: "In Progress", 3: "Open"}),
        ("Won", {4: "Won"}),
        ("Closed", {5: "Lost", 6: "Canceled", 7: "Revised"}),
    ),
)

salesorder = document(
    "SalesOrder",
    "Order",
    1088,
    text("OrderNumber", 100, "Order ID"),
    [
        date("DateFulfilled", "Date Fulfilled"),
        date("SubmitDate", "Date Submitted"),
        date("RequestDeliveryBy", "Requested Delivery Date"),
        yes_no("IsPriceLocked", label="Prices Locked", **READ_ONLY),
        lookup("QuoteId", "quote", "quote_orders", "Quote"),
    ],
    (
        ("Active", {1: "New", 2: "Pending"}),
        ("Submitted", {3: "In Progress"}),
        ("Canceled", {4: "No Money"}),
        ("Fulfilled", {100001: "Complete", 100002: "Partial"}),
        ("Invoiced", {100003: "Invoiced"}),
    ),
    privilege="Order",
)

invoice = document(
    "Invoice",
    "Invoice",
    1090,
    text("InvoiceNumber", 100, "Invoice ID"),
    [
        date("DueDate", "Due Date"),
        date("DateDelivered", "Date Delivered"),
        yes_no("IsPriceLocked", label="Prices Locked", **READ_ONLY),
        lookup("SalesOrderId", "salesorder", "order_invoices", "Order"),
    ],
    (
        ("Active", {1: "New", 2: "Partially Shipped", 4: "Billed", 5: "Booked (applies to services)", 6: "Installed (applies to services)"}),
        ("Closed (Inactive)", {3: "Canceled (deprecated)", 7: "Paid in Full (deprecated)"}),
        ("Paid", {100001: "Complete", 100002: "Partial"}),
        ("Canceled", {100003: "Canceled"}),
    ),
)  # fmt: skip

opportunityproduct = line(
    "OpportunityProduct", "opportunity", "product_opportunities", "Opportunity Product", 1083, "Opportunity", "opportunity_products"
)  # fmt: skip
quotedetail = line("QuoteDetail", "quote", "quote_details", "Quote Product", 1085, "Quote", "quote_details")
salesorderdetail = line(
    "SalesOrderDetail", "salesorder", "order_details", "Order Product", 1089, "Order", "order_details"
)
invoicedetail = line(
    "InvoiceDetail", "invoice", "invoice_details", "Invoice Product", 1091, "Invoice", "invoice_details"
)

uomschedule = table(
    "UoMSchedule",
    "uomschedules",
    [text("Name", 200, required=REQUIRED), memo("Description"), text("BaseUoMName", 100, "Base Unit Name", **READ_ONLY)],
    "Unit Group",
    type_code=1056,
    ownership="OrganizationOwned",
)  # fmt: skip

uom = table(
    "UoM",
    "uoms",
    [
        text("Name", 100, required=REQUIRED),
        decimal("Quantity", 10, "0", "100000000000", required=REQUIRED),
        yes_no("IsScheduleBaseUoM", label="Is Schedule Base Unit", **READ_ONLY),
        lookup("UoMScheduleId", "uomschedule", "unit_of_measurement_schedule_conversions", "Unit Group", delete="Cascade", required=SYSTEM, can_update=False),
        lookup("BaseUoM", "uom", "unit_of_measurement_base_unit", "Base Unit"),
    ],
    "Unit",
    type_code=1055,
    ownership="OrganizationOwned",
    privilege="UoMSchedule",
    states=(),
)  # fmt: skip

productpricelevel = table(
    "ProductPriceLevel",
    "productpricelevels",
    [
        money("Amount", low="0"),
        decimal("Percentage", 2, "0", "100000000000"),
        choice("PricingMethodCode", {1: "Currency Amount", 2: "Percent of List", 3: "Percent Markup - Current Cost"}, "Pricing Method", default=1),
        choice("QuantitySellingCode", {1: "No Control", 2: "Whole", 3: "Whole and Fractional"}, "Quantity Selling Option", default=1),
        text("ProductNumber", 100, "Product ID", **READ_ONLY),
        lookup("PriceLevelId", "pricelevel", "price_level_product_price_levels", "Price List", delete="Cascade", required=SYSTEM),
        lookup("ProductId", "product", "product_price_levels", "Product", delete="Cascade", required=SYSTEM),
        lookup("UoMId", "uom", "unit_of_measurement_product_price_level", "Unit", delete="Restrict", required=SYSTEM),
    ],
    "Price List Item",
    primary_name=None,
    type_code=1026,
    ownership="OrganizationOwned",
    privilege="PriceLevel",
    states=(),
)  # fmt: skip

TABLES = [
    uomschedule,
    uom,
    productpricelevel,
    opportunityproduct,
    quote,
    quotedetail,
    salesorder,
    salesorderdetail,
    invoice,
    invoicedetail,
]
