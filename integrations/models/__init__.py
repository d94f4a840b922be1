from integrations.models.attempt import Attempt
from integrations.models.binding import Binding, Stage
from integrations.models.catalogue import CatalogueEntry
from integrations.models.drift import Drift
from integrations.models.integration import Integration
from integrations.models.key import ServiceKey
from integrations.models.usage import RecentCall, UsageHour
from integrations.models.version import Version

__all__ = [
    "Attempt",
    "Binding",
    "CatalogueEntry",
    "Drift",
    "Integration",
    "RecentCall",
    "ServiceKey",
    "Stage",
    "UsageHour",
    "Version",
]
