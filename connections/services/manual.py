"""What passes between a manual connection and the administrator who registers its application."""

from uuid import UUID

from django.db import transaction

from accounts import audit
from accounts.actors import Actor
from connections.manual import letter
from connections.models import Certificate, Connection, Identifiers
from connections.services import access, provisioning
from core.problems import BadInput, Clash, Missing
from jobs import services as jobs
from jobs.models import JobRun

State = Connection.State


def enter(
    actor: Actor,
    connection: Connection,
    client_id: str,
    application_id: str = "",
    revision: int | None = None,
) -> JobRun:
    """Keep the identifiers that the administrator sent back, and have each verified by a job.

    Raises:
        NotPermitted, GateClosed: the gate; signing in to the tenant suffices.
        BadInput: an identifier is none, or cannot be the one it is given as; `fields` says which.
        Clash: not a manual connection, closed, under verification, or changed since `revision` was read.

    """
    access.require(actor, connection)
    given = _checked(connection, client_id, application_id)
    with transaction.atomic():
        row = _hold(connection, revision)
        under_way = provisioning.unfinished(row)
        if under_way is not None and under_way.state == JobRun.State.RUNNING:
            raise Clash("The identifiers are being verified.", advice="Wait a few seconds, then try again.")
        if under_way is not None:
            jobs.cancel(actor, under_way)  # it looks for what has just been corrected
        known = row.identifiers
        if known.client_id != given["client_id"]:
            # Another application is another user there, with roles of its own.
            known = Identifiers(business_unit_id=known.business_unit_id, role_name=known.role_name)
        row.identifiers = known.model_copy(update=given)
        row.save(update_fields=["sealed_identifiers", "revision"])
        audit.record(actor, "entered the identifiers of", row, fields=list(given))
        return provisioning.ask(actor, row, "tenant")


def send_instructions(actor: Actor, connection: Connection, address: str) -> JobRun:
    """Have the instructions, with the public certificate, e-mailed to an administrator.

    Raises:
        NotPermitted, GateClosed: the gate.
        Clash: not a manual connection, or closed.

    """
    access.require(actor, connection)
    with transaction.atomic():
        row = _hold(connection, None)
        row.save(update_fields=["revision"])
        audit.record(actor, "sent the instructions of", row, message=f"To {address}.")
        return jobs.request(letter.KIND, actor=actor, subject=row, payload={"to": address}, priority=5)


def note_deleted(actor: Actor, connection: Connection, certificate_id: UUID) -> None:
    """An administrator has deleted an old certificate in Entra, which Isthmus may not.

    Raises:
        NotPermitted, GateClosed: the gate.
        Missing: no such certificate was left behind.

    """
    access.require(actor, connection)
    with transaction.atomic():
        row = access.hold(connection)
        left = row.certificates.filter(pk=certificate_id, left_behind=True)
        thumbprint = left.values_list("thumbprint_sha1", flat=True).first()
        if thumbprint is None:
            raise Missing("No such certificate was left behind.")
        left.update(left_behind=False)
        row.save(update_fields=["revision"])
        audit.record(actor, "had a certificate deleted of", row, message=thumbprint)


def handed_over(connection: Connection) -> Certificate:
    """The certificate that the administrator has to register: the next one, else the one in use.

    Raises:
        Missing: there is none.

    """
    living = connection.certificates.exclude(
        state__in=[Certificate.State.RETIRING, Certificate.State.REMOVED]
    )
    certificate = living.order_by("-created_at").first()
    if certificate is None:
        raise Missing("This connection has no certificate any more.")
    return certificate


def _hold(connection: Connection, revision: int | None) -> Connection:
    row = access.hold(connection, revision=revision)
    if not row.is_manual:
        raise Clash("Isthmus registers the application of this connection by itself.")
    if row.state in (State.REMOVING, State.REMOVED, State.DISABLED):
        raise Clash(f"This connection is {row.get_state_display().lower()}.", advice="Enable it first.")
    return row


def _checked(connection: Connection, client_id: str, application_id: str) -> dict[str, str]:
    wrong: dict[str, str] = {}
    given = {"client_id": _guid(client_id), "application_id": _guid(application_id)}
    if not given["client_id"]:
        wrong["client_id"] = _not_an_id(client_id)
    if application_id.strip() and not given["application_id"]:
        wrong["application_id"] = _not_an_id(application_id)
    tenant = str(connection.environment.tenant_id)
    for name, value in given.items():
        if value == tenant:
            wrong[name] = "This is the id of the tenant (Directory ID), not of the application."
    if given["client_id"] and given["client_id"] == given["application_id"]:
        wrong["application_id"] = "The client id and the object id of an application are never the same."
    if wrong:
        raise BadInput("An identifier is not right.", fields=wrong)
    return given


def _guid(text: str) -> str:
    try:
        return str(UUID(text.strip()))
    except ValueError:
        return ""


def _not_an_id(text: str) -> str:
    example = "12345678-90ab-cdef-1234-567890abcdef"
    return f"This is not an identifier; one looks like {example}." if text.strip() else "Enter it."
