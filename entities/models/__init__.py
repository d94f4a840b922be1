from entities.models.bulk import Bulk, BulkRow, Column, Plan, Reached, RowFacts
from entities.models.change import ChangedValues, RecordChange
from entities.models.layout import GridLayout
from entities.models.recent import RecentRecord
from entities.models.stored import FilePart, StoredFile
from entities.models.transfer import Destination, FileTransfer
from entities.models.view import SavedView

__all__ = [
    "Bulk",
    "BulkRow",
    "ChangedValues",
    "Column",
    "Destination",
    "FilePart",
    "FileTransfer",
    "GridLayout",
    "Plan",
    "Reached",
    "RecentRecord",
    "RecordChange",
    "RowFacts",
    "SavedView",
    "StoredFile",
]
