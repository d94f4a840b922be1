"""Who and what exists before anybody does anything: two tenants, four people, three environments."""

import sqlite3
import uuid

from sandbox.directory.model import GLOBAL_ADMINISTRATOR

NAMESPACE = uuid.UUID("6f0d7f6e-5a0a-5d0e-9b43-0a8d5f6a1c11")


def identifier(*parts: str) -> str:
    """The same name has the same GUID in every sandbox, so that notes and tests can quote it."""
    return str(uuid.uuid5(NAMESPACE, "/".join(parts)))


CONTOSO = identifier("tenant", "contoso")
FABRIKAM = identifier("tenant", "fabrikam")
ANA = identifier("person", "ana")
BEN = identifier("person", "ben")
CLEO = identifier("person", "cleo")
DARA = identifier("person", "dara")

TENANTS = [(CONTOSO, "Contoso", "contoso.example"), (FABRIKAM, "Fabrikam", "fabrikam.example")]
PEOPLE = [
    (ANA, CONTOSO, "ana@contoso.example", "Ana", "Alvarez", "IT administrator", GLOBAL_ADMINISTRATOR),
    (BEN, CONTOSO, "ben@contoso.example", "Ben", "Okafor", "Solution builder", ""),
    (CLEO, CONTOSO, "cleo@contoso.example", "Cleo", "Martin", "Sales representative", ""),
    (DARA, FABRIKAM, "dara@fabrikam.example", "Dara", "Novak", "IT administrator", GLOBAL_ADMINISTRATOR),
]
VERSION = "9.2.25104.00170"
ENVIRONMENTS = [
    ("contoso-dev", "Contoso Sales (Development)", CONTOSO, "EMEA"),
    ("contoso", "Contoso Sales", CONTOSO, "EMEA"),
    ("fabrikam", "Fabrikam", FABRIKAM, "NA"),
]


def seed(connection: sqlite3.Connection) -> None:
    """Fill an empty directory."""
    connection.executemany("INSERT INTO tenant (id, name, domain) VALUES (?, ?, ?)", TENANTS)
    for position, (oid, tenant, upn, given, surname, title, roles) in enumerate(PEOPLE):
        connection.execute(
            "INSERT INTO person VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?)",
            (oid, tenant, upn, f"{given} {surname}", given, surname, title, roles, position),
        )
    for position, (name, label, tenant, region) in enumerate(ENVIRONMENTS):
        organization, environment = identifier("organization", name), identifier("environment", name)
        connection.execute(
            "INSERT INTO environment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (organization, name, name, label, tenant, region, VERSION, environment, position),
        )
