"""Metadata as real organisations have it, which is odd."""

from decimal import Decimal

from microsoft.dataverse import reading
from microsoft.dataverse.definitions import EntityName

ACCOUNT = EntityName(
    "account", "accounts", "Account", "accountid", "name", is_custom=False, ownership="UserOwned"
)


def label(text):
    return {"UserLocalizedLabel": {"Label": text, "LanguageCode": 1033}, "LocalizedLabels": []}


def attribute(relationships=(), options=(), **found):
    given = {
        "LogicalName": "x",
        "AttributeType": "String",
        "AttributeTypeName": {"Value": "StringType"},
        **found,
    }
    return reading.attribute(given, ACCOUNT, tuple(options), list(relationships))


def many_to_one(attribute, target, navigation):
    return reading.many_to_one(
        {
            "SchemaName": f"{attribute}_{target}",
            "ReferencedEntity": target,
            "ReferencingAttribute": attribute,
            "ReferencingEntityNavigationPropertyName": navigation,
        }
    )


def test_labels_may_be_missing_or_in_another_language():
    assert reading.label(label("Name")) == "Name"
    assert reading.label({"UserLocalizedLabel": None, "LocalizedLabels": [{"Label": "Nom"}]}) == "Nom"
    assert reading.label({"UserLocalizedLabel": None, "LocalizedLabels": []}) == ""
    assert reading.label(None) == ""
    assert attribute(LogicalName="new_x", DisplayName=None).display_name == "new_x"


def test_types_come_from_the_finer_name():
    kinds = {"MultiSelectPicklistType": "MultiSelectPicklist", "ImageType": "Image", "FileType": "File"}
    for named, kind in kinds.items():
        assert attribute(AttributeType="Virtual", AttributeTypeName={"Value": named}).type == kind
    assert attribute(AttributeType="Money", AttributeTypeName=None).type == "Money"


def test_the_entity_knows_its_primary_attributes():
    assert not attribute(LogicalName="address1_addressid", IsPrimaryId=True).is_primary_id
    assert attribute(LogicalName="accountid", IsPrimaryId=False).is_primary_id
    assert attribute(LogicalName="name").is_primary_name


def test_numbers_keep_their_digits():
    money = attribute(
        MinValue=Decimal("-922337203685477.0000"), MaxValue=Decimal("922337203685477.0000"), Precision=2
    )
    assert str(money.max_value) == "922337203685477.0000"
    assert money.precision == 2
    assert attribute(MinValue=-5).min_value == Decimal(-5)


def test_requirements_and_formats_may_be_wrapped():
    found = attribute(
        RequiredLevel={"Value": "ApplicationRequired"},
        FormatName={"Value": "Email"},
        Format="Text",
        DateTimeBehavior={"Value": "DateOnly"},
        IsValidForCreate=False,
    )
    assert (found.required_level, found.is_required, found.valid_for_create) == (
        "ApplicationRequired",
        True,
        False,
    )
    assert (found.format, found.date_behavior) == ("Email", "DateOnly")


def test_choices_hang_on_either_set():
    options = [{"Value": 1, "Label": label("One"), "Color": "#ff0000"}, {"Value": 100000002, "Label": None}]
    for found in (
        {"OptionSet": {"Options": options}, "GlobalOptionSet": None},
        {"OptionSet": None, "GlobalOptionSet": {"Options": options}},
        {"OptionSet": {"Options": options}, "GlobalOptionSet": {"Options": options}},
    ):
        one, other = reading.options(found)
        assert (one.value, one.label, one.color) == (1, "One", "#ff0000")
        assert (other.value, other.label) == (100000002, "100000002")
    assert reading.options({}) == ()


def test_booleans_have_two_sides():
    yes_no = {
        "TrueOption": {"Value": 1, "Label": label("Yes")},
        "FalseOption": {"Value": 0, "Label": label("No")},
    }
    assert [(option.value, option.label) for option in reading.options({"OptionSet": yes_no})] == [
        (0, "No"),
        (1, "Yes"),
    ]


def test_a_status_reason_names_its_state():
    found = reading.options(
        {"OptionSet": {"Options": [{"Value": 2, "Label": label("Inactive"), "State": 1}]}}
    )
    assert found[0].state == 1


def test_a_lookup_binds_to_each_target_by_its_own_name():
    relationships = [
        many_to_one("customerid", "account", "customerid_account"),
        many_to_one("customerid", "contact", "customerid_contact"),
        many_to_one("otherid", "account", "otherid_account"),
    ]
    found = attribute(
        relationships,
        LogicalName="customerid",
        AttributeTypeName={"Value": "CustomerType"},
        Targets=["account", "contact", "new_lost"],
    )
    assert found.navigation == {"account": "customerid_account", "contact": "customerid_contact"}
    assert found.targets == ("account", "contact", "new_lost"), (
        "a target without a relationship is still a target"
    )
    assert found.property_name == "_customerid_value"


def test_an_owner_binds_by_one_name_though_its_relationship_leads_nowhere():
    found = attribute(
        [many_to_one("ownerid", "owner", "ownerid")],
        LogicalName="ownerid",
        AttributeTypeName={"Value": "OwnerType"},
        Targets=["systemuser", "team"],
    )
    assert found.navigation == {"systemuser": "ownerid", "team": "ownerid"}


def test_an_entity_related_to_itself_has_both_sides():
    found = reading.many_to_many(
        {
            "SchemaName": "new_x",
            "IntersectEntityName": "new_x",
            "Entity1LogicalName": "account",
            "Entity2LogicalName": "account",
            "Entity1NavigationPropertyName": "one",
            "Entity2NavigationPropertyName": "two",
        },
        "account",
    )
    assert [relationship.navigation for relationship in found] == ["one", "two"]
