"""Definitions to test with, small enough to read at a glance."""

from integrations.definition import READ_WRITE, Attribute, Definition, Entity, Operation, Option

STATES = (Option(value=0, label="Active"), Option(value=1, label="Inactive"))
COLOURS = (Option(value=1, label="Red"), Option(value=2, label="Green"), Option(value=7, label="Blue"))

ATTRIBUTES = {
    "name": Attribute(
        logical_name="name", name="name", type="String", required=True, max_length=20, primary_name=True
    ),
    "notes": Attribute(logical_name="description", name="notes", type="Memo", max_length=2000),
    "employees": Attribute(
        logical_name="numberofemployees", name="employees", type="Integer", minimum="0", maximum="1000000"
    ),
    "version": Attribute(
        logical_name="versionnumber", name="version", type="BigInt", can_create=False, can_update=False
    ),
    "revenue": Attribute(
        logical_name="revenue",
        name="revenue",
        type="Money",
        minimum="-922337203685477",
        maximum="922337203685477",
        precision=4,
    ),
    "rate": Attribute(
        logical_name="rate",
        name="rate",
        type="Decimal",
        minimum="-100000000000",
        maximum="100000000000",
        precision=10,
    ),
    "longitude": Attribute(
        logical_name="longitude", name="longitude", type="Double", minimum="-180", maximum="180"
    ),
    "on_hold": Attribute(logical_name="creditonhold", name="on_hold", type="Boolean"),
    "state": Attribute(
        logical_name="statecode", name="state", type="State", options=STATES, can_create=False
    ),
    "colours": Attribute(logical_name="colours", name="colours", type="MultiSelectPicklist", options=COLOURS),
    "birthday": Attribute(logical_name="birthdate", name="birthday", type="DateTime", behavior="DateOnly"),
    "created": Attribute(
        logical_name="createdon",
        name="created",
        type="DateTime",
        behavior="UserLocal",
        can_create=False,
        can_update=False,
    ),
    "meeting": Attribute(logical_name="meeting", name="meeting", type="DateTime", behavior="UserLocal"),
    "opening": Attribute(
        logical_name="opening", name="opening", type="DateTime", behavior="TimeZoneIndependent"
    ),
    "contact": Attribute(
        logical_name="primarycontactid",
        name="contact",
        type="Lookup",
        targets={"contact": "primarycontactid"},
        target_sets={"contact": "contacts"},
        target_privileges={"contact": "prvAppendToContact"},
    ),
    "customer": Attribute(
        logical_name="customerid",
        name="customer",
        type="Customer",
        targets={"account": "customerid_account", "contact": "customerid_contact"},
        target_sets={"account": "accounts", "contact": "contacts"},
        target_privileges={"account": "prvAppendToAccount", "contact": "prvAppendToContact"},
    ),
    "process": Attribute(logical_name="processid", name="process", type="Uniqueidentifier"),
}

PRIVILEGES = {
    kind: f"prv{kind}Account"
    for kind in ("Create", "Read", "Write", "Delete", "Append", "AppendTo", "Assign")
}


def entity(*names: str, operations: frozenset[Operation] = READ_WRITE, **changes: object) -> Entity:
    """An account with the named attributes, or all of them."""
    chosen = [ATTRIBUTES[name] for name in names or ATTRIBUTES]
    made = Entity(
        logical_name="account",
        entity_set="accounts",
        name="account",
        label="Account",
        primary_id="accountid",
        primary_name="name",
        operations=operations,
        attributes=tuple(chosen),
        privileges=PRIVILEGES,
    )
    return made.model_copy(update=changes)


def definition(*entities: Entity) -> Definition:
    return Definition(entities=entities or (entity(),))
