"""Headers that keep custom logic from running. There is none here, but who may ask is checked.

https://learn.microsoft.com/power-apps/developer/data-platform/bypass-custom-business-logic
"""

from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.query.literals import as_guid
from sandbox.dataverse.security.access import Access
from sandbox.dataverse.web.call import Call

KINDS = frozenset({"customsync", "customasync"})
MOST_STEPS = 3


def check_bypass(access: Access, call: Call) -> None:
    """Raises 403 without the privilege, 400 for values that make no sense."""
    if (call.header("mscrm.bypasscustompluginexecution") or "").strip().lower() == "true":
        access.demand("prvBypassCustomPlugins")
    kinds = _listed(call, "mscrm.bypassbusinesslogicexecution")
    steps = _listed(call, "mscrm.bypassbusinesslogicexecutionstepids")
    if kinds or steps:
        access.demand("prvBypassCustomBusinessLogic")
    if not {kind.lower() for kind in kinds} <= KINDS:
        raise ApiError("InvalidArgument", "BypassBusinessLogicExecution takes CustomSync and CustomAsync.")
    if len(steps) > MOST_STEPS or not all(as_guid(step) for step in steps):
        raise ApiError(
            "InvalidArgument",
            f"BypassBusinessLogicExecutionStepIds takes the ids of at most {MOST_STEPS} steps.",
        )


def _listed(call: Call, header: str) -> list[str]:
    return [part.strip() for part in (call.header(header) or "").split(",") if part.strip()]
