"""Find looks where Dynamics' own quick find looks, within what is published."""

import pytest

from entities.asking import search_columns
from integrations.access import person_client
from integrations.definition import READ_WRITE
from integrations.metadata.quickfind import searched_by
from integrations.operations import EntityOperations, Service
from tests.entities.pages import text

pytestmark = pytest.mark.django_db(transaction=True)

VIEW = (
    '<fetch><entity name="account"><filter type="and"><condition attribute="statecode" operator="eq" value="0"/>'
    '<filter type="or" isquickfindfields="1">{}</filter></filter></entity></fetch>'
)
LOOKED_AT = ["telephone1", "description", "fax", "revenue", "primarycontactid"]


@pytest.fixture
def quick_find(service, sample_owner):
    """`quick_find("telephone1")`: what an administrator of Dynamics has the accounts searched by."""
    client = person_client(sample_owner, service.binding.connection.environment)
    row = client.list(
        "savedqueries", filter="returnedtypecode eq 'account' and querytype eq 4", formatted=False
    ).records[0]

    def put(fetchxml):
        client.update("savedqueries", row["savedqueryid"], {"fetchxml": fetchxml})

    yield lambda *names: put(
        VIEW.format(
            "".join(f'<condition attribute="{name}" operator="like" value="{{0}}"/>' for name in names)
        )
    )
    put(row["fetchxml"])


def labels(records):
    return [item.name for item in search_columns(records)]


def test_the_sample_is_searched_as_dynamics_does(accounts, contacts):
    assert labels(accounts) == ["name", "accountnumber", "emailaddress1", "telephone1"]
    assert labels(contacts) == ["fullname", "emailaddress1", "telephone1"]


def test_what_dynamics_searches_now_comes_with_the_next_version(
    ana, at, accounts, quick_find, republish, service, sample_owner
):
    """Only texts that are published: fax is not, revenue is none, and a contact is no text of the account."""
    made = accounts.create({"name": "Nothing alike", "description": "zyxwvu found by what is written"})
    quick_find(*LOOKED_AT)
    chosen = ["name", "telephone1", "description", "revenue", "primarycontactid"]
    republish("account", READ_WRITE, chosen)
    now = Service.on(service.integration, "development", sample_owner).entity("account")

    assert labels(now) == ["telephone1", "description"]
    page = ana.get(at("account") + "?find=zyxwvu")
    assert "Nothing alike" in text(page)
    assert "Find in Main Phone, Description" in page.content.decode()
    assert "Nothing matches" in text(ana.get(at("account") + "?find=Nothing+alike"))
    now.delete(made)


@pytest.mark.parametrize("broken", ["<fetch", "", "<!DOCTYPE x [<!ENTITY a 'b'>]><fetch/>", "<fetch/>"])
def test_a_view_that_says_nothing_leaves_the_usual_columns(accounts, broken):
    assert searched_by(broken) == ()
    bare = EntityOperations(accounts.service, accounts.entity.model_copy(update={"find": ()}))
    assert labels(bare)[0] == "name"
    assert "accountnumber" in labels(bare)


def test_dynamics_that_does_not_show_its_views_keeps_nobody_from_publishing(
    republish, world, service, sample_owner
):
    down = world.faults.add(
        {"kind": "status", "service": "dataverse", "status": 503, "retry_after": 0, "path": "savedqueries"}
    )
    try:
        republish("account", READ_WRITE, ["name", "telephone1", "emailaddress1"])
    finally:
        world.faults.remove(down.id)
    now = Service.on(service.integration, "development", sample_owner).entity("account")
    assert labels(now) == ["name", "emailaddress1"]
