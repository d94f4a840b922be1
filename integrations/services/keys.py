"""Keys of services: made, shown once, revoked, and taken off the list."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import audit
from accounts.actors import Actor
from core import clock
from core.problems import BadInput, Clash, Missing
from integrations import key_text
from integrations.definition import ActsAs, Definition, Operation
from integrations.models import Integration, ServiceKey, Stage
from integrations.published import definition_of, version_of
from integrations.services import access

Scope = Mapping[str, Iterable[Operation]]
MAX_CALLS = 100_000
LONGEST = timedelta(days=3653)


def create_key(
    actor: Actor,
    integration: Integration,
    stage: Stage,
    name: str,
    *,
    scope: Scope | None = None,
    version: int | None = None,
    expires_at: datetime | None = None,
    calls_per_minute: int = 600,
) -> tuple[ServiceKey, str]:
    """A new key, and its text, which nobody will see again.

    Args:
        actor: who.
        integration: whose service it opens.
        stage: on which stage, and no other.
        name: what its program is called; unique among the keys that are not revoked.
        scope: logical name of an entity → operations; None: whatever the version offers.
        version: the one to stay with; None: follow the latest that is compatible with today's.
        expires_at: aware; None: never.
        calls_per_minute: beyond which calls are refused for the rest of the minute.

    Raises:
        BadInput: `fields` says what to correct; also when nothing is published, or it acts as a person.
        Missing: the stage is another team's, or there is no such version.
        NotPermitted, GateClosed: see `access.require`.

    """
    access.require(actor, integration)
    if stage.team_id != integration.team_id:
        raise Missing("There is no such stage in this team.")
    chosen = version_of(integration, version)
    definition = definition_of(chosen.pk)
    if definition.acts_as is ActsAs.PERSON:
        raise BadInput(
            f"{integration.name} acts as the signed-in person, so a program cannot use it on its own.",
            advice="Let it act as the application (step Names) and publish; then it can have keys.",
        )
    text = key_text.new_key()
    key = ServiceKey(
        integration=integration,
        stage=stage,
        name=name.strip(),
        digest=key_text.digest_of(text),
        hint=text[: key_text.SHOWN],
        scope=_scope(definition, scope),
        version=chosen.number,
        pinned=version is not None,
        calls_per_minute=calls_per_minute,
        created_by=actor.user,
        created_at=clock.now(),
        expires_at=expires_at,
    )
    _require_sense(key)
    try:
        with transaction.atomic():
            key.save()
            audit.record(actor, "created a key of", integration, fields=["keys"], message=_about(key))
    except IntegrityError:
        raise _taken() from None
    return key, text


def revoke_key(actor: Actor, key: ServiceKey) -> None:
    """End a key at once and for good. A key that has ended already stays as it is. Raises as `create_key`."""
    access.require(actor, key.integration)
    with transaction.atomic():
        ended = ServiceKey.objects.filter(pk=key.pk, revoked_at=None).update(
            revoked_at=clock.now(), revoked_by=actor.user
        )
        if ended:
            audit.record(actor, "revoked a key of", key.integration, fields=["keys"], message=_about(key))


def remove_key(actor: Actor, key: ServiceKey) -> None:
    """Take a key that has ended off the list. Its calls stay in the usage, without its name.

    Raises:
        Clash: it still opens something: revoke it first.
        NotPermitted, GateClosed, Missing: see `access.require`.

    """
    access.require(actor, key.integration)
    if key.state == ServiceKey.State.ACTIVE:
        raise Clash(
            f"{key.name} still opens the service.", advice="Revoke it first.", title="The key is in use"
        )
    with transaction.atomic():
        audit.record(actor, "removed a key of", key.integration, fields=["keys"], message=_about(key))
        key.delete()


def _scope(definition: Definition, scope: Scope | None) -> dict[str, list[str]] | None:
    if scope is None:
        return None
    kept = {}
    for logical_name, operations in scope.items():
        entity = definition.entity(logical_name)
        chosen = [each.value for each in Operation if each in set(operations)]
        if entity is None or not set(chosen) <= {each.value for each in entity.operations}:
            raise BadInput(
                "The version does not offer that.",
                fields={"scope": f"{logical_name[:60]} does not offer all that was chosen."},
            )
        if chosen:
            kept[logical_name] = chosen
    if not kept:
        raise BadInput("A key has to open something.", fields={"scope": "Choose at least one operation."})
    return kept


def _require_sense(key: ServiceKey) -> None:
    errors = {}
    now = clock.now()
    if key.expires_at is not None and not now < key.expires_at <= now + LONGEST:
        errors["expires_at"] = "This must be in the future, and within ten years."
    if not 1 <= key.calls_per_minute <= MAX_CALLS:
        errors["calls_per_minute"] = f"This must be from 1 to {MAX_CALLS:,}."
    try:
        key.clean_fields(exclude=["created_by", "revoked_by", "scope"])
    except ValidationError as error:
        errors |= {field: " ".join(texts) for field, texts in error.message_dict.items()}
    if errors:
        raise BadInput("The key cannot be made: " + " ".join(errors.values()), fields=errors)
    taken = ServiceKey.objects.filter(integration=key.integration, name=key.name, revoked_at=None)
    if taken.exists():
        raise _taken()


def _taken() -> BadInput:
    return BadInput(
        "The integration has a key of this name already.",
        fields={"name": "A key of this name is in use. Revoke that one, or choose another name."},
    )


def _about(key: ServiceKey) -> str:
    return f"{key.name} ({key.stage.name})"
