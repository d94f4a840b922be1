"""Answers ?sql=: rows and the link to the next page."""

from typing import Any

from sandbox.dataverse.errors import bad_query
from sandbox.dataverse.metadata.snapshot import Entity
from sandbox.dataverse.query.paging import TOKEN, malformed, paging_cookie, read_token, skip_token
from sandbox.dataverse.records.reading import Page, Reader, Slice
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.sql.binder import bind
from sandbox.dataverse.sql.parser import parse
from sandbox.dataverse.web.preferences import LARGEST_PAGE

LONGEST = 65_536


class SqlAnswer:
    """One statement on one set."""

    def __init__(self, session: Session, entity: Entity, text: str) -> None:
        """Raises a 400 for whatever is wrong with the statement."""
        if len(text) > LONGEST:
            raise bad_query("The SQL statement is too long.")
        self.session = session
        self.entity = entity
        self.select = parse(text)
        self._check_limits()
        query = bind(self.select, session.snapshot)
        if query.scope.root.entity is not entity:
            raise bad_query(
                f"The table '{self.select.table.name}' of the statement does not match the entity set "
                f"'{entity.table.set_name}'."
            )
        self.reader = Reader(session, query)

    def _check_limits(self) -> None:
        select = self.select
        for name, value in (("TOP", select.top), ("FETCH NEXT", select.fetch)):
            if value is not None and value > LARGEST_PAGE:
                raise bad_query(f"The value {value} of {name} is out of range: 0 to {LARGEST_PAGE}.")
        if select.top is not None and (select.offset or select.fetch is not None):
            raise bad_query("A TOP can not be used in the same query as an OFFSET.")

    def body(self, link: str, token: str | None) -> dict[str, Any]:
        """A page; `link` is this request's URL without its $skiptoken."""
        number, wanted = self._slice(token)
        page = self.reader.page(wanted)
        names = ",".join(output.name for output in self.reader.query.outputs if output.name)
        context = f"{self.session.base}/$metadata#{self.entity.table.set_name}({names})"
        body: dict[str, Any] = {"@odata.context": context, "value": page.documents}
        if page.more and self.select.top is None and self.select.fetch is None:
            body["@odata.nextLink"] = self._next(link, number, page)
        return body

    def _slice(self, token: str | None) -> tuple[int, Slice]:
        select = self.select
        if select.top is not None:
            return 1, Slice(select.top)
        if select.fetch is not None:
            return 1, Slice(select.fetch, select.offset)
        size = min(self.session.preferences.page_size or LARGEST_PAGE, LARGEST_PAGE)
        if token is None:
            return 1, Slice(size, select.offset)
        outer = TOKEN.match(token)
        if not outer:
            raise malformed()
        if self.reader.can_carry_on:
            position = read_token(token, [key for key, _, _ in self.reader.sorting])
            return position.page, Slice(size, values=position.values)
        number = max(int(outer.group(1)), 1)
        return number, Slice(size, select.offset + (number - 1) * size)

    def _next(self, link: str, number: int, page: Page) -> str:
        cookie = paging_cookie(number, self.reader.cookie(number, page) or "")
        return f"{link}&$skiptoken={skip_token(cookie)}"
