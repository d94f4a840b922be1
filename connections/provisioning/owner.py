"""The person as an owner of the application: application administrators are not made owners by themselves.

https://learn.microsoft.com/en-us/graph/api/application-post-owners
"""

from connections.provisioning.shape import Outcome, StepKind
from connections.provisioning.work import Work


def ensure(work: Work) -> Outcome:
    person = work.authorization
    with work.change("became an owner of the application of"):
        work.graph.add_owner(work.identifiers.application_id, str(person.object_id))
    return Outcome(f"{person} is an owner.")


STEP = StepKind("owner", "Owner of the application", ensure)
