"""The REST service of published integrations.

The definition is data, so the routes are few and the same for every service: `routes` leads from a path to a
handler, which calls `integrations.operations` as every other user of records does. What a value may be is said
once, in `integrations.values`; what a service offers is said in `integrations.openapi`.
"""
