from entities.models.change import ChangedValues, RecordChange
from entities.models.layout import GridLayout
from entities.models.recent import RecentRecord
from entities.models.view import SavedView

__all__ = ["ChangedValues", "GridLayout", "RecentRecord", "RecordChange", "SavedView"]
