"""The client of one environment."""

from dataclasses import dataclass

from .bulk import Bulk
from .changes import Changes
from .fetching import Fetching
from .files import Files
from .metadata import Metadata
from .security import Security


@dataclass(frozen=True)
class WhoAmI:
    user_id: str
    business_unit_id: str
    organization_id: str


class Dataverse(Metadata, Security, Bulk, Changes, Fetching, Files):
    """`Dataverse(door, url, tokens, governor=None, priority="person", default_scope=False)`.

    `url` is the environment's address; one that the cloud does not allow raises OriginRefused here. Use
    `default_scope=True` when the tokens are an application's own.
    """

    def who_am_i(self) -> WhoAmI:
        """Which user of the environment the tokens stand for.

        https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/reference/whoami
        """
        found = self.call("GET", "WhoAmI").json()
        return WhoAmI(
            user_id=found["UserId"],
            business_unit_id=found["BusinessUnitId"],
            organization_id=found["OrganizationId"],
        )
