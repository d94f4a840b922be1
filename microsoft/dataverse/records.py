"""Reading and writing records."""
# ruff: noqa: A002 (filter and id are the words of OData and of everybody who uses it)

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from microsoft.errors import Invalid
from microsoft.odata import build_url, guid, name
from microsoft.odata import key as literal

from .calls import Calls, created_id

MAX_PAGE = 5000
_ANY = 'odata.include-annotations="*"'
_COUNT_LIMIT = "Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"


@dataclass(frozen=True)
class Page:
    """Records with their annotations, the link to the next page, and the count if it was asked for.

    `count` never exceeds 5,000; `count_limited` says that there are more.
    """

    records: list[dict[str, Any]]
    next_link: str | None
    count: int | None
    count_limited: bool


class Records(Calls):
    """Records by their entity's set name (`accounts`).

    Raises, besides Transient and what the tokens raise: Invalid (a name or filter is wrong), Forbidden (a
    privilege is missing), NotFound, Conflict (the version is stale), Duplicate.
    """

    def list(
        self,
        set_name: str,
        *,
        select: Sequence[str] = (),
        filter: str | None = None,
        orderby: Sequence[str] = (),
        expand: str | None = None,
        top: int | None = None,
        count: bool = False,
        page_size: int | None = None,
        formatted: bool = True,
    ) -> Page:
        """One page of records.

        `select` takes property names (`_x_value` for lookups), `orderby` items like `name desc`. `page_size` is at
        most 5,000; `top` ends the listing after so many and rules paging out, as Dataverse ignores the one beside
        the other. `formatted` adds the annotations that `formatted()` and `lookup()` read.
        https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/query/overview
        """
        params = {
            "$select": ",".join(select),
            "$filter": filter or "",
            "$orderby": ",".join(orderby),
            "$expand": expand or "",
            "$top": "" if top is None else str(_within(top, "top")),
            "$count": "true" if count else "",
        }
        headers = _prefer(page_size if top is None else None, formatted=formatted, count=count)
        return _page(self.call("GET", name(set_name), params, headers=headers).json())

    def next_page(self, next_link: str, *, page_size: int | None = None, formatted: bool = True) -> Page:
        """The page behind a `next_link`; repeat page_size and formatted, the link does not hold them.

        A link that leads elsewhere raises OriginRefused, and no token is sent there.
        """
        counted = "count=true" in next_link
        return _page(
            self.follow(next_link, headers=_prefer(page_size, formatted=formatted, count=counted)).json()
        )

    def pages(
        self,
        set_name: str,
        *,
        select: Sequence[str] = (),
        filter: str | None = None,
        orderby: Sequence[str] = (),
        expand: str | None = None,
        page_size: int | None = None,
        formatted: bool = True,
    ) -> Iterator[Page]:
        """All pages, each fetched when it is asked for."""
        page = self.list(
            set_name,
            select=select,
            filter=filter,
            orderby=orderby,
            expand=expand,
            page_size=page_size,
            formatted=formatted,
        )
        yield page
        while page.next_link:
            page = self.next_page(page.next_link, page_size=page_size, formatted=formatted)
            yield page

    def count(self, set_name: str, filter: str | None = None) -> int:
        """How many records there are; 5,000 stands for that or more.

        https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/query/count-rows
        """
        answer = self.call(
            "GET", f"{name(set_name)}/$count", {"$filter": filter or ""}, headers={"Accept": "*/*"}
        )
        return int(answer.text.strip())

    def total(self, logical_name: str) -> int:
        """How many records the table has, as the server counted them within the last 24 hours; no bound.

        https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/reference/retrievetotalrecordcount
        """
        answer = self.call(
            "GET",
            "RetrieveTotalRecordCount(EntityNames=@p1)",
            {"@p1": json.dumps([name(logical_name)])},
        ).json()
        counted = answer["EntityRecordCountCollection"]
        return int(dict(zip(counted["Keys"], counted["Values"], strict=True))[logical_name])

    def get(
        self,
        set_name: str,
        id: str,
        *,
        select: Sequence[str] = (),
        expand: str | None = None,
        formatted: bool = True,
    ) -> dict[str, Any]:
        """One record with its annotations.

        https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/retrieve-entity-using-web-api
        """
        params = {"$select": ",".join(select), "$expand": expand or ""}
        found = self.call(
            "GET", _record(set_name, id), params, headers=_prefer(None, formatted=formatted)
        ).json()
        return dict(found)

    def create(self, set_name: str, body: Mapping[str, Any]) -> str:
        """Create a record and return its id. Lookups go as `"navigation@odata.bind": "/set(id)"` (see `bind`).

        https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/create-entity-web-api
        """
        return created_id(self.call("POST", name(set_name), body=dict(body)))

    def update(self, set_name: str, id: str, body: Mapping[str, Any], *, etag: str = "*") -> None:
        """Change some attributes of an existing record; never creates one.

        With the `etag` that was read, a change by somebody else since then raises Conflict.
        https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/perform-conditional-operations-using-web-api
        """
        self.call("PATCH", _record(set_name, id), body=dict(body), headers={"If-Match": etag or "*"})

    def upsert(
        self, set_name: str, key: Mapping[str, object], body: Mapping[str, Any], primary_id: str
    ) -> tuple[str, bool]:
        """Change the record with this alternate key (property → value), or create it: its id, and whether it is new.

        `body` must not repeat the key. `primary_id` names the property that holds the id.
        https://learn.microsoft.com/en-us/power-apps/developer/data-platform/use-upsert-insert-update-record
        """
        answer = self.call(
            "PATCH",
            keyed(set_name, key),
            {"$select": name(primary_id)},
            body=dict(body),
            headers={"Prefer": "return=representation"},
            retry=True,
        )
        return str(guid(answer.json()[primary_id])), answer.status == 201

    def delete(self, set_name: str, id: str, *, etag: str | None = None) -> None:
        """Delete a record, only in the version `etag` if given (else Conflict)."""
        self.call("DELETE", _record(set_name, id), headers={"If-Match": etag} if etag else None)

    def associate(self, set_name: str, id: str, navigation: str, target_set: str, target_id: str) -> None:
        """Add a record to a collection-valued navigation. An existing link raises Duplicate.

        https://learn.microsoft.com/en-us/power-apps/developer/data-platform/webapi/associate-disassociate-entities-using-web-api
        """
        reference = {"@odata.id": build_url(self.base, f"/{_record(target_set, target_id)}")}
        self.call("POST", f"{_record(set_name, id)}/{name(navigation)}/$ref", body=reference)

    def disassociate(
        self,
        set_name: str,
        id: str,
        navigation: str,
        target_id: str | None = None,
    ) -> None:
        """Remove a record from a collection-valued navigation, or clear a single-valued one (no `target_id`)."""
        target = f"({guid(target_id)})" if target_id is not None else ""
        self.call("DELETE", f"{_record(set_name, id)}/{name(navigation)}{target}/$ref")


def bind(set_name: str, id: str) -> str:
    """The value of an `@odata.bind`."""
    return f"/{_record(set_name, id)}"


def keyed(set_name: str, key: Mapping[str, object]) -> str:
    """The address of the record with an alternate key (property → value)."""
    values = ",".join(f"{name(each)}={literal(value)}" for each, value in key.items())
    return f"{name(set_name)}({values})"


def _record(set_name: str, id: str) -> str:
    return f"{name(set_name)}({guid(id)})"


def _within(size: int, what: str) -> int:
    if not 1 <= size <= MAX_PAGE:
        raise Invalid(f"{what} must be from 1 to {MAX_PAGE}")
    return size


def _prefer(page_size: int | None, *, formatted: bool, count: bool = False) -> dict[str, str]:
    wanted = []
    if page_size is not None:
        wanted.append(f"odata.maxpagesize={_within(page_size, 'page_size')}")
    if formatted:
        wanted.append(_ANY)
    elif count:
        wanted.append(f'odata.include-annotations="{_COUNT_LIMIT}"')
    return {"Prefer": ",".join(wanted)} if wanted else {}


def _page(found: Mapping[str, Any]) -> Page:
    count = found.get("@odata.count")
    return Page(
        records=found["value"],
        next_link=found.get("@odata.nextLink"),
        count=None if count is None else int(count),
        count_limited=bool(found.get(f"@{_COUNT_LIMIT}")),
    )
