"""The Prefer header: what the caller asks for, and what was honoured.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/compose-http-requests-handle-errors
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

LEVEL = re.compile(r"odata\.metadata\s*=\s*(full|none)\b", re.IGNORECASE)
PART = re.compile(r'\s*([\w.\-]+)\s*(?:=\s*(?:"([^"]*)"|([^,;]*)))?\s*(?:;[^,]*)?(?:,|\Z)')
FORMATTED = "OData.Community.Display.V1.FormattedValue"
CRM = "Microsoft.Dynamics.CRM."
NAVIGATION = CRM + "associatednavigationproperty"
LOGICAL_NAME = CRM + "lookuplogicalname"
TOTAL = CRM + "totalrecordcount"
TOTAL_EXCEEDED = CRM + "totalrecordcountlimitexceeded"
MORE_RECORDS = CRM + "morerecords"
PAGING_COOKIE = CRM + "fetchxmlpagingcookie"
LARGEST_PAGE = 5000


@dataclass(frozen=True)
class Preferences:
    """`annotations` are the patterns asked for; `applied` are the parts to echo; `metadata` is OData's level of it."""

    representation: bool = False
    page_size: int | None = None
    annotations: tuple[str, ...] = ()
    track_changes: bool = False
    continue_on_error: bool = False
    metadata: str = "minimal"
    applied: list[str] = field(default_factory=list)

    def wants(self, annotation: str) -> bool:
        """Is an annotation asked for, by name or by a pattern such as *?"""
        wanted = False
        for pattern in self.annotations:
            negative = pattern.startswith("-")
            name = pattern.removeprefix("-")
            if name in {"*", annotation} or (name.endswith("*") and annotation.startswith(name[:-1])):
                wanted = not negative
        return wanted


def parse_preferences(headers: Mapping[str, str]) -> Preferences:
    """Preferences of a request; unknown ones are ignored, as the header's definition asks."""
    found: dict[str, str] = {}
    for name, quoted, bare in PART.findall(headers.get("prefer", "")):
        found.setdefault(name.lower(), (quoted or bare).strip())
    applied: list[str] = []
    representation = found.get("return", "").lower() == "representation"
    if representation:
        applied.append("return=representation")
    size = _page_size(found.get("odata.maxpagesize"))
    if size is not None:
        applied.append(f"odata.maxpagesize={size}")
    annotations = tuple(
        part.strip() for part in found.get("odata.include-annotations", "").split(",") if part.strip()
    )
    if annotations:
        applied.append(f'odata.include-annotations="{",".join(annotations)}"')
    applied.extend(flag for flag in ("odata.track-changes", "odata.continue-on-error") if flag in found)
    level = LEVEL.search(headers.get("accept", ""))
    return Preferences(
        representation,
        size,
        annotations,
        "odata.track-changes" in found,
        "odata.continue-on-error" in found,
        level.group(1).lower() if level else "minimal",
        applied,
    )


def _page_size(text: str | None) -> int | None:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) == 0:
        return None
    return int(text)
