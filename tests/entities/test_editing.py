"""Create, change and delete records through their forms, on the sandbox."""

import re
from decimal import Decimal

import pytest
from django.core import signing

from accounts.models import AuditEvent, Role
from core.problems import Missing
from integrations.definition import READ_ONLY, READ_WRITE
from integrations.operations import Service
from tests.entities.pages import errors, filled, text

NOBODY = "00000000-0000-4000-8000-00000000dead"
UNFIT = [
    ({"name": ""}, "required"),
    ({"name": "x" * 161}, "at most 160"),
    ({"name": "🙂" * 81}, "162 characters"),
    ({"numberofemployees": "-1"}, "smallest"),
    ({"numberofemployees": "1000000001"}, "largest"),
    ({"numberofemployees": "1.5"}, "whole number"),
    ({"revenue": "1.00001"}, "digit"),
    ({"revenue": "1e3"}, "must be a number"),
    ({"revenue": "922337203685478"}, "largest"),
    ({"industrycode": "424242"}, "one of the choices"),
    ({"creditonhold": "maybe"}, "true or false"),
    ({"primarycontactid": "", "primarycontactid-label": "somebody"}, "Choose a record from the list"),
    ({"primarycontactid": f"lead:{NOBODY}"}, "does not let it point there"),
    ({"primarycontactid": "contact:nobody"}, "not the id of a record"),
    ({"telephone1": "bell\x07"}, "control character"),
]
LASTING = [
    ("name", "🙂 Ünïcode 株式会社"),
    ("name", "مرحبا שלום"),
    ("name", "=1+1"),
    ("name", "007"),
    ("name", "  spaced  "),
    ("name", '"quoted" <b>&amp;</b>'),
    ("description", "first\r\n\r\nsecond\r\n"),
    ("description", "\r\nbegins with a line break"),
    ("revenue", "922337203685477.0000"),
    ("revenue", "0.01"),
    ("numberofemployees", "0"),
    ("creditonhold", "true"),
    ("emailaddress1", "a+b@example.com"),
    ("websiteurl", "https://example.com/?a=1&b=2"),
]


@pytest.fixture
def account(accounts):
    made = accounts.create({"name": "Begun", "telephone1": "+44 1", "revenue": "10.50"})
    yield made
    try:
        accounts.delete(made)
    except Missing:
        return


@pytest.fixture
def patches(world):
    """The changes that reached Dynamics since the test began."""
    before = [entry["id"] for entry in world.journal.entries({})]
    after = str(before[-1] if before else 0)
    return lambda: world.journal.entries({"method": "PATCH", "after": after})


def save(client, url, **typed):
    """Open the form, type, press Save."""
    return client.post(url, filled(client.get(url)) | typed)


def test_a_record_is_created(ana, at, accounts):
    answer = save(ana, at("account", "new"), name="New & neu", revenue="12.50", creditonhold="true")

    record = answer["Location"].rstrip("/").rsplit("/", 1)[-1]
    made = accounts.get(record)
    assert (made.values["name"], str(made.values["revenue"])[:5]) == ("New & neu", "12.50")
    assert made.values["creditonhold"] is True
    assert "Account created." in text(ana.get(answer["Location"]))
    accounts.delete(record)


def test_the_record_page_shows_everything_with_the_name_first(ana, at, accounts, account):
    page = ana.get(at("account", account))

    labels = re.findall(r"<dt>([^<]+)</dt>", page.content.decode())
    assert labels[0] == "Account Name"
    assert set(labels) >= {item.label for item in accounts.readable}
    assert "10.50" in text(page)
    assert at("account", account, "edit") in page.content.decode()


def test_records_that_point_here_are_one_click_away(ana, at, account, contacts):
    contact = contacts.create(
        {"lastname": "Related", "parentcustomerid": {"entity": "account", "id": account}}
    )
    page = ana.get(at("account", account) + "?tab=contact.parentcustomerid").content.decode()
    link = re.search(rf'href="({at("contact")}[^"]+)"', page)[1]

    assert "Related" in text(ana.get(link))
    assert "Company Name is Begun" in text(ana.get(link))
    contacts.delete(contact)


def test_only_what_was_touched_is_sent(ana, at, accounts, account, patches):
    answer = save(ana, at("account", account, "edit"), telephone1="+44 2")

    assert answer.status_code == 302
    assert accounts.get(account).values["telephone1"] == "+44 2"
    changed = AuditEvent.objects.filter(verb="changed a record of", outcome="intended").latest("id")
    assert changed.fields == ["telephone1"]
    assert len(patches()) == 1


def test_saving_what_nobody_touched_sends_nothing(ana, at, accounts, account, patches):
    before = accounts.get(account)
    answer = save(ana, at("account", account, "edit"))

    assert "Nothing had changed" in text(ana.get(answer["Location"]))
    assert accounts.get(account).etag == before.etag
    assert patches() == []


def test_what_does_not_fit_is_said_beside_its_field(ana, at, account, patches):
    url = at("account", account, "edit")
    form = filled(ana.get(url))
    for typed, said in UNFIT:
        answer = ana.post(url, form | typed | {"description": "kept"})

        (name,) = (name for name in typed if not name.endswith("-label"))
        assert answer.status_code == 422, typed
        assert set(errors(answer)) == {name}, typed
        assert said in errors(answer)[name]
        assert filled(answer)["description"] == "kept"
        assert "data-unsent" in answer.content.decode()
    assert patches() == []


@pytest.mark.parametrize("day", ["1752-12-31", "31/12/2020", "2021-02-29"])
def test_a_bad_date_is_said_beside_its_field(ana, at, day):
    answer = save(ana, at("contact", "new"), lastname="Dated", birthdate=day)

    assert answer.status_code == 422
    assert set(errors(answer)) == {"birthdate"}


def test_values_come_back_as_they_were_typed(ana, at, accounts, account, patches):
    """And saving the form again, as it shows them, changes nothing."""
    url = at("account", account, "edit")
    for sent, (name, typed) in enumerate(LASTING, start=1):
        assert save(ana, url, **{name: typed}).status_code == 302, typed

        value = accounts.get(account, [name]).values[name]
        form = filled(ana.get(url))
        if name == "revenue":
            assert (Decimal(form[name]), value) == (Decimal(typed), Decimal(typed))
        else:
            assert form[name] == typed
            assert str(value).lower() == typed.replace("\r\n", "\n").lower()
        assert ana.post(url, form).status_code == 302
        assert len(patches()) == sent, typed


@pytest.mark.parametrize("day", ["1753-01-01", "9999-12-30", "2024-02-29"])
def test_the_ends_of_the_calendar(ana, at, contacts, day):
    answer = save(ana, at("contact", "new"), lastname="Old", birthdate=day)
    record = answer["Location"].rstrip("/").rsplit("/", 1)[-1]

    assert str(contacts.get(record).values["birthdate"]) == day
    assert filled(ana.get(at("contact", record, "edit")))["birthdate"] == day
    contacts.delete(record)


def test_a_line_break_in_a_single_line_is_not_lost(ana, at, accounts, account):
    accounts.update(account, {"name": "two\nlines"})
    page = ana.get(at("account", account, "edit"))
    assert filled(page)["name"] == "two\r\nlines"

    save(ana, at("account", account, "edit"), telephone1="5")
    assert accounts.get(account).values["name"] == "two\nlines"


def test_a_lookup_is_chosen_shown_and_cleared(ana, at, accounts, contacts, account):
    contact = contacts.create({"firstname": "Chosen", "lastname": "One"})
    url = at("account", account, "edit")
    found = ana.get(at("account", "lookup", "primarycontactid"), {"primarycontactid-label": "chosen one"})
    assert f'data-value="contact:{contact}"' in found.content.decode()

    save(ana, url, **{"primarycontactid": f"contact:{contact}", "primarycontactid-label": "Chosen One"})
    assert accounts.get(account).links["primarycontactid"].id == contact
    form = filled(ana.get(url))
    assert (form["primarycontactid"], form["primarycontactid-label"]) == (f"contact:{contact}", "Chosen One")
    assert at("contact", contact) in ana.get(at("account", account)).content.decode()

    save(ana, url, **{"primarycontactid": "", "primarycontactid-label": ""})
    assert accounts.get(account).values["primarycontactid"] is None
    contacts.delete(contact)


def test_a_lookup_whose_target_is_not_published_is_shown_and_left_alone(
    ana, at, account, patches, republish, service, sample_owner
):
    republish("account", READ_WRITE, ["name", "transactioncurrencyid"])
    now = Service.on(service.integration, "development", sample_owner).entity("account")
    page = ana.get(at("account", account, "edit"))
    assert "Its records are not part of this integration" in text(page)
    before = now.get(account).values["transactioncurrencyid"]

    typed = {"transactioncurrencyid": f"transactioncurrency:{NOBODY}", "transactioncurrencyid-label": "x"}
    assert save(ana, at("account", account, "edit"), **typed).status_code == 302
    assert now.get(account).values["transactioncurrencyid"] == before
    assert patches() == []
    nothing = ana.get(at("account", "lookup", "transactioncurrencyid")).content.decode()
    assert 'role="option"' not in nothing


def test_a_lookup_that_points_to_several_entities_only_takes_published_ones(
    ana, at, contacts, accounts, account
):
    offered = ana.get(at("contact", "lookup", "parentcustomerid"), {"parentcustomerid-label": "begun"})
    assert f'data-value="account:{account}"' in offered.content.decode()

    contact = contacts.create({"lastname": "Pointing"})
    url = at("contact", contact, "edit")
    save(ana, url, **{"parentcustomerid": f"account:{account}", "parentcustomerid-label": "Begun"})
    assert contacts.get(contact).links["parentcustomerid"].entity == "account"
    contacts.delete(contact)


def test_two_people_at_once(ana, editor, at, accounts, account):
    url = at("account", account, "edit")
    mine, theirs = filled(ana.get(url)), filled(editor.get(url))
    editor.post(url, theirs | {"telephone1": "+49 theirs", "address1_city": "Oslo"})

    answer = ana.post(url, mine | {"telephone1": "+44 mine", "numberofemployees": "7"})
    page = text(answer)
    assert answer.status_code == 409
    assert "Somebody changed this record while you were editing it" in page
    assert "+49 theirs" in page
    assert accounts.get(account).values["telephone1"] == "+49 theirs"

    form = filled(answer)
    assert (form["telephone1"], form["numberofemployees"]) == ("+44 mine", "7")
    assert form["address1_city"] == "Oslo"  # what only the other changed is taken over
    assert page.count("Both changed it") == 1

    assert ana.post(url, form).status_code == 302
    now = accounts.get(account).values
    assert (now["telephone1"], now["numberofemployees"], now["address1_city"]) == ("+44 mine", 7, "Oslo")


def test_a_third_change_in_between_is_noticed_too(ana, at, accounts, account):
    url = at("account", account, "edit")
    mine = filled(ana.get(url)) | {"telephone1": "mine"}
    accounts.update(account, {"telephone1": "second"})
    form = filled(ana.post(url, mine))
    accounts.update(account, {"telephone1": "third"})

    answer = ana.post(url, form)
    assert answer.status_code == 409
    assert "third" in text(answer)
    assert filled(answer)["telephone1"] == "mine"


def test_a_form_that_does_not_know_what_it_began_with_overwrites_nothing(ana, at, accounts, account):
    url = at("account", account, "edit")
    form = filled(ana.get(url)) | {"telephone1": "blind"}
    other = accounts.create({"name": "Other"})
    foreign = filled(ana.get(at("account", other, "edit")))["form-origin"]
    accounts.delete(other)
    for origin in ("", "nonsense", 'W/"1"\r\nX: y', signing.dumps(["a"], salt="entities.origin"), foreign):
        answer = ana.post(url, form | {"form-origin": origin})
        assert answer.status_code == 409
        assert filled(answer)["telephone1"] == "blind"
    assert accounts.get(account).values["telephone1"] == "+44 1"


def test_deleted_meanwhile(ana, at, accounts, account):
    url = at("account", account, "edit")
    form = filled(ana.get(url)) | {"telephone1": "typed"}
    accounts.delete(account)

    answer = ana.post(url, form)
    assert answer.status_code == 404
    assert "Somebody deleted this record while you were editing it" in text(answer)
    kept = filled(answer)
    assert (kept["name"], kept["telephone1"]) == ("Begun", "typed")
    assert f'formaction="{at("account", "new")}"' in answer.content.decode()

    again = ana.post(at("account", "new"), kept)
    record = again["Location"].rstrip("/").rsplit("/", 1)[-1]
    assert accounts.get(record).values["telephone1"] == "typed"
    accounts.delete(record)


def test_deleting_asks_first(ana, at, accounts, account):
    url = at("account", account, "delete")
    page = ana.get(url)
    assert "Begun" in text(page)
    assert accounts.get(account)

    origin = re.search(r'name="form-origin" value="([^"]+)"', page.content.decode())[1]
    answer = ana.post(url, {"form-origin": origin})
    assert answer["Location"] == at("account")
    assert "Begun deleted." in text(ana.get(at("account")))
    assert ana.get(at("account", account)).status_code == 404
    assert ana.post(url, {"form-origin": origin})["Location"] == at("account")
    assert "Somebody had deleted it already" in text(ana.get(at("account")))


def test_what_changed_since_the_question_is_not_deleted(ana, at, accounts, account):
    url = at("account", account, "delete")
    origin = re.search(r'name="form-origin" value="([^"]+)"', ana.get(url).content.decode())[1]
    accounts.update(account, {"name": "Changed"})

    for sent in ({"form-origin": origin}, {}):
        answer = ana.post(url, sent)
        assert answer.status_code == 409
        assert "It changed after you opened this page" in text(answer)
    assert accounts.get(account).values["name"] == "Changed"


def test_a_viewer_sees_but_cannot_change(person, at, accounts, account):
    cleo = person("cleo", Role.VIEWER)
    page = cleo.get(at("account", account))
    assert page.status_code == 200
    assert at("account", account, "edit") not in page.content.decode()
    assert at("account", "new") not in cleo.get(at("account")).content.decode()

    for parts in (("new",), (account, "edit"), (account, "delete")):
        for ask in (cleo.get, cleo.post):
            assert ask(at("account", *parts)).status_code == 403
    assert accounts.get(account).values["name"] == "Begun"


def test_nothing_outside_the_definition_is_reached(ana, at, accounts, account, republish):
    republish("account", READ_WRITE - {"delete"}, ["name", "telephone1"])
    url = at("account", account, "edit")

    answer = save(
        ana, url, telephone1="ok", revenue="999", fax="1", ownerid=f"systemuser:{NOBODY}", accountid=NOBODY
    )
    assert answer.status_code == 302
    now = accounts.get(account).values  # by the first version, which has them
    assert (now["telephone1"], str(now["revenue"])[:5]) == ("ok", "10.50")

    assert "10.50" not in text(ana.get(at("account", account)))
    assert ana.get(at("account", account, "delete")).status_code == 403
    assert ana.post(at("account", account, "delete")).status_code == 403
    assert ana.get(at("account", "lookup", "primarycontactid")).status_code == 404
    assert ana.get(at("account") + "?where=revenue~ge~1").status_code == 400

    republish("account", READ_ONLY - {"get"}, ["name"])
    assert ana.get(at("account", account)).status_code == 403
    assert "data-href" not in ana.get(at("account")).content.decode()
    republish("account", READ_ONLY - {"search"}, ["name"])
    assert ana.get(at("account")).status_code == 403
    assert at("account") not in ana.get("/records/").content.decode()


def test_records_that_are_not_there(ana, at):
    for parts in ((NOBODY,), (NOBODY, "edit"), (NOBODY, "delete")):
        answer = ana.get(at("account", *parts))
        assert answer.status_code == 404
        assert "Traceback" not in text(answer)
    assert ana.get(at("account", "not-an-id")).status_code == 404


def test_a_status_reason_brings_its_status_along(ana, at, accounts, account):
    """Active and a reason for being inactive do not go together, so choosing the reason chooses both."""
    assert save(ana, at("account", account, "edit"), statuscode="2").status_code == 302

    now = accounts.get(account).values
    assert (now["statecode"], now["statuscode"]) == (1, 2)


def test_each_status_reason_says_which_status_it_goes_with(ana, at, account):
    """The page's script offers those of the chosen status by it."""
    page = ana.get(at("account", account, "edit")).content.decode()
    reasons = re.search(r'<select name="statuscode"[^>]*>.*?</select>', page, re.DOTALL)[0]

    assert 'data-reasons-of="statecode"' in reasons
    assert dict(re.findall(r'<option value="(\d+)" (?:selected )?data-state="(\d+)"', reasons)) == {
        "1": "0",
        "2": "1",
    }


def test_what_dynamics_refuses_stands_beside_its_field(ana, at, accounts, account, republish):
    """Without the status in the definition, nothing can be done about a reason of another one."""
    republish("account", READ_WRITE, ["name", "telephone1", "statuscode"])
    answer = save(ana, at("account", account, "edit"), statuscode="2", telephone1="typed")

    assert answer.status_code == 422, text(answer)
    assert set(errors(answer)) == {"statuscode"}
    assert filled(answer)["telephone1"] == "typed"
    assert accounts.get(account).values["telephone1"] == "+44 1"


def test_a_silent_sandbox_costs_nothing_that_was_typed(ana, at, world, accounts, account, monkeypatch):
    # The pauses that a shared governor asks for prove nothing here.
    monkeypatch.setattr("connections.governor.governor._pause", lambda *_: 0.0)
    url = at("account", account, "edit")
    form = filled(ana.get(url)) | {"telephone1": "typed"}
    down = world.faults.add({"kind": "status", "service": "dataverse", "status": 503, "retry_after": 0})
    try:
        for address in (at("account"), at("account", account), url, at("account", account, "delete")):
            page = ana.get(address)
            assert page.status_code == 503
            assert "Microsoft does not answer" in text(page)
        answer = ana.post(url, form)
        assert answer.status_code == 503
        assert "What you typed is still in the form below" in text(answer)
        assert filled(answer)["telephone1"] == "typed"
        new = ana.post(at("account", "new"), {"name": "typed too"})
        assert (new.status_code, filled(new)["name"]) == (503, "typed too")
        fragment = ana.get(at("account", "lookup", "primarycontactid"), {"primarycontactid-label": "a"})
        assert fragment.status_code == 503
        assert 'class="suggestion-none"' in fragment.content.decode()
        assert ana.get(at("account") + "?count=1").content.strip() == b""
    finally:
        world.faults.remove(down.id)
    assert ana.post(url, filled(answer)).status_code == 302
    assert accounts.get(account).values["telephone1"] == "typed"
