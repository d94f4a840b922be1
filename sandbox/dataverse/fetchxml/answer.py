"""Answers FetchXML: rows, counts and the paging annotations."""

from typing import Any

from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.fetchxml.binder import bind
from sandbox.dataverse.fetchxml.element import invalid, parse
from sandbox.dataverse.fetchxml.paging import Request, read_request
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.query.operators import Sql
from sandbox.dataverse.query.paging import TOKEN, malformed, paging_cookie, skip_token
from sandbox.dataverse.query.tree import Query
from sandbox.dataverse.records.reading import MOST_AGGREGATED, Page, Reader
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.web.preferences import MORE_RECORDS, PAGING_COOKIE, TOTAL, TOTAL_EXCEEDED

LONGEST = 65_536


class FetchAnswer:
    """One FetchXML query on one set. `fixed` is a condition from the path."""

    def __init__(self, session: Session, entity: Entity, text: str, fixed: Sql | None = None) -> None:
        """Raises a 400 for whatever is wrong with the query."""
        if len(text) > LONGEST:
            raise invalid("The FetchXML is too long.")
        self.session = session
        self.fetch = parse(text)
        self.query: Query = bind(self.fetch, session.snapshot)
        found = self.query.scope.root.entity
        if found is not entity:
            raise ApiError(
                "FetchInvalid",
                f"The entity '{found.name}' of the FetchXML does not match the entity set '{entity.table.set_name}'.",
            )
        self.reader = Reader(session, self.query, fixed, zero_sums=True)
        if self.query.aggregate:
            limit = self.fetch.number("aggregatelimit", 10**9)
            self.reader.check_ceiling(min(limit or MOST_AGGREGATED, MOST_AGGREGATED))

    def request(self) -> Request:
        """The page that the query asks for."""
        preferred = self.session.preferences.page_size
        carry = self.reader.can_carry_on
        keys = [key for key, _, _ in self.reader.sorting]
        return read_request(self.fetch, preferred, keys, can_carry_on=carry)

    def body(self, *, count: bool) -> dict[str, Any]:
        """The page as the wire shows it."""
        request = self.request()
        page = self.reader.page(request.slice)
        body: dict[str, Any] = {"@odata.context": self.context()}
        body.update(self.counts(count=count))
        if page.more and not request.is_top:
            body.update(self._paging(request, page))
        body["value"] = page.documents
        return body

    def linked_body(self, link: str, token: str | None, *, count: bool) -> dict[str, Any]:
        """A view's page, which goes on by @odata.nextLink; `link` is the request's URL without its $skiptoken."""
        if token is not None:
            outer = TOKEN.match(token)
            if not outer:
                raise malformed()
            self.fetch.attributes["page"] = outer.group(1)
            if outer.group(2) is not None:
                self.fetch.attributes["paging-cookie"] = token
        request = self.request()
        page = self.reader.page(request.slice)
        body: dict[str, Any] = {"@odata.context": self.context()}
        body.update(self.counts(count=count))
        body["value"] = page.documents
        if page.more and not request.is_top:
            inner = self.reader.cookie(request.number, page) or ""
            separator = "&" if "?" in link else "?"
            token = skip_token(paging_cookie(request.number, inner))
            body["@odata.nextLink"] = f"{link}{separator}$skiptoken={token}"
        return body

    def context(self) -> str:
        root = self.query.scope.root.entity
        names = [o.ref.column.wire for o in self.query.outputs if o.plain]
        listed = f"({','.join(names)})" if names else ""
        return f"{self.session.base}/$metadata#{root.table.set_name}{listed}"

    def counts(self, *, count: bool) -> dict[str, Any]:
        """@odata.count and its relatives, asked for in the FetchXML or in the URL."""
        wants = self.session.preferences.wants
        wanted = count or self.fetch.flag("returntotalrecordcount")
        total, exceeded = self.reader.total() if wanted else (-1, False)
        found: dict[str, Any] = {"@odata.count": total} if wanted else {}
        if wants(TOTAL):
            found[f"@{TOTAL}"] = total
        if wants(TOTAL_EXCEEDED):
            found[f"@{TOTAL_EXCEEDED}"] = exceeded
        return found

    def _paging(self, request: Request, page: Page) -> dict[str, Any]:
        wants = self.session.preferences.wants
        found: dict[str, Any] = {}
        inner = self.reader.cookie(request.number, page)
        if inner is not None and wants(PAGING_COOKIE):
            found[f"@{PAGING_COOKIE}"] = paging_cookie(request.number, inner)
        if wants(MORE_RECORDS):
            found[f"@{MORE_RECORDS}"] = True
        return found
