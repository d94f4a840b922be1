"""schemathesis, with a fixed seed: nothing that a document allows or forbids ends in a 5xx, or in a status it hides."""

from contextlib import nullcontext, suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.actors import Actor
from accounts.models import User
from tests.integrations.caller import Caller, key_for
from tests.people import PEOPLE

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SEED = 20_261_124


@pytest.mark.parametrize("name", ["Projects", "Glance", "Sales sample"])
def test_the_document_is_kept(live_server, wide_integrations, name):
    attack(live_server, wide_integrations[name], examples=1)


@pytest.mark.long
@pytest.mark.parametrize("name", ["Projects", "Glance", "Sales sample"])
def test_the_document_is_kept_at_length(live_server, wide_integrations, name):
    attack(live_server, wide_integrations[name], examples=40)


def attack(live_server, integration, examples):
    """Call every operation with data that its schema allows, and with data that it forbids."""
    actor = Actor.person(User.objects.get(username=PEOPLE["ana"]))
    caller = Caller(integration.service_name, key_for(actor, integration, calls_per_minute=100_000))
    document = caller.get("openapi.json").json()
    records = {entity["name"]: a_record(caller, entity) for entity in caller.get("").json()["entities"]}
    schema = schemathesis.openapi.from_dict(document)
    base = f"{live_server.url}/api/{integration.service_name}/v1"
    called = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:
            fuzz(operation, mode, records, base, caller.key, examples)
        called.add((operation.method, operation.path))
    assert len(called) == sum(len({*item} - {"parameters"}) for item in document["paths"].values())


def a_record(caller, entity):
    """One to read and change: any that can be created from the document's own example, else any that is found."""
    if "create" in entity["operations"]:
        document = caller.get("openapi.json").json()
        example = document["components"]["schemas"][f"{entity['name']}.new"]["examples"][0]
        links = {name for name, value in example.items() if isinstance(value, dict)}
        made = caller.post(entity["name"], {name: v for name, v in example.items() if name not in links})
        if made.status_code == 201:
            return made.json()["id"]
    if "search" in entity["operations"]:
        return next((each["id"] for each in caller.get(f"{entity['name']}?top=1").json()["records"]), None)
    return None


def fuzz(operation, mode, records, base, key, examples):
    known = records.get(operation.path.split("/")[1])
    turn = iter(range(1_000_000))

    @seed(SEED)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case):
        if known and "id" in (case.path_parameters or {}) and operation.method != "delete" and next(turn) % 2:
            case.path_parameters["id"] = known
        response = case.call(base_url=base, headers={"Authorization": f"Bearer {key}"})
        case.validate_response(response, checks=CHECKS)

    # Where anything is allowed, nothing can be forbidden.
    with (
        suppress(schemathesis.errors.SchemathesisError) if mode is GenerationMode.NEGATIVE else nullcontext()
    ):
        run()
