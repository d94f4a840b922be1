"""Publishing, step by step: compare with the environment, write the version, let the roles follow."""

from typing import Any

from connections.models import Connection
from core.problems import Problem
from integrations.definition import Definition
from integrations.metadata import catalogue
from integrations.metadata.lacking import lacking
from integrations.models import Integration
from integrations.published import definition_of, number_of
from integrations.services import access, publishing
from jobs.running import Running

STEPS = 3


def carry_out(run: Running, integration: Integration) -> dict[str, Any]:
    """What came of it: the number of the version, what the environment lacks, and whose roles follow.

    Whoever takes over from a worker that died finds the version in the payload and does not write it twice.
    """
    payload = run.payload
    if "version" not in payload:
        access.require(run.actor, integration, payload["revision"])
        run.progress(done=0, total=STEPS, step=f"Comparing with {integration.environment}")
        warnings = _compare(run, integration, _definition(integration, payload["again"]))
        revision, notes, again = payload["revision"], payload["notes"], payload["again"]
        find = publishing.find_columns_for(run.actor, integration, again)
        run.progress(step="Writing the version")
        with run.fenced():
            version = publishing.write_version(
                run.actor, integration, revision, notes, again=again, find=find
            )
            run.move(2, total=STEPS, cursor={"version": version.number, "warnings": warnings})
    run.progress(done=2, total=STEPS, step="Asking the roles to follow")
    bound = Connection.objects.filter(bindings__integration=integration).distinct()
    pending = [str(each) for each in bound if each.state == Connection.State.ROLE_PENDING]
    run.progress(done=STEPS, total=STEPS)
    return {
        "version": run.payload["version"],
        "warnings": run.payload["warnings"],
        "roles pending": pending,
    }


def _definition(integration: Integration, again: int) -> Definition:
    return definition_of(number_of(integration, again).pk) if again else integration.draft


def _compare(run: Running, integration: Integration, definition: Definition) -> list[str]:
    """What the environment does not have. One that does not answer keeps nobody from publishing."""
    try:
        return lacking(definition, catalogue.for_actor(run.actor, integration.environment))
    except Problem as problem:
        return [f"{integration.environment} could not be asked: {problem.message}"]
