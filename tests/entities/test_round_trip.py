"""Export, edit, import: every kind of value, in each form, as labels and as values."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest

from accounts.actors import Actor
from accounts.models import User
from entities.models import BulkRow
from entities.services import bulk as bulks
from integrations.operations import Service
from microsoft.wire import decode_json, encode_json
from tests.entities.test_bulk import exported, finished, plan_import, states, word  # noqa: F401
from tests.integrations.conftest import wide_integrations, wide_rows  # noqa: F401
from tests.people import PEOPLE

State = BulkRow.State
HARD = "=1+1 🌊👩‍👩‍👧\nעִבְרִית سطر\r\n 0012 'quoted' \"say\", a;b\t|"  # noqa: RUF001
FORMS = [
    pytest.param("csv", True),
    pytest.param("xlsx", True),
    pytest.param("json", True),
    pytest.param("csv", False),
    pytest.param("xlsx", False),
    pytest.param("json", False),
]


@pytest.fixture
def service(wide_integrations):  # noqa: F811
    user = User.objects.get(username=PEOPLE["ana"])
    return Service.on(wide_integrations["Projects"], "development", Actor.person(user))


def _most(records, name):
    return Decimal(records.entity.attribute(name).maximum)


def _accounts(service, word):  # noqa: F811
    """Whole numbers, floating point, money, times, lookups by name, texts, choices, yes and no."""
    records, contacts = service.entity("Customer"), service.entity("contact")
    first, second = (contacts.create({"family": f"{word} {name}"}) for name in ("Ærø", "=B"))
    hard = {
        "name": f"{word} 0012 🌊", "description": HARD, "revenue": _most(records, "revenue"), "numberofemployees": 1,
        "address1_latitude": 0.1, "lastusedincampaign": datetime(1753, 1, 2, 3, 4, 5, tzinfo=UTC),
        "creditonhold": True, "industrycode": 1, "primarycontactid": {"entity": "contact", "id": first},
    }  # fmt: skip
    plain = {
        "name": f"{word} -5", "description": "+49 30\n\n\nthree", "revenue": Decimal("0.01"), "numberofemployees": 0,
        "address1_latitude": -89.99999, "lastusedincampaign": datetime(2024, 10, 27, 1, 30, tzinfo=UTC),
        "creditonhold": False, "industrycode": 2, "primarycontactid": {"entity": "contact", "id": second},
    }  # fmt: skip
    return records, hard, plain


def _projects(service, word):  # noqa: F811
    """Several choices, decimals, days, a lookup to itself, an alternate key."""
    records, accounts = service.entity("Project"), service.entity("Customer")
    account = accounts.create({"name": f"{word} customer"})
    parent = records.create({"title": "=parent", "code": f"{word[-12:]}-0"})
    hard = {
        "title": f"{word} @sum", "code": f"0{word[-12:]}", "smp_summary": HARD, "channels": [each.value for each in records.entity.attribute("channels").options[:2]],
        "effort": Decimal("99999999999.9999999999"), "budget": _most(records, "budget"), "starts": date(1753, 1, 1),
        "smp_endson": date(9999, 12, 30), "smp_isbillable": False, "customer": {"entity": "account", "id": account},
        "parent": {"entity": "smp_project", "id": parent},
    }  # fmt: skip
    plain = {
        "title": f"{word} 1e5", "code": f"00{word[-12:]}", "smp_summary": "'=x", "channels": [records.entity.attribute("channels").options[-1].value],
        "effort": Decimal("-0.0000000001"), "budget": Decimal("0.5"), "starts": date(1900, 2, 28),
        "smp_endson": date(2024, 2, 29), "smp_isbillable": True, "customer": {"entity": "account", "id": account},
        "parent": {"entity": "smp_project", "id": parent},
    }  # fmt: skip
    return records, hard, plain


def swapped(form, content, keep):
    """The file as somebody saves it who has exchanged the two records' values, but for those columns."""
    if form == "json":
        one, other = decode_json(content)
        kept = {name: (one[name], other[name]) for name in keep if name in one}
        for name in set(one) - set(kept):
            one[name], other[name] = other[name], one[name]
        return encode_json([one, other])
    if form == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(content))
        sheet = book.active
        for column in range(1, sheet.max_column + 1):
            if sheet.cell(1, column).value not in keep:
                one, other = sheet.cell(2, column).value, sheet.cell(3, column).value
                sheet.cell(2, column).value, sheet.cell(3, column).value = other, one
        saved = io.BytesIO()
        book.save(saved)
        return saved.getvalue()
    heads, one, other = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    for place, head in enumerate(heads):
        if head not in keep:
            one[place], other[place] = other[place], one[place]
    saved = io.StringIO()
    csv.writer(saved, delimiter=";").writerows([heads, one, other])
    return saved.getvalue().encode()


@pytest.mark.parametrize(("form", "labels"), FORMS)
@pytest.mark.parametrize("make", [_accounts, _projects])
def test_there_and_back(service, word, make, form, labels):  # noqa: F811
    actor = service.actor
    records, *both = make(service, word)
    ids = [records.create(values) for values in both]
    before = [records.get(each) for each in ids]
    _, content = exported(actor, records, ids=tuple(ids), format=form, labels=labels)

    def imported(content):
        bulk = plan_import(
            actor, records, content, f"back.{form}", mode="update", match="record-id", blanks="clear"
        )
        return finished(bulks.begin(actor, bulk))

    bulk = imported(content)
    assert states(bulk) == {State.UNCHANGED: 2}, [
        (row.facts.reason, row.facts.after) for row in bulk.rows.all()
    ]
    assert [records.get(each).etag for each in ids] == [record.etag for record in before]

    # What names the record stays, and what is not to be changed by people.
    fixed = [item for item in records.entity.attributes if not item.can_update or item.name == "code"]
    keep = {"Record id", "id", *(item.label for item in fixed), *(item.name for item in fixed)}
    bulk = imported(swapped(form, content, keep))
    assert states(bulk) == {State.DONE: 2}, [row.facts.reason for row in bulk.rows.all()]
    after = [records.get(each).values for each in ids]
    for name in both[0]:
        if name != "code":
            assert after[0][name] == before[1].values[name], name
            assert after[1][name] == before[0].values[name], name
