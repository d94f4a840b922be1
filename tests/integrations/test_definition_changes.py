"""The diff between two definitions, and which changes break a program."""

import pytest

from integrations.definition import (
    READ_ONLY,
    READ_WRITE,
    ActsAs,
    Attribute,
    Definition,
    Expand,
    Key,
    Option,
    Relationship,
)
from integrations.differences import Change, differences
from tests.integrations.samples import ATTRIBUTES, COLOURS, definition, entity


def changed(which: str, /, **facts: object) -> Attribute:
    return ATTRIBUTES[which].model_copy(update=facts)


def between(old: Attribute, new: Attribute) -> list[Change]:
    account = entity("name")
    return differences(
        definition(account.model_copy(update={"attributes": (old,)})),
        definition(account.model_copy(update={"attributes": (new,)})),
    )


def test_nothing_has_changed():
    assert differences(definition(), definition()) == []


def test_the_first_version_adds_everything():
    (change,) = differences(None, definition(entity("name")))
    assert (change.what, change.subject, change.detail) == ("added", "account", "entity with 1 attribute")


def test_entities_come_and_go():
    contact = entity("name", logical_name="contact", name="contact")
    assert [(c.what, c.breaking) for c in differences(definition(entity()), definition(contact))] == [
        ("removed", True),
        ("added", False),
    ]


def test_operations():
    reading, writing = entity("name", operations=READ_ONLY), entity("name", operations=READ_WRITE)

    assert {c.detail for c in differences(definition(reading), definition(writing))} == {
        "operation create",
        "operation update",
        "operation delete",
    }
    assert all(c.breaking for c in differences(definition(writing), definition(reading)))


def test_who_acts_is_a_breaking_change():
    old = definition()
    new = old.model_copy(update={"acts_as": ActsAs.PERSON})
    (change,) = differences(old, new)
    assert (change.subject, change.detail, change.breaking) == ("who acts", "application → person", True)
    assert change.reason


def test_a_new_attribute_breaks_only_when_creating_needs_it():
    without, with_both = entity("notes"), entity("notes", "name", "employees")
    found = {c.subject: c.breaking for c in differences(definition(without), definition(with_both))}
    assert found == {"account.name": True, "account.employees": False}


@pytest.mark.parametrize(
    ("old", "new", "breaking"),
    [
        (changed("notes"), changed("notes", name="remarks"), True),
        (changed("notes"), changed("notes", type="String"), True),
        (changed("meeting"), changed("meeting", behavior="TimeZoneIndependent"), True),
        (changed("notes", max_length=10), changed("notes", max_length=20), False),
        (changed("notes", max_length=20), changed("notes", max_length=10), True),
        (changed("revenue", precision=4), changed("revenue", precision=2), True),
        (changed("employees", maximum="5"), changed("employees", maximum="10"), False),
        (changed("employees", maximum="10"), changed("employees", maximum="5"), True),
        (changed("employees", minimum=None), changed("employees", minimum="0"), True),
        (changed("notes"), changed("notes", required=True), True),
        (changed("notes", required=True), changed("notes"), False),
        (changed("notes"), changed("notes", can_update=False), True),
        (changed("created"), changed("created", can_update=True), False),
        (changed("colours"), changed("colours", options=COLOURS[:2]), True),
        (changed("colours"), changed("colours", options=(*COLOURS, Option(value=9, label="Pink"))), False),
        (changed("customer"), changed("customer", targets={"account": "customerid_account"}), True),
        (changed("contact"), changed("contact", targets={"contact": "c", "lead": "l"}), False),
        (changed("notes"), changed("notes", label="Remarks"), False),
        (changed("notes"), changed("notes", description="What one should know"), False),
        (changed("notes", max_size_kb=10), changed("notes", max_size_kb=20), False),
        (changed("notes", max_size_kb=20), changed("notes", max_size_kb=10), True),
    ],
)
def test_one_change_is_one_line_of_the_right_kind(old, new, breaking):
    found = between(old, new)
    assert [change.breaking for change in found] == [breaking]
    assert all(change.reason for change in found)


def test_keys_and_related_entities_are_known_by_their_names():
    key = Key(logical_name="number_key", name="number", attributes=("accountnumber",))
    related = Expand(
        name="contact", navigation="primarycontactid", target="contact", attribute="primarycontactid"
    )
    children = Relationship(
        schema_name="c_a",
        name="contacts",
        kind="OneToMany",
        navigation="c_a",
        target="contact",
        attribute="parent",
    )
    without, having = (
        entity("name"),
        entity("name", keys=(key,), expand=(related,), relationships=(children,)),
    )

    assert [c.breaking for c in differences(definition(without), definition(having))] == [False] * 3
    assert [c.breaking for c in differences(definition(having), definition(without))] == [True] * 3
    moved = entity(
        "name",
        keys=(key.model_copy(update={"attributes": ("name",)}),),
        expand=(related.model_copy(update={"navigation": "other"}),),
        relationships=(children.model_copy(update={"label": "People"}),),
    )
    assert [c.breaking for c in differences(definition(having), definition(moved))] == [True, False, False]


def test_every_difference_is_seen():
    """Whatever differs shows, so that "nothing to publish" is always true."""
    for name, value in {"privileges": {"Read": "prvX"}, "label": "Firm", "entity_set": "firms"}.items():
        assert differences(definition(entity("name")), definition(entity("name", **{name: value}))), name
    assert differences(Definition(), definition())


def test_definitions_stored_by_an_earlier_release_still_open():
    old = (
        '{"acts_as":"application","entities":[{"logical_name":"account","entity_set":"accounts","name":"account",'
        '"primary_id":"accountid","operations":["get"],"attributes":[{"logical_name":"name","name":"name",'
        '"type":"String","options":[{"value":1,"label":"One"}]}]}]}'
    )
    account = Definition.model_validate_json(old).entities[0]

    assert (account.keys, account.expand, account.relationships) == ((), (), ())
    assert account.attributes[0].options[0].state is None
