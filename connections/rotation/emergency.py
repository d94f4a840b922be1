"""After a compromise: whoever held the old key is shut out, as far as Microsoft allows.

Entra's tokens live on for about an hour after their key is gone. Disabling the application user for a moment ends
what was under way with them; leaving the connection disabled for that hour keeps them out altogether.
"""

from typing import Any

from accounts import gate
from accounts.reach import Reach
from connections.clients import dataverse_as
from connections.rotation import keys
from connections.rotation.work import Rotation
from microsoft.errors import Forbidden


def cut(work: Rotation) -> dict[str, Any]:
    """Remove keys that somebody else may have added, and disable and enable the application user.

    Each needs a person's rights; what this person may not do is said and left. Safe to repeat after a crash.
    """
    active = work.active
    if active is None:
        return {}
    actor, team = work.run.actor, work.connection.team
    tenant_id = work.connection.environment.tenant_id
    said: dict[str, Any] = {}
    if work.by_hand:
        said["strangers removed"] = "not looked for: an administrator has to delete every other certificate"
    elif gate.check(actor, team, tenant_id, Reach.GRAPH).open:
        work.run.progress(step="Removing every other certificate", message="")
        said["strangers removed"] = keys.remove_strangers(work, active)
    else:
        said["strangers removed"] = "not looked for: that takes an authorization that reaches Entra"
    work.run.progress(step="Ending what is under way", message="")
    said["application user"] = _restart_user(work)
    return said


def _restart_user(work: Rotation) -> str:
    environment = work.connection.environment
    authorization = gate.require(work.run.actor, work.connection.team, environment.tenant_id)
    dataverse = dataverse_as(authorization, environment)
    user_id = work.connection.identifiers.application_user_id
    try:
        with work.change("disabled the application user of"):
            dataverse.disable_user(user_id)
    except Forbidden as error:
        return f"left as it was: {error.message}"
    with work.change("enabled the application user of"):
        dataverse.enable_user(user_id)
    return "disabled and enabled again"
