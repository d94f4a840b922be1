from integrations.models.binding import Binding, Stage
from integrations.models.integration import Integration
from integrations.models.version import Version

__all__ = ["Binding", "Integration", "Stage", "Version"]
