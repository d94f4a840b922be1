"""Queries in FetchXML.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/fetchxml/retrieve-data
"""

from collections.abc import Mapping
from typing import Any

from microsoft.errors import MicrosoftError
from microsoft.odata import name

from .batch import Batches, Part

LONGEST_IN_ADDRESS = 2000  # characters; beyond it proxies begin to refuse, and a batch takes 64 K
_ANNOTATIONS = {"Prefer": 'odata.include-annotations="*"'}


class Fetching(Batches):
    """Records by FetchXML. Raises as `Records` does."""

    def fetch(self, set_name: str, fetch_xml: str) -> list[dict[str, Any]]:
        """The rows of one page, with their annotations; `top` or `count` in the query say how many."""
        params = {"fetchXml": fetch_xml}
        if len(fetch_xml) <= LONGEST_IN_ADDRESS:
            found: Mapping[str, Any] = self.call("GET", name(set_name), params, headers=_ANNOTATIONS).json()
        else:
            answer = self.batch([Part("GET", name(set_name), params, headers=_ANNOTATIONS)])[0]
            if isinstance(answer, MicrosoftError):
                raise answer
            found = answer.json()
        return list(found["value"])
