"""What becomes of versions once they are published: deprecated, withdrawn, taken up again."""

from datetime import date

from django.db import transaction

from accounts import audit
from accounts.actors import Actor
from core import clock
from core.problems import BadInput
from integrations.models import Integration, Version
from integrations.published import definition_of, number_of
from integrations.services import access
from integrations.services.publishing import follow

State = Version.State
_VERBS = {State.CURRENT: "reinstated", State.DEPRECATED: "deprecated", State.WITHDRAWN: "withdrew"}


def deprecate(
    actor: Actor, integration: Integration, number: int, note: str = "", ends_on: date | None = None
) -> Version:
    """Tell callers that a version will end, and why. It works as before.

    Args:
        actor: who.
        integration: which.
        number: of the version.
        note: what to use instead.
        ends_on: when it will be withdrawn, if that is known. Nothing happens by itself on that day.

    Raises:
        BadInput: the day lies in the past.
        Missing, NotPermitted, GateClosed: see `access.require`.

    """
    if ends_on is not None and ends_on < clock.now().date():
        raise BadInput("That day has passed.", fields={"ends_on": "Choose a day to come."})
    return _move(actor, integration, number, State.DEPRECATED, note=note, ends_on=ends_on)


def withdraw(actor: Actor, integration: Integration, number: int, note: str = "") -> Version:
    """Let nobody use a version any more; the roles of bound connections give up what only it needed.

    Raises:
        Missing, NotPermitted, GateClosed: see `access.require`.

    """
    return _move(actor, integration, number, State.WITHDRAWN, note=note)


def reinstate(actor: Actor, integration: Integration, number: int) -> Version:
    """Take back that a version is deprecated or withdrawn. Raises as `withdraw`."""
    return _move(actor, integration, number, State.CURRENT)


def load_into_draft(actor: Actor, integration: Integration, revision: int, number: int) -> Integration:
    """Make an older version the draft, to go on from there. What the draft held is gone.

    Raises:
        Missing: there is no such version.
        Clash, NotPermitted, GateClosed: see `access.require`.

    """
    access.require(actor, integration, revision)
    definition = definition_of(number_of(integration, number).pk)
    with transaction.atomic():
        row = access.hold(integration, revision)
        access.save_draft(actor, row, definition, "restored the draft of", f"from version {number}")
    return row


def _move(
    actor: Actor,
    integration: Integration,
    number: int,
    state: Version.State,
    *,
    note: str = "",
    ends_on: date | None = None,
) -> Version:
    access.require(actor, integration)
    with transaction.atomic():
        row = access.hold(integration)
        version = number_of(row, number)
        before = version.state
        version.state, version.state_note, version.ends_on = state, note.strip(), ends_on
        version.state_changed_at = clock.now()
        version.save(update_fields=["state", "state_note", "ends_on", "state_changed_at"])
        message = f"version {number}" + (f": {version.state_note}" if note else "")
        audit.record(actor, _VERBS[state], row, fields=["versions"], message=message)
        if State.WITHDRAWN in (before, state) and before != state:
            follow(actor, row)
    return version
