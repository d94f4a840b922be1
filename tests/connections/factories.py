"""Rows as provisioning would leave them, for tests that need no Microsoft."""

import uuid

from accounts.models import Authorization, Membership, Role, Team, User
from accounts.reach import Reach
from connections.models import Certificate, Connection, Environment, Identifiers
from connections.models.certificate import PrivateKey
from core.clock import after, now
from core.cloud import cloud

TENANT = uuid.UUID("aaaaaaaa-0000-4000-8000-000000000001")


def person(name: str, team: Team | None = None, role: Role | None = None, **flags) -> User:
    user = User.objects.create_user(username=name, name=name.title(), **flags)
    if team is not None and role is not None:
        Membership.objects.create(team=team, user=user, role=role)
    return user


def authorization(user: User, reach: Reach = Reach.GRAPH, tenant=TENANT, **more) -> Authorization:
    return Authorization.objects.create(
        user=user,
        cloud=cloud().name,
        tenant_id=tenant,
        object_id=uuid.uuid4(),
        account_name=f"{user.username}@contoso.example",
        scopes=reach.scopes,
        proven_at=now(),
        **more,
    )


def environment(**more) -> Environment:
    facts = {"friendly_name": "Contoso Sales", "unique_name": "contoso", "region": "EUR"}
    url = "https://contoso.crm4.dynamics.com"
    return Environment.objects.create(
        **{"cloud": cloud().name, "tenant_id": TENANT, "url": url} | facts | more
    )


def connection(team: Team, name: str = "Sales", state: str = Connection.State.READY, **more) -> Connection:
    row = Connection(
        name=name, team=team, environment=more.pop("environment", None) or environment(), state=state, **more
    )
    row.identifiers = Identifiers(
        client_id=str(uuid.uuid4()), application_user_id=str(uuid.uuid4()), role_id=str(uuid.uuid4())
    )
    row.applied_privileges = row.wanted_role
    row.save()
    return row


def certificate(
    row: Connection, state: str = Certificate.State.ACTIVE, pem: str = "a private key"
) -> Certificate:
    made = Certificate(
        connection=row,
        state=state,
        thumbprint_sha1=uuid.uuid4().hex.upper(),
        thumbprint_sha256=uuid.uuid4().hex.upper() * 2,
        not_before=now(),
        not_after=after(90 * 86400),
        public_pem="a certificate",
    )
    made.private_key = PrivateKey(pem=pem)
    made.save()
    return made
