"""The people of the sandbox as users of ours, authorised through the portal and the sandbox's pages."""

from accounts.models import Authorization, Membership, Role, Team, User
from accounts.reach import Reach
from sandbox.directory.cast import ANA, BEN, CLEO, CONTOSO, DARA, FABRIKAM
from sandbox.directory.model import GRAPH_APP_ID
from sandbox.world import World
from tests import people

TENANTS = {"ana": CONTOSO, "ben": CONTOSO, "cleo": CONTOSO, "dara": FABRIKAM}
OIDS = {"ana": ANA, "ben": BEN, "cleo": CLEO, "dara": DARA}


def member(name: str, team: Team, role: Role | None) -> User:
    user = User.objects.create_user(username=people.PEOPLE[name], name=name.title())
    if role is not None:
        Membership.objects.create(team=team, user=user, role=role)
    return user


def authorise(world: World, user: User, reach: Reach = Reach.GRAPH) -> Authorization:
    """Press the button as this person, at the portal and at Microsoft."""
    name = user.username.partition("@")[0]
    browser = people.visitor(world)
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = people.authorise(browser, name, tenant=TENANTS[name], reach=reach.value)
    assert answer.status_code == 302, answer.content.decode()
    return Authorization.objects.get(user=user, tenant_id=TENANTS[name])


def consent_for_everybody(world: World) -> None:
    """What an administrator of Contoso does once, so that plain members may use Graph."""
    world.directory.consents.grant(
        CONTOSO, "", world.front_app.client_id, GRAPH_APP_ID, ["Application.ReadWrite.All"]
    )
