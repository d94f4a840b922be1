"""A portal in which everything there can be is there once: built on a real sandbox, kept as rows.

The cast: Ana owns *Sales* and has done the whole way; Ben builds there and has authorised, Bert builds there and
has not, Olga owns it too and has not; Cleo views, authorised; Sam belongs nowhere; Root administers the site.
Hugo owns *Service*, with a connection and an integration of his own, which nobody of *Sales* may know of.
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.core import serializers
from django.db import transaction

from accounts import audit
from accounts.actors import Actor
from accounts.models import Authorization, Membership, Role, Team, User, Webhook
from accounts.models.webhook import Delivery
from accounts.reach import Reach
from connections.clients import dataverse_as
from connections.models import Certificate, Connection
from connections.services import creation, environments
from core import clock
from entities.models import Bulk, Column, Plan, RecordChange, SavedView
from entities.storage import keep_file
from integrations.models import Binding, Integration, ServiceKey, Version
from integrations.operations import Service
from integrations.published import definition_of
from integrations.services import keys, sample
from integrations.services.stages import stages_of
from jobs.models import JobRun, Schedule
from jobs.testing import run_due
from sync.models import Sync, SyncEntity
from sync.services import setup
from tests.connections import cast, factories

APPS = ("accounts", "jobs", "connections", "integrations", "sync", "entities", "social_django")
NOWHERE = uuid4()
UNKNOWN = {"uuid": str(NOWHERE), "int": 987654, "str": "nonesuch", "slug": "nonesuch"}


def build(world: Any) -> list[dict[str, Any]]:
    """Do it all, and give every row as plain data, to the microsecond: the trail's hashes depend on it."""
    team = Team.objects.create(name="Sales")
    ana = cast.member("ana", team, Role.OWNER)
    ben = cast.member("ben", team, Role.BUILDER)
    cleo = cast.member("cleo", team, Role.VIEWER)
    factories.person("bert", team, Role.BUILDER)
    factories.person("olga", team, Role.OWNER)
    factories.person("sam")
    User.objects.create_superuser("root", name="Root")
    cast.authorise(world, ana)
    cast.consent_for_everybody(world)
    cast.authorise(world, ben)
    cast.authorise(world, cleo, Reach.IDENTITY)
    actor = Actor.person(ana)
    found = environments.find(actor, world.places.environments["contoso-dev"])
    creation.create(actor, team, found, "Sales (Development)")
    run_due(early=True)
    made = sample.create_sample(actor)
    run_due(early=True)
    connection = Connection.objects.get()
    assert connection.state == "ready", connection.reason
    _workspace(made, ana)
    stage = stages_of(team)[0]
    setup.create(actor, made, stage, setup.Plan("Mirror", entities=["account"], interval=3600))
    keys.create_key(actor, made, stages_of(team)[0], "Taken")
    _another_team(connection, made)
    for each in Team.objects.all():
        webhook = Webhook(team=each, host="localhost:9")
        webhook.delivery = Delivery(url="https://localhost:9/hook", secret="whsec_AAAA")
        webhook.save()
    Schedule.objects.create(name="Every hour", kind="connections.provision", interval=3600, team=team)
    _bulks()
    models = [model for app in APPS for model in apps.get_app_config(app).get_models()]
    return serializers.serialize("python", [row for model in models for row in model._base_manager.all()])


def _another_team(connection: Connection, made: Integration) -> None:
    """Hugo's world, as rows. Nothing of it is at Microsoft, so nothing can be reached by mistake either."""
    service = Team.objects.create(name="Service")
    hugo = factories.person("hugo", service, Role.OWNER)
    factories.authorization(hugo)
    theirs = factories.connection(service, "Hugo's connection", environment=connection.environment)
    factories.certificate(theirs)
    step = connection.steps.first()
    step.pk, step.connection = None, theirs
    step.save()
    copy = Integration(
        name="Hugo's integration",
        service_name="hugo_is",
        team=service,
        environment=connection.environment,
        created_by=hugo,
    )
    copy.draft = made.draft
    copy.save()
    version = Version(integration=copy, number=1, author=hugo, published_at=clock.now())
    version.definition = definition_of(made.versions.get().pk)
    version.save()
    ServiceKey.objects.create(
        integration=copy,
        stage=stages_of(service)[0],
        name="Hugo's key",
        digest="d" * 64,
        version=1,
        pinned=False,
        created_at=clock.now(),
    )
    Binding.objects.create(integration=copy, stage=stages_of(service)[0], connection=theirs)
    _workspace(copy, hugo)
    theirs_too = Sync.objects.create(
        name="Hugo's mirror", team=service, integration=copy, stage=stages_of(service)[0]
    )
    SyncEntity.objects.create(sync=theirs_too, logical_name="account", table="account")
    JobRun.objects.create(
        kind="connections.provision",
        key="hugo",
        team=service,
        requested_by=hugo,
        not_before=clock.now(),
        created_at=clock.now(),
        state=JobRun.State.FAILED,
        subject_label="Hugo's connection",
    )
    Schedule.objects.create(name="Hugo's hours", kind="connections.provision", interval=3600, team=service)
    audit.record(Actor.person(hugo), "renamed", theirs)


def _workspace(integration: Integration, owner: User) -> None:
    """What somebody leaves behind who works with records."""
    SavedView.objects.create(
        integration=integration, entity="account", name="By name", owner=owner, query="sort=-name"
    )
    RecordChange.objects.create(
        integration=integration,
        environment=integration.environment,
        stage="development",
        entity="account",
        record_id=NOWHERE,
        kind=RecordChange.Kind.UPDATE,
        at=clock.now(),
        actor=owner,
    )


def _bulks() -> None:
    """An import that each of the two owners has begun: Hugo's as rows, for his environment cannot be reached."""
    for name, team in (("ana", "Sales"), ("hugo", "Service")):
        owner, integration = user(name), Integration.objects.get(team__name=team)
        content = b"Account Name\nSweep\n"
        file = keep_file(owner, integration, "accounts.csv", "text/csv", [content])
        bulk = Bulk(
            integration=integration,
            stage_slug="development",
            entity="account",
            kind=Bulk.Kind.IMPORT,
            title="Import accounts.csv",
            file=file,
            owner=owner,
            created_at=clock.now(),
            expires_at=clock.after(86_400),
        )
        bulk.plan = Plan(
            columns=(Column(header="Account Name", attribute="name"),), delimiter=",", encoding="utf-8"
        )
        bulk.save()


def restore(rows: list[dict[str, Any]]) -> None:
    """Put the rows back, as they were; what they point to may come later."""
    with transaction.atomic():
        for row in serializers.deserialize("python", rows):
            row.save()


def a_record() -> str:
    """The id of an account in Ana's environment."""
    integration = Integration.objects.get(team__name="Sales")
    service = Service.on(integration, "development", actor=Actor.person(user("ana")))
    return str(service.entity("account").search(top=1).records[0].id)


def enable_application_user() -> None:
    """Undo what a button did over there; what it did here is rolled back."""
    connection = Connection.objects.get(team__name="Sales")
    mine = Authorization.objects.get(user=user("ana"))
    dataverse_as(mine, connection.environment).enable_user(connection.identifiers.application_user_id)


def user(name: str) -> User:
    return User.objects.filter(username__in=[name, f"{name}@contoso.example"]).get()


def things(team_name: str = "Sales", record: str = "") -> dict[str, Any]:
    """What the parameters of addresses name, for one team: `sales` things or Hugo's."""
    team = Team.objects.get(name=team_name)
    owner, member = (user("ana"), user("cleo")) if team_name == "Sales" else (user("hugo"), user("hugo"))
    integration = Integration.objects.get(team=team)
    view = SavedView.objects.filter(integration=integration).first()
    change = RecordChange.objects.filter(integration=integration).first()
    if change and record:
        RecordChange.objects.filter(pk=change.pk).update(record_id=record)
    return {
        "team": team.pk,
        "member": Membership.objects.get(team=team, user=member).pk,
        "webhook": Webhook.objects.get(team=team).pk,
        "authorization": Authorization.objects.get(user=owner).pk,
        "connection": str(Connection.objects.get(team=team).pk),
        "certificate": str(Certificate.objects.get(connection__team=team).pk),
        "what": "pem",
        "integration": str(integration.pk),
        "sync": str(Sync.objects.get(team=team).pk),
        "row": SyncEntity.objects.filter(sync__team=team).first().pk,
        "run": str(JobRun.objects.filter(team=team).last().pk),
        "change_id": str(change.pk) if change else UNKNOWN["uuid"],
        "relation": "nonesuch",
        "view_id": str(view.pk) if view else UNKNOWN["uuid"],
        "bulk": str(Bulk.objects.get(owner=owner).pk),
        "stage": "development",
        "entity": "account",
        "record": record or UNKNOWN["uuid"],
        "attribute": "primarycontactid",
        "logical_name": "account",
        "number": 1,
        "form": "wheel",
        "backend": "entra",
        "key_id": str(integration.keys.get().pk),
        "service": integration.service_name,
        "path": "account",
    }


def parameters(name: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """The values of an address's parameters."""
    app = name.partition(":")[0]
    pk = {"connections": "connection", "integrations": "integration", "accounts": "team", "sync": "sync"}.get(
        app, ""
    )
    return {
        **known,
        "pk": known["authorization"] if name == "accounts:revoke" else known.get(pk),
        "run_id": known["run"],
        "integration_id": known["integration"],
        "record_id": known["record"],
        "bulk_id": known["bulk"],
        "transfer_id": UNKNOWN["uuid"],
    }
