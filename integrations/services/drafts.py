"""The steps of the builder: each changes one part of the draft, and leaves the others alone."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db import IntegrityError, transaction

from accounts import audit, gate
from accounts.actors import Actor
from accounts.models import Team
from connections.models import Environment
from core.problems import BadInput, Missing
from integrations import names
from integrations.definition import READ_WRITE, ActsAs, Definition, Entity, Operation
from integrations.metadata import catalogue
from integrations.metadata.related import (
    Parts,
    key_attributes,
    parts_of,
    usual_parts,
    with_parts,
    without_strangers,
)
from integrations.metadata.snapshot import choosable, chosen_entity, customary, linked, pinned
from integrations.models import Integration
from integrations.services import access

MAX_ENTITIES = 200


def create(
    actor: Actor, team: Team, environment: Environment, name: str, service_name: str = ""
) -> Integration:
    """A new integration with an empty draft; the service is called `<name>_is` unless told otherwise.

    Raises:
        NotPermitted, GateClosed: the gate.
        BadInput: a name is missing, taken or not allowed.

    """
    gate.require(actor, team, environment.tenant_id)
    taken = Integration.objects.values_list("service_name", flat=True)
    integration = Integration(
        name=name.strip(),
        service_name=service_name.strip() or names.service_name_for(name, taken),
        team=team,
        environment=environment,
        created_by=actor.user,
        changed_by=actor.user,
    )
    integration.draft = Definition()
    access.validated(integration)
    try:
        with transaction.atomic():
            integration.save()
            audit.record(
                actor, "created", integration, fields=["name", "service_name", "team", "environment"]
            )
    except IntegrityError:
        raise _taken() from None
    return integration


def choose_entities(
    actor: Actor,
    integration: Integration,
    revision: int,
    chosen: Sequence[str],
    *,
    operations: frozenset[Operation] = READ_WRITE,
) -> Integration:
    """Have exactly these entities. Kept ones stay as they are; new ones get a modest choice of attributes.

    Args:
        actor: who.
        integration: which.
        revision: the one the person saw.
        chosen: logical names.
        operations: what new ones offer at first.

    Raises:
        BadInput: too many, a name clash, or an entity without attributes that can be offered.
        Missing: the environment has no such entity.
        Clash, NotPermitted, GateClosed: see `access.require`.

    """
    access.require(actor, integration, revision)
    chosen = list(dict.fromkeys(chosen))
    if len(chosen) > MAX_ENTITIES:
        raise BadInput(f"An integration holds at most {MAX_ENTITIES} entities.")
    draft = integration.draft
    entities = tuple(
        draft.entity(logical_name) or _first_look(actor, integration, logical_name, operations, chosen)
        for logical_name in chosen
    )
    require_names({entity.logical_name: entity.name for entity in entities})
    with transaction.atomic():
        row = access.hold(integration, revision)
        definition = draft.model_copy(update={"entities": without_strangers(entities)})
        access.save_draft(actor, row, definition, "chose the entities of", ", ".join(chosen))
    return row


def shape_entity(
    actor: Actor,
    integration: Integration,
    revision: int,
    logical_name: str,
    *,
    operations: frozenset[Operation],
    chosen: Iterable[str],
    called: Mapping[str, str],
    parts: Parts | None = None,
) -> Integration:
    """Have exactly these operations and attributes (and the mandatory ones) of one entity, under these names.

    The attributes' facts are read anew: this is how a draft catches up with a changed environment.

    Args:
        actor: who.
        integration: which.
        revision: the one the person saw.
        logical_name: of the entity.
        operations: what it offers.
        chosen: logical names of attributes.
        called: logical name → name here, where it differs.
        parts: the keys and related entities; those of the draft by default.

    Raises:
        BadInput: `fields` (by logical name, or `key:` and `way:` with the part's own) says which name is not allowed or used twice.
        Missing: the draft has no such entity.
        Clash, NotPermitted, GateClosed: see `access.require`.

    """
    access.require(actor, integration, revision)
    known = integration.draft.entity(logical_name)
    if known is None:
        raise Missing(f"{integration.name} has no entity {logical_name[:80]!r}.")
    if not operations:
        raise BadInput(
            f"{known.label} needs at least one operation.", fields={"operations": "Choose at least one."}
        )
    found = catalogue.for_actor(actor, integration.environment)
    details = found.entity(logical_name)
    parts = parts_of(known) if parts is None else parts
    wanted = set(chosen) | pinned(details, operations) | key_attributes(details, parts.keys)
    targets = found.targets(linked(details, wanted))
    entity = chosen_entity(details, wanted, targets, operations=operations, name=known.name, names=called)
    others = [each.logical_name for each in integration.draft.entities]
    entity = with_parts(entity, details, others, parts)
    require_part_names(entity)
    with transaction.atomic():
        row = access.hold(integration, revision)
        message = f"{logical_name}: {len(entity.attributes)} attributes"
        access.save_draft(actor, row, row.draft.with_entity(entity), "shaped an entity of", message)
    return row


def name_parts(
    actor: Actor,
    integration: Integration,
    revision: int,
    *,
    name: str,
    service_name: str,
    acts_as: ActsAs,
    called: Mapping[str, str],
) -> Integration:
    """Name the integration, its service and its entities, and say who acts in Dynamics.

    Raises:
        BadInput: `fields` has `name`, `service_name`, or an entity's logical name.
        Clash, NotPermitted, GateClosed: see `access.require`.

    """
    access.require(actor, integration, revision)
    entities = tuple(
        entity.model_copy(update={"name": called.get(entity.logical_name, "").strip() or entity.name})
        for entity in integration.draft.entities
    )
    require_names({entity.logical_name: entity.name for entity in entities})
    if _published(integration) and service_name.strip() != integration.service_name:
        raise BadInput(
            "The service is in use under its name.",
            fields={"service_name": "It was published under this name, which callers rely on."},
        )
    try:
        with transaction.atomic():
            row = access.hold(integration, revision)
            before = {"name": row.name, "service_name": row.service_name}
            row.name, row.service_name = name.strip(), service_name.strip()
            access.validated(row)
            row.draft = row.draft.model_copy(update={"acts_as": acts_as, "entities": entities})
            access.save(
                actor,
                row,
                "named the parts of",
                fields=["name", "service_name", "draft"],
                values={"before": before, "after": {"name": row.name, "service_name": row.service_name}},
            )
    except IntegrityError:
        raise _taken() from None
    return row


def _first_look(
    actor: Actor,
    integration: Integration,
    logical_name: str,
    operations: frozenset[Operation],
    others: Collection[str],
) -> Entity:
    """An entity that was just added, as it is in the environment now."""
    found = catalogue.for_actor(actor, integration.environment)
    if found.name(logical_name) is None:
        raise Missing(f"{integration.environment} has no entity {logical_name[:80]!r}.")
    details = found.entity(logical_name)
    if not choosable(details):
        raise BadInput(
            f"{details.display_name} has no attributes that an integration can offer.",
            fields={logical_name: "It has no attributes that can be offered."},
        )
    wanted = customary(details)
    targets = found.targets(linked(details, wanted))
    entity = chosen_entity(details, wanted, targets, operations=operations)
    return with_parts(entity, details, others, usual_parts(details, others))


def require_names(called: Mapping[str, str]) -> None:
    """Raises BadInput whose `fields` says, by the keys given, which names are not allowed or used twice."""
    errors = {key: text for key, name in called.items() if (text := names.trouble(name))}
    errors |= names.clashes(called.items())
    if errors:
        raise BadInput("Some names need another look: " + next(iter(errors.values())), fields=errors)


def require_part_names(entity: Entity) -> None:
    """The same for what an entity is made of: what belongs to a record shares one space of names; keys have theirs."""
    parts = parts_of(entity)
    related = {f"way:{way}": name for way, name in {**parts.lists, **parts.expand}.items()}
    require_names({each.logical_name: each.name for each in entity.attributes} | related)
    require_names({f"key:{each.logical_name}": each.name for each in entity.keys})


def _published(integration: Integration) -> bool:
    return integration.versions.exists()


def _taken() -> BadInput:
    return BadInput(
        "One of the names is taken.", fields={"service_name": "Somebody has just taken this name."}
    )
