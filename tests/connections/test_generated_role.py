"""With the generated role each operation that an integration offers works, and each other is refused by Dynamics."""

import pytest

from accounts.models import Authorization
from connections.clients import dataverse_as
from connections.services import privileges
from jobs.testing import run_due
from microsoft.errors import Forbidden

LINK = "primarycontactid@odata.bind"
# What each takes, and the operation itself on an account.
OPERATIONS = {
    "read": ({"prvReadAccount"}, lambda it, key, _contact: it.get("accounts", key, select=("name",))),
    "create": (
        {"prvCreateAccount", "prvReadAccount"},
        lambda it, _key, _contact: it.create("accounts", {"name": "Made"}),
    ),
    "update": (
        {"prvWriteAccount", "prvReadAccount"},
        lambda it, key, _contact: it.update("accounts", key, {"name": "Changed"}),
    ),
    "delete": (
        {"prvDeleteAccount", "prvReadAccount"},
        lambda it, key, _contact: it.delete("accounts", key),
    ),
    "link": (
        {"prvWriteAccount", "prvReadAccount", "prvAppendAccount", "prvAppendToContact", "prvReadContact"},
        lambda it, key, contact: it.update("accounts", key, {LINK: f"/contacts({contact})"}),
    ),
}
LATER = [pytest.param(name, marks=pytest.mark.long) for name in ("create", "update", "delete")]


@pytest.mark.parametrize("allowed", ["read", "link", *LATER])
def test_what_is_allowed_works_and_nothing_else(ana, connection, allowed):
    administrator = dataverse_as(Authorization.objects.get(user=ana.user), connection.environment)
    contact = administrator.create("contacts", {"lastname": "Somebody"})
    held, _act = OPERATIONS[allowed]
    privileges.record(ana, connection, dict.fromkeys(held, "Global"))
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == "ready", connection.reason
    for needed, act in OPERATIONS.values():
        account = administrator.create("accounts", {"name": "Target"})
        if needed <= held:
            act(connection.dataverse(), account, contact)
        else:
            with pytest.raises(Forbidden, match="prv"):
                act(connection.dataverse(), account, contact)
