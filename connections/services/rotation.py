"""Replacing a connection's certificate: when it is due, when a person asks, and at once when a key has leaked."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts import audit, gate
from accounts.actors import Actor
from connections import clients
from connections.models import Certificate, Connection
from connections.rotation.due import due_at, is_due, is_expired, spread
from connections.rotation.profile import profile
from connections.rotation.rotate import ROTATABLE
from connections.rotation.work import KIND
from connections.services import access
from core.clock import now
from core.problems import Clash
from jobs import services as jobs
from jobs.models import JobRun

State = Certificate.State


@dataclass(frozen=True)
class Plan:
    """What a rotation would do now. `due_at` is when it begins by itself, None without a certificate in use."""

    due_at: datetime | None
    steps: tuple[str, ...]


def rotate(actor: Actor, connection: Connection, *, not_before: datetime | None = None) -> JobRun:
    """Have the certificate replaced, or a replacement that is under way go on. Asking twice is asking once.

    Rotation by schedule acts for the duty "rotation", which the gate lets through without a person. A run that
    waits for a person is taken over by whoever asks now.

    Raises:
        NotPermitted, GateClosed: the gate.
        Clash: the connection is not one that works or has worked.

    """
    if not gate.exempt(actor):
        access.require(actor, connection)
    with transaction.atomic():
        row = _hold(connection)
        under_way = unfinished(row).first()
        if under_way is not None and (actor.user is None or not _stands_still(under_way)):
            return under_way
        for run in _every_unfinished(row) if actor.user else ():
            if _stands_still(run):
                jobs.cancel(actor, run)
        row.save(update_fields=["revision"])
        audit.record(actor, "asked to rotate", row)
        return _request(actor, row, not_before=not_before)


def compromise(actor: Actor, connection: Connection) -> JobRun:
    """Somebody else may hold a private key: replace the certificate now and remove the old one at once.

    Every key pair there is counts as leaked. Afterwards keys that Isthmus does not know are removed, and the
    application user is disabled and enabled, as far as the actor may do that.

    Raises:
        NotPermitted, GateClosed: the gate.
        Clash: the connection is not one that works or has worked.

    """
    access.require(actor, connection)
    with transaction.atomic():
        row = _hold(connection)
        for run in unfinished(row):
            jobs.cancel(actor, run)
        living = row.certificates.exclude(state=State.REMOVED)
        living.filter(state__in=[State.PENDING, State.PUBLISHED]).update(state=State.RETIRING)
        living.update(compromised_at=now())
        row.save(update_fields=["revision"])
        audit.record(actor, "declared the certificate compromised of", row)
        run = _request(actor, row, cut=True)
    clients.forget(connection)
    return run


def plan(connection: Connection) -> Plan:
    """The dry run: what would happen if a rotation were asked for now. Reads our own records only."""
    if connection.state not in ROTATABLE:
        return Plan(None, (f"Nothing: the connection is {connection.get_state_display().lower()}.",))
    active = connection.certificates.filter(state=State.ACTIVE).first()
    candidate = connection.certificates.filter(state__in=[State.PENDING, State.PUBLISHED]).first()
    patience = profile()
    steps = [] if candidate else ["Make a key pair and keep it, encrypted."]
    if candidate is None or candidate.state == State.PENDING:
        steps.append(_how_published(connection, active))
    steps.append(
        f"Prove it {patience.proofs} times in a row, {patience.gap:.0f} s apart, each with a fresh token and WhoAmI."
    )
    steps.append("Switch: calls use the new certificate from their next token on.")
    if active is not None:
        end = _how_removed(connection, active)
        steps.append(f"Keep {active.thumbprint_sha1[:12]}… for {patience.overlap / 3600:g} h, then {end}")
    return Plan(due_at(active) if active else None, tuple(steps))


def unfinished(connection: Connection) -> QuerySet[JobRun]:
    """Rotations that are queued, running or waiting for a person; the later removal of an old key is none."""
    return _every_unfinished(connection).exclude(payload__has_key="stage")


def _every_unfinished(connection: Connection) -> QuerySet[JobRun]:
    return jobs.for_subject(connection).filter(kind=KIND).exclude(state__in=JobRun.FINISHED)


def _stands_still(run: JobRun) -> bool:
    """It waits for a person, or for its place in the daily round: whoever asks now need not wait with it."""
    placed = run.state == JobRun.State.QUEUED and run.attempt == 0 and "replaces" in run.payload
    return run.state == JobRun.State.WAITING or (placed and run.not_before > now())


def needing_rotation() -> list[Connection]:
    """Those whose certificate is due, or whose rotation or removal of an old key stopped half way."""
    rows = Connection.objects.filter(state__in=ROTATABLE).prefetch_related("certificates")
    return [row for row in rows if _needs_rotation(row)]


def go_on(connection: Connection) -> JobRun:
    """What the daily round does for one connection, at a moment of its own."""
    actor = Actor.system("rotation")
    certificates = {one.state: one for one in connection.certificates.all()}
    active = certificates.get(State.ACTIVE)
    begun = State.PENDING in certificates or State.PUBLISHED in certificates
    if begun or active is None or is_due(active):
        return rotate(actor, connection, not_before=now() + spread(connection, profile().jitter))
    key = f"{KIND}:{connection.pk}:retire:{now():%Y-%m-%d}"
    return jobs.request(KIND, actor=actor, subject=connection, payload={"stage": "retire"}, key=key)


def _needs_rotation(connection: Connection) -> bool:
    for certificate in connection.certificates.all():
        if certificate.state in (State.PENDING, State.PUBLISHED):
            return True
        if certificate.state == State.ACTIVE and is_due(certificate):
            return True
        if certificate.state == State.RETIRING and (
            certificate.retired_at is None
            or (now() - certificate.retired_at).total_seconds() > profile().overlap
        ):
            return True
    return False


def _hold(connection: Connection) -> Connection:
    row = access.hold(connection)
    if row.state not in ROTATABLE:
        raise Clash(
            f"The certificate of a connection that is {row.get_state_display().lower()} is not rotated.",
            advice="Enable it, or finish provisioning it, first.",
        )
    return row


def _request(
    actor: Actor, connection: Connection, *, not_before: datetime | None = None, cut: bool = False
) -> JobRun:
    active = connection.certificates.filter(state=State.ACTIVE).first()
    return jobs.request(
        KIND,
        actor=actor,
        subject=connection,
        payload={"replaces": str(active.pk) if active else "", **({"cut": True} if cut else {})},
        key=f"{KIND}:{connection.pk}:{connection.revision}",
        priority=10 if actor.user else 0,
        not_before=not_before,
    )


def _how_removed(connection: Connection, active: Certificate) -> str:
    if connection.is_manual and not (connection.identifiers.application_id and active.entra_key_id):
        return "destroy its private key; an administrator deletes its public half in Entra."
    return "remove it from Entra and destroy its private key."


def _how_published(connection: Connection, active: Certificate | None) -> str:
    if connection.is_manual and not connection.identifiers.application_id:
        return "Hand it to the administrator: the object id that the application needs to publish it is not known."
    if active is None or is_expired(active):
        return "Publish it with your own authorization: no certificate is left that could vouch for it."
    return "Publish it in Entra; the application vouches for it with its present key."
