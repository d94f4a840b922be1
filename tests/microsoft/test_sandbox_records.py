"""Records and metadata of a sandbox environment."""

import uuid
from contextlib import suppress
from decimal import Decimal

import pytest

from microsoft import errors
from microsoft.dataverse import Dataverse, etag_of, formatted, lookup
from microsoft.dataverse.records import bind
from microsoft.odata import and_, contains, eq, ge, guid


@pytest.fixture
def environment(sandbox_door, ana, world):
    return Dataverse(sandbox_door, world.places.environments["contoso"], ana)


@pytest.fixture
def account(environment):
    """The id of an account of one's own."""
    record_id = environment.create(
        "accounts", {"name": f"Ærø & Søn's {uuid.uuid4()}", "revenue": Decimal("1234.50")}
    )
    yield record_id
    with suppress(errors.NotFound):
        environment.delete("accounts", record_id)


def test_a_record_from_birth_to_death(environment):
    name = f"O'Neill & Søn {uuid.uuid4()}"
    record_id = environment.create("accounts", {"name": name, "revenue": Decimal("20000.10")})
    record = environment.get("accounts", record_id, select=("name", "revenue", "statecode", "_ownerid_value"))
    assert record["name"] == name
    assert record["revenue"] == Decimal("20000.10")
    assert isinstance(record["revenue"], Decimal)
    assert formatted(record, "statecode") == "Active"
    owner = lookup(record, "ownerid")
    assert (owner.logical_name, owner.name) == ("systemuser", "Ana Alvarez")
    environment.update("accounts", record_id, {"name": f"{name} II"}, etag=etag_of(record))
    with pytest.raises(errors.Conflict):
        environment.update("accounts", record_id, {"name": "too late"}, etag=etag_of(record))
    with pytest.raises(errors.Conflict):
        environment.delete("accounts", record_id, etag=etag_of(record))
    assert environment.list("accounts", select=("name",), filter=eq("name", f"{name} II")).records[0][
        "accountid"
    ] == (record_id)
    environment.delete("accounts", record_id)
    with pytest.raises(errors.NotFound):
        environment.get("accounts", record_id)
    with pytest.raises(errors.NotFound):
        environment.update("accounts", record_id, {"name": "never created again"})
    with pytest.raises(errors.NotFound):
        environment.delete("accounts", record_id)


def test_a_taken_id_is_a_duplicate(environment, account):
    with pytest.raises(errors.Duplicate):
        environment.create("accounts", {"accountid": account, "name": "again"})


def test_lookups_are_bound_and_cleared(environment, account):
    contact = environment.create("contacts", {"lastname": "Lind"})
    environment.update("accounts", account, {"primarycontactid@odata.bind": bind("contacts", contact)})
    found = lookup(
        environment.get("accounts", account, select=("_primarycontactid_value",)), "primarycontactid"
    )
    assert (found.id, found.logical_name) == (contact, "contact")
    by_path = environment.list("accounts", filter=eq("primarycontactid/contactid", guid(contact)))
    assert [record["accountid"] for record in by_path.records] == [account]
    environment.disassociate("accounts", account, "primarycontactid")
    assert lookup(environment.get("accounts", account), "primarycontactid") is None
    environment.associate("contacts", contact, "account_primary_contact", "accounts", account)
    assert lookup(environment.get("accounts", account), "primarycontactid").id == contact
    environment.delete("contacts", contact)


def test_pages_hold_every_record_once(environment):
    wanted = {"select": ("name", "createdon"), "orderby": ("name asc",), "page_size": 700}
    pages = list(environment.pages("accounts", **wanted))
    assert len(pages) >= 3
    assert all(len(page.records) == 700 for page in pages[:-1])
    ids = [record["accountid"] for page in pages for record in page.records]
    assert len(ids) == len(set(ids)) >= 2000
    assert any(formatted(record, "createdon") for page in pages[1:] for record in page.records), (
        "annotated throughout"
    )


def test_counts_and_their_limit(environment):
    page = environment.list("contacts", count=True, page_size=1)
    assert page.count == 5000
    assert page.count_limited
    assert environment.count("contacts") == 5000
    some = environment.list("accounts", filter=contains("name", "a"), count=True, top=1)
    assert 0 < some.count < 5000
    assert not some.count_limited
    assert environment.count("accounts", contains("name", "a")) == some.count


def test_filters_mean_what_they_say(environment, account):
    name = environment.get("accounts", account, select=("name",))["name"]
    wanted = and_(
        eq("name", name), ge("revenue", Decimal("1234.5")), eq("statecode", 0), eq("accountid", guid(account))
    )
    assert [record["accountid"] for record in environment.list("accounts", filter=wanted).records] == [
        account
    ]
    assert environment.list("accounts", filter=eq("name", "no such name' or 1 eq 1")).records == []


@pytest.mark.parametrize(
    ("attempt", "kind"),
    [
        (lambda env: env.list("accounts", select=("nonsense",)), errors.Invalid),
        (lambda env: env.list("accounts", filter="name eq 'unfinished"), errors.Invalid),
        (lambda env: env.list("accounts", orderby=("nonsense desc",)), errors.Invalid),
        (lambda env: env.list("nonsenses"), errors.NotFound),
        (lambda env: env.get("accounts", str(uuid.uuid4())), errors.NotFound),
        (lambda env: env.create("accounts", {"nonsense": 1}), errors.Invalid),
        (lambda env: env.create("accounts", {"revenue": "much"}), errors.Invalid),
        (lambda env: env.entity("nonsense"), errors.NotFound),
    ],
)
def test_mistakes_are_told_apart(environment, attempt, kind):
    with pytest.raises(kind) as caught:
        attempt(environment)
    assert caught.value.message
    assert caught.value.ids().keys() >= {"request_id", "correlation_id"}


def test_the_catalogue(environment):
    names = {entity.logical_name: entity for entity in environment.entity_names()}
    assert {"account", "contact", "systemuser", "role", "businessunit"} <= names.keys()
    account = names["account"]
    assert (account.entity_set, account.primary_id, account.primary_name) == ("accounts", "accountid", "name")
    assert (account.display_name, account.ownership, account.is_custom) == ("Account", "UserOwned", False)


def test_an_entity_with_all_that_forms_need(environment):
    account = environment.entity("account")
    assert {privilege.kind for privilege in account.privileges} >= {
        "Create",
        "Read",
        "Write",
        "Delete",
        "Append",
    }
    assert "prvReadAccount" in {privilege.name for privilege in account.privileges}
    name = account.attribute("name")
    assert (name.type, name.is_primary_name, name.max_length, name.is_required) == ("String", True, 160, True)
    assert account.attribute("accountid").is_primary_id
    revenue = account.attribute("revenue")
    assert revenue.type == "Money"
    assert revenue.min_value is not None
    assert revenue.precision is not None
    contact = account.attribute("primarycontactid")
    assert (contact.targets, contact.navigation) == (("contact",), {"contact": "primarycontactid"})
    assert account.attribute("ownerid").navigation.keys() >= {"systemuser", "team"}
    status = account.attribute("statecode")
    assert [option.label for option in status.options] == ["Active", "Inactive"]
    assert {option.state for option in account.attribute("statuscode").options} == {0, 1}
    industry = account.attribute("industrycode")
    assert industry.type == "Picklist"
    assert industry.options
    assert {relationship.kind for relationship in account.relationships} >= {"ManyToOne", "OneToMany"}
    created = account.attribute("createdon")
    assert (created.type, created.valid_for_create, created.date_behavior) == ("DateTime", False, "UserLocal")


def test_every_entity_of_the_catalogue_can_be_read(environment):
    for entity in environment.entity_names():
        definition = environment.entity(entity.logical_name)
        assert definition.attribute(definition.primary_id) is not None, entity.logical_name


def test_rights_are_those_of_the_person(person, sandbox_door, world, environment):
    cleo = Dataverse(
        sandbox_door, environment.origin, person("cleo@contoso.example", permissions=("User.Read",))
    )
    assert cleo.who_am_i().user_id != environment.who_am_i().user_id
    with pytest.raises(errors.Forbidden):
        cleo.create_role("not for Cleo", environment.root_business_unit())
    dev = Dataverse(sandbox_door, world.places.environments["contoso-dev"], cleo._tokens)
    with pytest.raises(errors.Forbidden):
        dev.who_am_i()


def test_a_claims_challenge_is_answered_or_raised_with_its_claims(environment, world):
    environment.who_am_i()
    world.faults.add({"kind": "claims_challenge", "service": "contoso", "count": 1})
    with pytest.raises((errors.InteractionRequired, errors.ClaimsChallenge)) as caught:
        environment.who_am_i()
    assert "access_token" in caught.value.claims


@pytest.mark.parametrize("mishap", [{"kind": "reset"}, {"kind": "status", "status": 503, "retry_after": 0}])
def test_a_mishap_is_overcome_for_reads(environment, world, mishap):
    environment.who_am_i()
    world.faults.add({**mishap, "service": "contoso", "count": 2})
    assert environment.who_am_i().user_id


def test_a_long_wait_is_passed_on(environment, world):
    world.faults.add({"kind": "status", "service": "contoso", "status": 429, "retry_after": 44})
    with pytest.raises(errors.Throttled) as caught:
        environment.who_am_i()
    assert caught.value.retry_after == 44


def test_a_lost_answer_is_not_written_twice(environment, world):
    name = f"Once {uuid.uuid4()}"
    world.faults.add({"kind": "drop_response", "service": "contoso", "method": "POST", "count": 1})
    with pytest.raises(errors.Unreachable):
        environment.create("accounts", {"name": name})
    assert environment.count("accounts", eq("name", name)) == 1
