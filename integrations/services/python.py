"""The Python package of a published version, for download and for the command."""

from accounts.actors import Actor
from accounts.models import Role
from accounts.rules import require_role
from core.problems import NotPermitted
from integrations.definition import ActsAs
from integrations.generation import files_of
from integrations.generation.build import Archive, Form, build
from integrations.models import Integration
from integrations.published import definition_of, version_of


def package_files(actor: Actor, integration: Integration, number: int | None = None) -> dict[str, str]:
    """Path → text of the package of a version, the latest unless one is named.

    Raises:
        Missing: to strangers, and when nothing, or not that number, has been published.
        NotPermitted: when the integration acts as the signed-in person, so that no program can call it.

    """
    require_role(actor, integration.team, Role.VIEWER)
    version = version_of(integration, number)
    definition = definition_of(version.pk)
    if definition.acts_as is ActsAs.PERSON:
        raise NotPermitted(
            f"{integration.name} acts as the signed-in person, so programs cannot call it on their own.",
            advice="Let it act as the application (step Names), and publish it again.",
        )
    return files_of(integration.service_name, integration.name, version.number, definition)


def package(actor: Actor, integration: Integration, form: Form, number: int | None = None) -> Archive:
    """The same, packed. Raises as `package_files`."""
    return build(package_files(actor, integration, number), form)
