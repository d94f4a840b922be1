"""How long Entra's and Dataverse's replication is waited for. The job waits, never a thread.

New objects were seen everywhere after 4 to 18 seconds as a rule, after minutes at worst; Microsoft promises
nothing. Waits begin at two seconds and are capped at twenty.
"""

from connections.provisioning.work import Work
from core.clock import now
from microsoft.errors import MicrosoftError, NotReplicated

LIMIT = 300.0
FIRST, CAP = 2.0, 20.0


def until_replicated(work: Work, message: str, cause: MicrosoftError | None = None) -> MicrosoftError:
    """The error to raise: NotReplicated while it is reasonable to wait, afterwards the cause itself."""
    began = work.step_began or now()
    waited = (now() - began).total_seconds()
    if waited > LIMIT:
        return cause or MicrosoftError(
            message, advice="It should have been there by now. Retry from this step."
        )
    return NotReplicated(
        message,
        retry_after=min(CAP, max(FIRST, waited)),
        code=cause.code if cause else "",
        request_id=cause.request_id if cause else "",
        correlation_id=cause.correlation_id if cause else "",
    )
