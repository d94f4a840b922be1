"""Publishers and solutions of a new environment, and the messages for many rows that its tables answer."""

from collections.abc import Iterable

from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.directory.model import Environment
from sandbox.scenarios.loader import Loader

DEFAULT_SOLUTION = "fd140aaf-4df4-11dd-bd17-0019b9312238"
PUBLISHERS = (
    ("MicrosoftCorporation", "MicrosoftCorporation", "none", 10000),
    ("DefaultPublisher", "Default Publisher", "new", 10000),
    ("IsthmusSamples", "Isthmus samples", "smp", 72700),
)
MESSAGES = ("CreateMultiple", "UpdateMultiple", "UpsertMultiple")


def add_solutions(loader: Loader, environment: Environment) -> None:
    """Where customizations live."""
    publishers = [
        {
            "publisherid": loader.id("publisher", name),
            "uniquename": f"{name}{environment.unique_name}" if name == "DefaultPublisher" else name,
            "friendlyname": label,
            "customizationprefix": prefix,
            "customizationoptionvalueprefix": number,
            "isreadonly": int(prefix == "none"),
        }
        for name, label, prefix, number in PUBLISHERS
    ]
    loader.add("publisher", publishers)
    solutions = (
        ("Default", "Default Solution", DEFAULT_SOLUTION, "DefaultPublisher"),
        ("IsthmusSamples", "Isthmus samples", loader.id("solution", "IsthmusSamples"), "IsthmusSamples"),
    )
    loader.add(
        "solution",
        [
            {
                "solutionid": key,
                "uniquename": name,
                "friendlyname": label,
                "version": "1.0.0.0",
                "publisherid": loader.id("publisher", publisher),
                "installedon": loader.now,
            }
            for name, label, key, publisher in solutions
        ],
    )
    loader.add(
        "sdkmessage", [{"sdkmessageid": loader.id("message", name), "name": name} for name in MESSAGES]
    )
    add_filters(loader, loader.snapshot.entities.values())


def add_filters(loader: Loader, tables: Iterable[Entity]) -> None:
    """Which tables answer which messages."""
    loader.add(
        "sdkmessagefilter",
        [
            {
                "sdkmessagefilterid": loader.id("filter", message, entity.name),
                "name": message,
                "sdkmessageid": loader.id("message", message),
                "primaryobjecttypecode": entity.name,
            }
            for entity in tables
            if entity.table.ownership != "None" and not entity.table.is_view
            for message in MESSAGES
        ],
    )
