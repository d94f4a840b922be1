"""Keeps every process within an environment's limits: how many calls at once, how many in a while, and whose turn it is.

Dataverse counts per user and web server, so there is one governor per environment and identity; all processes share
what it knows through Redis, in one round trip per question. Its rules stand in rules.lua, docs/governor.md tells them.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/api-limits
"""

from connections.governor.governor import SharedGovernor, governor_for, governor_of

__all__ = ["SharedGovernor", "governor_for", "governor_of"]
