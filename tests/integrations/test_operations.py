"""Every operation of a published integration, on the sandbox, as the application and as the person."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

import integrations
from accounts import vault
from accounts.actors import Actor
from accounts.models import AuditEvent, Role
from accounts.reach import Reach
from core.problems import BadInput, Clash, Missing, NotPermitted
from integrations.definition import READ_ONLY, ActsAs, Operation
from integrations.filters import AllOf, AnyOf, Operator, Where
from integrations.operations import Link, Service
from integrations.services import drafts, publishing
from tests.connections import cast

O = Operator  # noqa: E741
NOBODY = "00000000-0000-4000-8000-00000000dead"


@pytest.fixture
def sales(sample_integration, sample_owner):
    return Service.on(sample_integration, "development", sample_owner)


@pytest.fixture
def accounts(sales):
    return sales.entity("account")


@pytest.fixture
def contacts(sales):
    return sales.entity("contact")


def test_a_record_lives_its_life(accounts, contacts):
    contact = contacts.create({"lastname": "Ångström", "birthdate": date(1980, 2, 29), "donotemail": True})
    account = accounts.create(
        {
            "name": "O'Neill & Söhne 株式会社",
            "revenue": Decimal("1234567.8900"),
            "numberofemployees": 12,
            "industrycode": accounts.entity.attribute("industrycode").options[2].value,
            "primarycontactid": Link(contact, "contact"),
            "creditonhold": False,
        }
    )

    seen = accounts.get(account)
    assert seen.values["name"] == "O'Neill & Söhne 株式会社"
    assert seen.values["revenue"] == Decimal("1234567.89")
    assert isinstance(seen.values["revenue"], Decimal)
    assert seen.links["primarycontactid"] == Link(contact, "contact", "Ångström")
    assert seen.labels["industrycode"] == accounts.entity.attribute("industrycode").options[2].label
    assert seen.values["createdon"].tzinfo is UTC
    assert (datetime.now(UTC) - seen.values["createdon"]).total_seconds() < 3600
    assert contacts.get(contact).values["birthdate"] == date(1980, 2, 29)

    accounts.update(account, {"primarycontactid": None, "revenue": None}, etag=seen.etag)
    changed = accounts.get(account, select=["primarycontactid", "revenue"])
    assert changed.values == {"primarycontactid": None, "revenue": None}
    assert changed.etag != seen.etag

    contacts.update(contact, {"parentcustomerid": {"entity": "account", "id": account}})
    assert contacts.get(contact).links["parentcustomerid"].entity == "account"
    contacts.update(contact, {"parentcustomerid": None})
    assert contacts.get(contact).values["parentcustomerid"] is None

    accounts.delete(account)
    with pytest.raises(Missing):
        accounts.get(account)
    contacts.delete(contact)


def test_a_stale_record_is_never_overwritten(accounts):
    account = accounts.create({"name": "Twice"})
    seen = accounts.get(account)
    accounts.update(account, {"name": "Once"}, etag=seen.etag)

    with pytest.raises(Clash):
        accounts.update(account, {"name": "Thrice"}, etag=seen.etag)
    with pytest.raises(Clash):
        accounts.delete(account, etag=seen.etag)
    assert accounts.get(account).values["name"] == "Once"


def test_updating_what_is_gone_does_not_create_it(accounts):
    with pytest.raises(Missing):
        accounts.update(NOBODY, {"name": "Ghost"})
    with pytest.raises(Missing):
        accounts.get(NOBODY)
    with pytest.raises(Missing):
        accounts.get("not an id")


def test_pages_follow_each_other_without_gap_or_repetition(accounts):
    seen, cursor = [], None
    for _ in range(4):
        page = accounts.search(order_by=[("name", "asc")], top=40, cursor=cursor, select=["name"])
        assert set(page.records[0].values) == {"name"}
        seen += [(record.values["name"], record.id) for record in page.records]
        cursor = page.next_cursor
    assert len(set(seen)) == 160
    names = [name.casefold() for name, _ in seen]
    assert names[0] <= names[-1]

    with pytest.raises(BadInput, match="different list"):
        accounts.search(order_by=[("name", "desc")], top=40, cursor=cursor, select=["name"])
    with pytest.raises(BadInput, match="different list"):
        accounts.search(order_by=[("name", "asc")], top=40, cursor=cursor, select=["name", "revenue"])


def test_a_cursor_is_no_use_to_another_person(world, sample_team, sample_integration, accounts):
    cursor = accounts.search(top=2).next_cursor
    ben = cast.member("ben", sample_team, Role.VIEWER)
    cast.authorise(world, ben, Reach.IDENTITY)
    with pytest.raises(BadInput, match="different list"):
        Service.on(sample_integration, "development", Actor.person(ben)).entity("account").search(
            top=2, cursor=cursor
        )


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        (Where("name", O.CONTAINS, "co"), lambda v: "co" in v["name"].lower()),
        (Where("name", O.STARTS_WITH, "A"), lambda v: v["name"].lower().startswith("a")),
        (Where("revenue", O.GE, Decimal(1000000)), lambda v: v["revenue"] >= 1_000_000),
        (Where("revenue", O.EMPTY), lambda v: v["revenue"] is None),
        (Where("numberofemployees", O.NOT_EMPTY), lambda v: v["numberofemployees"] is not None),
        (Where("statecode", O.EQ, 0), lambda v: v["statecode"] == 0),
        (Where("primarycontactid", O.NOT_EMPTY), lambda v: v["primarycontactid"] is not None),
        (
            AnyOf((Where("address1_city", O.STARTS_WITH, "B"), Where("address1_city", O.STARTS_WITH, "L"))),
            lambda v: v["address1_city"][0] in "BbLl",
        ),
        (
            AllOf((Where("revenue", O.LT, 5_000_000), Where("numberofemployees", O.GT, 10))),
            lambda v: v["revenue"] < 5_000_000 and v["numberofemployees"] > 10,
        ),
    ],
)
def test_filters_find_what_they_say(accounts, where, holds):
    found = accounts.search(where, top=200).records
    assert found
    assert all(holds(record.values) for record in found)


def test_wildcards_in_what_was_typed_are_letters(accounts):
    accounts.create({"name": "100% [sure]_thing"})
    assert len(accounts.search(Where("name", O.CONTAINS, "% [sure]_")).records) == 1
    assert accounts.search(Where("name", O.CONTAINS, "%sure%")).records == []


def test_counts(accounts, contacts):
    assert accounts.count(Where("name", O.EQ, NOBODY)) == 0
    tally, exact = contacts.tally(), contacts.count()
    assert tally.at_least == (exact > 5000)
    assert tally.count == min(exact, 5000)
    assert exact >= 5000


def test_suggestions_for_a_lookup(sales, contacts):
    contacts.create({"firstname": "Zuzanna", "lastname": "Quux"})
    found = sales.entity_for("contact").suggest("Quux")
    assert [(link.entity, link.label) for link in found] == [("contact", "Zuzanna Quux")]
    assert sales.entity_for("lead") is None


def test_nothing_outside_the_definition_is_reached(accounts, sales):
    with pytest.raises(Missing):
        sales.entity("lead")
    with pytest.raises(BadInput) as caught:
        accounts.search(select=["name", "fax"])
    assert set(caught.value.fields) == {"fax"}
    with pytest.raises(BadInput) as caught:
        accounts.search(order_by=[("fax", "asc")])
    assert set(caught.value.fields) == {"fax"}
    with pytest.raises(BadInput) as caught:
        accounts.create({"name": "A", "fax": "1"})
    assert set(caught.value.fields) == {"fax"}
    with pytest.raises(BadInput):
        accounts.search(top=5001)


def test_who_wrote_what_stands_in_the_audit_trail(accounts, sample_integration):
    account = accounts.create({"name": "Audited"})
    with pytest.raises(Clash):
        accounts.update(account, {"name": "x"}, etag='W/"1"')

    events = AuditEvent.objects.filter(subject_id=str(sample_integration.pk)).order_by("-id")[:4]
    assert [(event.verb, event.outcome, event.fields) for event in reversed(events)] == [
        ("created a record of", "intended", ["name"]),
        ("created a record of", "succeeded", []),
        ("changed a record of", "intended", ["name"]),
        ("changed a record of", "failed", []),
    ]
    assert all(event.acted_as.startswith("application of") for event in events)
    assert "Audited" not in str([event.message for event in events])


def test_roles_decide_who_reads_and_who_writes(sample_team, sample_integration, accounts):
    viewer = Actor.person(cast.member("cleo", sample_team, Role.VIEWER))
    reading = Service.on(sample_integration, "development", viewer).entity("account")
    assert reading.search(top=1).records
    assert not reading.may(Operation.CREATE)
    with pytest.raises(NotPermitted):
        reading.create({"name": "No"})

    editor = Actor.person(cast.member("ben", sample_team, Role.EDITOR))
    assert Service.on(sample_integration, "development", editor).entity("account").create({"name": "Yes"})

    stranger = Actor.person(cast.member("dara", sample_team, None))
    with pytest.raises(Missing):
        Service.on(sample_integration, "development", stranger)


def test_unpublished_unbound_and_withheld(sample_owner, sample_team, sample_integration):
    ana = sample_owner
    draft = drafts.create(ana, sample_team, sample_integration.environment, "Unpublished")
    with pytest.raises(Missing, match="not been published"):
        Service.on(draft, "development", ana)
    with pytest.raises(Missing, match="not bound"):
        Service.on(sample_integration, "production", ana)
    with pytest.raises(Missing, match="no version 7"):
        Service.on(sample_integration, "development", ana, version=7)

    shaped = drafts.shape_entity(
        ana,
        sample_integration,
        sample_integration.revision,
        "account",
        operations=READ_ONLY,
        chosen=["name"],
        called={"name": "title"},
    )
    publishing.publish(ana, shaped, shaped.revision)
    latest = Service.on(sample_integration, "development", ana).entity("account")
    assert set(latest.search(top=1).records[0].values) == {"title"}
    with pytest.raises(NotPermitted, match="does not offer to delete"):
        latest.delete(NOBODY)
    first = Service.on(sample_integration, "development", ana, version=1)
    assert first.entity("account").allows(Operation.DELETE)


def test_in_process_without_a_person(sample_integration):
    service = integrations.service(sample_integration.service_name)
    assert service.entity("account").search(top=1).records
    with pytest.raises(Missing):
        integrations.service("nonesuch_is")


def test_acting_as_the_person(sample_owner, world, sample_team, sample_integration):
    ana = sample_owner
    made = drafts.name_parts(
        ana,
        sample_integration,
        sample_integration.revision,
        name=sample_integration.name,
        service_name=sample_integration.service_name,
        acts_as=ActsAs.PERSON,
        called={},
    )
    publishing.publish(ana, made, made.revision)
    with pytest.raises(NotPermitted, match="nobody is signed in"):
        integrations.service(made.service_name)

    mine = Service.on(made, "development", ana).entity("account")
    account = mine.create({"name": "By hand"})
    assert mine.get(account).links["ownerid"].label.startswith("Ana")
    assert AuditEvent.objects.filter(verb="created a record of").latest("id").acted_as == "Ana"

    ben = cast.member("ben", sample_team, Role.EDITOR)
    theirs = Service.on(made, "development", Actor.person(ben)).entity("account")
    with pytest.raises(NotPermitted) as caught:
        theirs.search(top=1)
    assert caught.value.remedy.post

    authorization = cast.authorise(world, ben, Reach.IDENTITY)
    again = Service.on(made, "development", Actor.person(ben)).entity("account")
    assert again.search(top=1).records
    vault.revoke(Actor.person(ben), authorization)
    with pytest.raises(NotPermitted):
        Service.on(made, "development", Actor.person(ben)).entity("account").search(top=1)
