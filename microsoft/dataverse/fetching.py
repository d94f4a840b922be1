"""Queries in FetchXML.

https://learn.microsoft.com/en-us/power-apps/developer/data-platform/fetchxml/retrieve-data
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import unquote

from microsoft.errors import MicrosoftError
from microsoft.odata import name

from .batch import Batches, Part

LONGEST_IN_ADDRESS = 2000  # characters; beyond it proxies begin to refuse, and a batch takes 64 K
_COOKIE = re.compile(r'pagingcookie="([^"]*)"')
_ANNOTATIONS = {"Prefer": 'odata.include-annotations="*"'}


@dataclass(frozen=True)
class Fetched:
    """One page of rows with their annotations. `cookie` is what the next page is asked with, where there is one."""

    records: list[dict[str, Any]]
    more: bool = False
    cookie: str = ""


class Fetching(Batches):
    """Records by FetchXML. Raises as `Records` does."""

    def fetch(self, set_name: str, fetch_xml: str) -> Fetched:
        """One page of rows; `top`, `count`, `page` and `paging-cookie` in the query say which.

        https://learn.microsoft.com/en-us/power-apps/developer/data-platform/fetchxml/page-results
        """
        params = {"fetchXml": fetch_xml}
        if len(fetch_xml) <= LONGEST_IN_ADDRESS:
            found: Mapping[str, Any] = self.call("GET", name(set_name), params, headers=_ANNOTATIONS).json()
        else:
            answer = self.batch([Part("GET", name(set_name), params, headers=_ANNOTATIONS)])[0]
            if isinstance(answer, MicrosoftError):
                raise answer
            found = answer.json()
        return Fetched(
            list(found["value"]),
            bool(found.get("@Microsoft.Dynamics.CRM.morerecords", False)),
            _cookie(str(found.get("@Microsoft.Dynamics.CRM.fetchxmlpagingcookie") or "")),
        )


def _cookie(annotation: str) -> str:
    """The annotation wraps the cookie in XML, and encodes it twice on top of that."""
    found = _COOKIE.search(annotation)
    return unquote(unquote(unescape(found[1]))) if found else ""
