"""Definitions come and go as files: see `integrations.document`."""

from dataclasses import dataclass

from django.db import transaction

from accounts.actors import Actor
from accounts.models import Role, Team
from accounts.rules import require_role
from connections.models import Environment
from core.problems import BadInput, Problem
from integrations.definition import Attribute, Definition, Entity
from integrations.differences import Change, differences
from integrations.document import Document, to_yaml
from integrations.kinds import is_supported
from integrations.metadata import catalogue, related
from integrations.metadata.lacking import lacking
from integrations.models import Integration
from integrations.published import definition_of, version_of
from integrations.services import access, drafts


@dataclass(frozen=True)
class Imported:
    """What came of a file: the integration, what changed in its draft, and what the environment lacks of it."""

    integration: Integration
    created: bool
    changes: list[Change]
    warnings: list[str]


def exported(
    actor: Actor, integration: Integration, number: int | None = None, *, draft: bool = False
) -> str:
    """The file of a version (the latest by default) or of the draft; of the draft too while nothing is published.

    Raises:
        Missing: to strangers, and when there is no such version.

    """
    require_role(actor, integration.team, Role.VIEWER)
    if draft or (number is None and not integration.versions.exists()):
        definition = integration.draft
    else:
        definition = definition_of(version_of(integration, number).pk)
    return to_yaml(Document(name=integration.name, service=integration.service_name, definition=definition))


def import_document(actor: Actor, team: Team, environment: Environment, document: Document) -> Imported:
    """Make the file the draft of the team's service of that name, which is created where it is not there yet.

    Nothing is published. Which privileges it takes is read from the environment, whatever the file says.

    Raises:
        BadInput: names clash or are taken, or the service is built for another environment.
        NotPermitted, GateClosed, Unavailable: the gate, and that the environment can be asked.

    """
    integration = (
        Integration.objects.select_related("team", "environment")
        .filter(service_name=document.service)
        .first()
    )
    _require_ours(integration, team, environment, document)
    _require_sound(document.definition)
    known = catalogue.for_actor(actor, environment)
    created = integration is None
    if integration is None:
        integration = drafts.create(actor, team, environment, document.name, document.service)
    else:
        access.require(actor, integration)
    definition = _with_true_privileges(document.definition, known)
    warnings = lacking(definition, known)
    with transaction.atomic():
        row = access.hold(integration, integration.revision)
        changes = differences(None if created else row.draft, definition)
        row.name = document.name
        access.validated(row)
        row.draft = definition
        access.save(actor, row, "imported", fields=["name", "draft"], message=f"{len(changes)} changes")
    return Imported(row, created, changes, warnings)


def _require_ours(
    integration: Integration | None, team: Team, environment: Environment, document: Document
) -> None:
    if integration is None:
        return
    if integration.team_id != team.pk:
        raise BadInput(f"The name {document.service} is taken by a service of another team.")
    if integration.environment_id != environment.pk:
        raise BadInput(f"{document.service} is built for {integration.environment}, not for {environment}.")


def _require_sound(definition: Definition) -> None:
    """The rules that the builder's pages hold, for a file that somebody may have written by hand."""
    if len(definition.entities) > drafts.MAX_ENTITIES:
        raise BadInput(f"An integration holds at most {drafts.MAX_ENTITIES} entities.")
    drafts.require_names({each.logical_name: each.name for each in definition.entities})
    names = [each.logical_name for each in definition.entities]
    if len(set(names)) != len(names):
        raise BadInput("The file names an entity twice.")
    if related.without_strangers(definition.entities) != definition.entities:
        raise BadInput("The file leads to entities that it does not hold itself.")
    for entity in definition.entities:
        _require_sound_entity(entity)


def _require_sound_entity(entity: Entity) -> None:
    logical = [each.logical_name for each in entity.attributes]
    if len(set(logical)) != len(logical):
        raise BadInput(f"The file names an attribute of {entity.logical_name} twice.")
    strange = [each.type for each in entity.attributes if not is_supported(each.type)]
    if strange:
        raise BadInput(f"{entity.logical_name} has an attribute of a type that is not offered: {strange[0]}.")
    if any(not set(logical).issuperset(key.attributes) for key in entity.keys):
        raise BadInput(f"A key of {entity.logical_name} is made of attributes that are not chosen.")
    if any(each.target_sets.keys() != each.targets.keys() for each in entity.attributes):
        raise BadInput(f"A lookup of {entity.logical_name} lacks the set of one of its targets.")
    drafts.require_part_names(entity)


def _with_true_privileges(definition: Definition, known: catalogue.Catalogue) -> Definition:
    """Roles are made from these names, so they are never taken from a file."""
    wanted = {
        target for entity in definition.entities for each in entity.attributes for target in each.targets
    }
    targets = known.targets(wanted)

    def attribute(found: Attribute) -> Attribute:
        true = {
            target: targets[target].privilege
            for target in found.targets
            if target in targets and targets[target].privilege
        }
        return found.model_copy(update={"target_privileges": true})

    def entity(found: Entity) -> Entity:
        try:
            details = known.entity(found.logical_name)
            privileges = {each.kind: each.name for each in details.privileges}
        except Problem as problem:
            if problem.status != 404:
                raise
            privileges = {}
        return found.model_copy(
            update={"privileges": privileges, "attributes": tuple(map(attribute, found.attributes))}
        )

    return definition.model_copy(update={"entities": tuple(map(entity, definition.entities))})
