"""One click, on the sandbox only: an integration on accounts and contacts, published and bound."""

from collections.abc import Mapping

from accounts.actors import Actor
from accounts.models import Role
from accounts.rules import teams_with
from connections.models import Connection
from connections.standing import STANDING
from core.cloud import cloud
from core.problems import Clash, Missing, NotPermitted
from integrations.definition import READ_WRITE
from integrations.models import Integration
from integrations.services import drafts
from integrations.services.binding import bind
from integrations.services.publishing import publish
from integrations.services.stages import stage_of

NAME = "Sales sample"
CHOICES: Mapping[str, tuple[str, ...]] = {
    "account": (
        "name",
        "accountnumber",
        "industrycode",
        "accountcategorycode",
        "customertypecode",
        "revenue",
        "numberofemployees",
        "telephone1",
        "emailaddress1",
        "websiteurl",
        "address1_city",
        "address1_country",
        "primarycontactid",
        "parentaccountid",
        "ownerid",
        "creditonhold",
        "description",
        "statecode",
        "statuscode",
        "createdon",
        "modifiedon",
    ),
    "contact": (
        "firstname",
        "lastname",
        "fullname",
        "jobtitle",
        "emailaddress1",
        "telephone1",
        "mobilephone",
        "birthdate",
        "gendercode",
        "parentcustomerid",
        "address1_city",
        "address1_country",
        "ownerid",
        "donotemail",
        "description",
        "statecode",
        "statuscode",
        "createdon",
        "modifiedon",
    ),
}


def ready_connection(actor: Actor) -> Connection | None:
    """A working connection of a team in which the actor builds; the one proven last."""
    if actor.user is None:
        return None
    teams = teams_with(actor.user, Role.BUILDER)
    found = Connection.objects.filter(team__in=teams, state__in=STANDING)
    return found.select_related("team", "environment").order_by("-proven_at").first()


def create_sample(actor: Actor) -> Integration:
    """Create, publish and bind the sample; one that is there already is brought to its end.

    Raises:
        NotPermitted: this is not the sandbox.
        Missing: no connection works yet.
        GateClosed and the like: see the services it uses.

    """
    if cloud().production:
        raise NotPermitted("The sample is made for the sandbox; here it would reach real data.")
    connection = ready_connection(actor)
    if connection is None:
        raise Missing("The sample needs a working connection.", advice="Create a connection first.")
    integration = Integration.objects.filter(team=connection.team, name=NAME).first()
    if integration is None:
        integration = drafts.create(actor, connection.team, connection.environment, NAME)
    elif integration.environment_id != connection.environment_id:
        raise Clash(f"The team has an integration named {NAME} for another environment already.")
    if not integration.versions.exists():
        integration = _fill(actor, integration)
        publish(actor, integration, integration.revision, "Accounts and contacts, to try things out.")
    stage = stage_of(connection.team, "development")
    if not integration.bindings.filter(stage=stage).exists():
        bind(actor, integration, stage, connection)
    return integration


def _fill(actor: Actor, integration: Integration) -> Integration:
    integration = drafts.choose_entities(actor, integration, integration.revision, list(CHOICES))
    for logical_name, attributes in CHOICES.items():
        integration = drafts.shape_entity(
            actor,
            integration,
            integration.revision,
            logical_name,
            operations=READ_WRITE,
            chosen=attributes,
            called={},
        )
    return integration
