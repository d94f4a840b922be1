"""Who calls and what they may.

privileges -> rights (what a user's roles add up to) -> access (decisions) ; callers (who it is)
"""
