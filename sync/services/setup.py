"""Making, changing and removing a sync."""

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from accounts import audit
from accounts.actors import Actor
from core.problems import BadInput, Clash, Unavailable
from integrations.definition import ActsAs, Entity, Operation
from integrations.models import Binding, Integration, Stage
from integrations.operations import Service
from integrations.services import access
from jobs import services as jobs
from sync.destinations import folder_of, open_store, own_database, pinned
from sync.models import Place, Sync, SyncEntity
from sync.services import rhythm

_PORT = re.compile(r"[0-9]{1,5}")
_SCHEMA = re.compile(r"(?!pg_)(?!public$|information_schema$)[a-z][a-z0-9_]{0,59}")


@dataclass(frozen=True)
class Plan:
    """What a person chose. `url` is only for PostgreSQL; "" means Isthmus's own, or the one kept before."""

    name: str
    destination: str = Sync.Destination.SQLITE
    url: str = ""
    schema: str = ""
    soft_deletes: bool = True
    drift: str = Sync.Drift.ADD
    entities: Sequence[str] = ()
    strategies: "dict[str, str] | None" = None
    cron: str = ""
    interval: int | None = None
    time_zone: str = "UTC"
    lag_limit: int | None = None


def create(actor: Actor, integration: Integration, stage: Stage, plan: Plan) -> Sync:
    """A sync with its entities and its schedule; nothing is read yet.

    Raises:
        NotPermitted, GateClosed: the gate, as for changing the integration.
        BadInput: `fields` says what to correct.
        Missing: the integration is not published, or not bound on that stage.

    """
    access.require(actor, integration)
    service = Service.on(integration, stage.slug, actor)
    if service.definition.acts_as is ActsAs.PERSON:
        raise BadInput(
            f"{integration} acts as the signed-in person, and nobody is signed in when a sync runs.",
            fields={"binding": "Choose an integration that acts as the application."},
        )
    sync = Sync(team=integration.team, integration=integration, stage=stage, created_by=actor.user)
    _fill(sync, plan)
    offered = mirrorable(service)
    with _saving(sync, plan):
        sync.save()
        rhythm.set_rhythm(sync, cron=plan.cron, interval=plan.interval, time_zone=plan.time_zone)
        _choose(sync, plan, offered)
        audit.record(actor, "created", sync, team=sync.team, fields=["integration", "stage", "destination"])
    return sync


def change(actor: Actor, sync: Sync, plan: Plan) -> None:
    """Everything but the integration, the stage and the kind of destination. Raises as `create`."""
    access.require(actor, sync.integration)
    if plan.destination != sync.destination:
        raise BadInput(
            "A sync keeps its kind of destination.",
            fields={"destination": "Make another sync for another destination."},
        )
    _fill(sync, plan)
    offered = mirrorable(service_of(sync))
    with _saving(sync, plan):
        sync.save()
        rhythm.set_rhythm(sync, cron=plan.cron, interval=plan.interval, time_zone=plan.time_zone)
        _choose(sync, plan, offered)
        audit.record(actor, "changed", sync, team=sync.team)


def remove(actor: Actor, sync: Sync, *, with_data: bool = False) -> None:
    """Forget the sync; with its mirror where that is wanted, else the mirror stays where it lies.

    Raises:
        Clash: a run is under way.
        DestinationLost: the mirror cannot be removed now.

    """
    access.require(actor, sync.integration)
    if any(row.run is not None and row.run.state == "running" for row in sync.entities.select_related("run")):
        raise Clash("A run is under way.", advice="Cancel it or let it end, then remove the sync.")
    if with_data:
        with audit.intent(actor, "removed the mirror of", sync, team=sync.team):
            drop_data(sync)
    with transaction.atomic():
        audit.record(actor, "removed", sync, team=sync.team, fields=["data"] if with_data else [])
        for row in sync.entities.select_related("run"):
            if row.run is not None and not row.run.is_finished:
                jobs.cancel(Actor.system("sync"), row.run)
        rhythm.drop_rhythm(sync)
        sync.delete()


def drop_data(sync: Sync) -> None:
    """Remove what is mirrored, of this sync alone. Raises DestinationLost."""
    if sync.destination != Sync.Destination.POSTGRES:
        shutil.rmtree(folder_of(sync), ignore_errors=True)
        return
    for row in sync.entities.all():
        store = open_store(sync, row.table, ())
        try:
            store.drop()
        finally:
            store.close()


def mirrorable(service: Service) -> list[Entity]:
    """What can be mirrored: entities that may be searched."""
    return [each for each in service.entities if Operation.SEARCH in each.operations]


def service_of(sync: Sync) -> Service:
    return Service.on(sync.integration, sync.stage.slug)


def bindings_for(integrations: Sequence[Integration]) -> list[Binding]:
    """Where published integrations could be mirrored from."""
    found = Binding.objects.filter(integration__in=integrations, integration__versions__isnull=False)
    return list(found.select_related("integration", "stage", "connection__environment").distinct())


@contextmanager
def _saving(sync: Sync, plan: Plan) -> Iterator[None]:
    """All of it or nothing. Raises BadInput for what another sync took since the plan was checked."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        _fill(sync, plan)  # by now it sees the other one, and says what to correct
        raise


def _fill(sync: Sync, plan: Plan) -> None:
    sync.name = plan.name.strip()
    sync.destination, sync.drift = plan.destination, plan.drift
    sync.soft_deletes, sync.lag_limit = plan.soft_deletes, plan.lag_limit
    if sync.destination == Sync.Destination.POSTGRES:
        _fill_postgres(sync, plan)
    if plan.interval is not None and plan.interval < rhythm.SHORTEST:
        raise BadInput("That is too often.", fields={"interval": "A minute at least."})
    try:
        sync.full_clean(exclude=["created_by", "schedule", "sealed_place"])
    except ValidationError as error:
        found = {name: " ".join(texts) for name, texts in error.message_dict.items()}
        if "__all__" in found:
            found["name"] = found.pop("__all__")
        raise BadInput("This cannot be saved: " + " ".join(found.values()), fields=found) from None


def _fill_postgres(sync: Sync, plan: Plan) -> None:
    if not _SCHEMA.fullmatch(plan.schema):
        raise BadInput(
            "The schema's name does not do.",
            fields={"schema": "Small letters, digits and _; not public, and nothing that begins with pg_."},
        )
    others = Sync.objects.filter(destination=Sync.Destination.POSTGRES, schema=plan.schema)
    if others.exclude(pk=sync.pk).exists():
        raise BadInput("Another sync uses this schema.", fields={"schema": "Choose another name."})
    sync.schema = plan.schema
    if plan.url:
        sync.place = Place(url=checked_address(plan.url))
    elif not sync.place.url and not own_database():
        raise BadInput(
            "Which PostgreSQL?",
            fields={"url": "Isthmus itself runs on SQLite, so say where the PostgreSQL server is."},
        )


def checked_address(url: str) -> str:
    """The address with nothing in it but host, port, user, password, database and TLS mode.

    Other options of PostgreSQL's client name files of this machine, and are refused, as are hosts of inner networks
    that the operator has not listed.
    """
    try:
        found = conninfo_to_dict(url) if url.startswith(("postgres://", "postgresql://")) else {}
    except ProgrammingError:
        found = {}
    host = str(found.get("host", ""))
    known = {"host", "port", "user", "password", "dbname", "sslmode"}
    if (
        not host
        or host.startswith(("/", "@"))
        or not _PORT.fullmatch(str(found.get("port", "5432")))
        or set(found) - known
        or not found.get("dbname")
    ):
        raise BadInput(
            "This is not the address of a PostgreSQL database.",
            fields={"url": "Like postgresql://user:password@host:5432/database?sslmode=require"},
        )
    with suppress(Unavailable):  # a server that is away today is looked for again by each run
        pinned(url)
    return url


def _choose(sync: Sync, plan: Plan, offered: Sequence[Entity]) -> None:
    chosen = {each.logical_name: each.name for each in offered if each.logical_name in set(plan.entities)}
    if not chosen:
        raise BadInput("Nothing would be mirrored.", fields={"entities": "Choose at least one entity."})
    strategies = plan.strategies or {}
    for logical_name, name in chosen.items():
        settings = {"enabled": True, "strategy": strategies.get(logical_name, "")}
        SyncEntity.objects.update_or_create(
            sync=sync,
            logical_name=logical_name,
            defaults=settings,
            create_defaults={**settings, "table": name},
        )
    sync.entities.exclude(logical_name__in=chosen).update(enabled=False)
