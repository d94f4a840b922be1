"""Each link of a connection is broken at Microsoft, found by *Check now*, and mended by the button that is offered."""

import json
import re

import pytest
import requests
from playwright.sync_api import expect

from connections.health.links import TITLES
from connections.models import Identifiers
from microsoft.clouds import load_custom
from microsoft.dataverse import Dataverse
from microsoft.graph import Graph
from microsoft.http import Door
from tests.connections.sabotage import BREAKS, Saboteur

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("portal")]

MENDED = 60_000  # ms
ALWAYS = {"key_deleted", "user_disabled"}  # one of each kind of button; all of them in the long run
KNOWN = """
import json
from accounts import vault
from accounts.models import Authorization
from accounts.reach import Reach
from connections.models import Connection
row = Connection.objects.get(pk="{pk}")
tokens = vault.tokens(Authorization.objects.get(account_name="ana@contoso.example"))
scopes = [*Reach.GRAPH.scopes, row.environment.url + "/user_impersonation"]
print(json.dumps({{
    "tokens": {{scope: tokens.token(scope) for scope in scopes}},
    "known": row.identifiers.model_dump(),
    "url": row.environment.url,
}}))
"""
EXPIRE = """
from datetime import timedelta
from connections.models import Certificate
from core.clock import now
Certificate.objects.filter(connection="{pk}", state="active").update(not_after=now() - timedelta(days=1))
"""


class Tokens:
    """Ana's own, as she would have them in another program."""

    def __init__(self, known):
        self._known = known

    def token(self, scope, *, claims=None):
        return self._known[scope]


@pytest.fixture
def saboteur(portal, settled):
    pk = settled.values["connections.pk"]
    found = json.loads(portal.manage("shell", "-v0", "-c", KNOWN.format(pk=pk)).strip().splitlines()[-1])
    cloud = load_custom(next(portal.data.rglob("cloud.json")))
    door, tokens = Door(cloud), Tokens(found["tokens"])

    def delete_principal(principal_id):
        token = next(token for scope, token in found["tokens"].items() if "Application" in scope)
        answer = requests.delete(
            f"{cloud.graph}/v1.0/servicePrincipals/{principal_id}",
            headers={"Authorization": f"Bearer {token}"},
            verify=cloud.ca_file,
            timeout=30,
        )
        assert answer.status_code == 204

    yield Saboteur(
        graph=Graph(door, tokens),
        environment=Dataverse(door, found["url"], tokens),
        known=Identifiers(**found["known"]),
        expire=lambda: portal.manage("shell", "-v0", "-c", EXPIRE.format(pk=pk)),
        delete_principal=delete_principal,
    )
    door.close()


@pytest.mark.parametrize(
    "what", [what if what in ALWAYS else pytest.param(what, marks=pytest.mark.long) for what in BREAKS]
)
def test_the_button_mends_what_was_broken(settled, open_page, saboteur, picture, what):
    page = open_page(
        f"{settled.url}/connections/{settled.values['connections.pk']}/", cookies=settled.cookies
    )
    page.set_default_timeout(20_000)
    getattr(saboteur, what)()

    page.get_by_role("button", name="Check now").click()
    broken = page.locator(".callout-danger", has_text=TITLES[BREAKS[what]])
    expect(broken).to_contain_text("Broken since")
    picture(page, f"remedy-{what}")
    page.locator(".callout-danger .btn-primary").click()
    expect(page.locator(".page-title")).to_contain_text("Ready", timeout=MENDED)

    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_role("main")).to_contain_text(re.compile("Every link holds"))
    expect(page.locator(".callout-danger")).to_have_count(0)
    assert page.troubles == []
