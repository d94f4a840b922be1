"""$batch: operations in order, changesets as transactions.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
"""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from sandbox.dataverse.errors import ApiError, bad_query, no_method
from sandbox.dataverse.organization import Organization
from sandbox.dataverse.records.references import ROOT, referred
from sandbox.dataverse.web.call import JSON_TYPE, Answer, Call, error_answer
from sandbox.dataverse.web.multipart import (
    InnerRequest,
    Part,
    boundary_of,
    http_part,
    multipart,
    nested_part,
    new_boundary,
    read_request,
    split_parts,
)

BATCH = "$batch"
MOST_REQUESTS = 1000
# These say who acts and how; everything else must stand in the part that it is meant for.
INHERITED = ("callerobjectid", "mscrmcallerid")
WITHOUT_ID = "Each change set request must have a Content-ID header that is unique within the change set."
SET_OF_CONTEXT = re.compile(r"\$metadata#(\w+)(?:\(|/\$entity)")
PLAIN_ID = re.compile(r"[\w.\-]{1,100}\Z")


@dataclass
class Outcome:
    """One part of the answer, and the status of what failed in it."""

    content: bytes
    failed: int | None = None


class ChangesetFailed(Exception):  # noqa: N818 - ends a transaction
    """Carries the answer of the culprit out of the transaction that it undoes."""

    def __init__(self, answer: Answer, content_id: str | None) -> None:
        super().__init__()
        self.answer = answer
        self.content_id = content_id


class Batch:
    """Answers one batch. `serve` answers one operation and raises ApiError."""

    def __init__(self, organization: Organization, call: Call, serve: Callable[[Call], Answer]) -> None:
        self._organization = organization
        self._call = call
        self._serve = serve

    def answer(self) -> Answer:
        """Raises a 400 for what is no batch at all; failures of parts are parts of the answer."""
        if self._call.method != "POST":
            raise no_method(self._call.method)
        outcomes: list[Outcome] = []
        failed: int | None = None
        for item in self._items():
            outcome = self._changeset(item) if isinstance(item, list) else self._single(item)
            outcomes.append(outcome)
            if outcome.failed is not None and not self._call.preferences.continue_on_error:
                failed = outcome.failed
                break
        boundary = new_boundary("batchresponse")
        body = multipart(boundary, (outcome.content for outcome in outcomes))
        headers = {}
        if self._call.preferences.continue_on_error:
            headers["Preference-Applied"] = "odata.continue-on-error"
        return Answer(failed or 200, body, headers, f"multipart/mixed; boundary={boundary}")

    def _items(self) -> list[Part | list[Part]]:
        """Parts, and changesets as lists of parts."""
        content_type = self._call.header("content-type") or ""
        boundary = boundary_of(content_type)
        if boundary is None:
            raise bad_query(
                f"An invalid media type was specified: '{content_type[:100]}'. A batch request must have a media type "
                "of 'multipart/mixed' with a boundary."
            )
        items: list[Part | list[Part]] = []
        for part in split_parts(self._call.body, boundary):
            inner = boundary_of(part.headers.get("content-type", ""))
            items.append(part if inner is None else split_parts(b"\n" + part.content, inner))
        count = sum(len(item) if isinstance(item, list) else 1 for item in items)
        if count > MOST_REQUESTS:
            raise bad_query(
                f"The batch holds {count} requests; the maximum number of requests in a batch is {MOST_REQUESTS}."
            )
        return items

    def _single(self, part: Part) -> Outcome:
        content_id = _content_id(part)
        answer = self._operation(part, {})
        return Outcome(_framed(answer, content_id), answer.status if answer.status >= 400 else None)

    def _changeset(self, parts: list[Part]) -> Outcome:
        """All or nothing. A failure is answered alone."""
        boundary = new_boundary("changesetresponse")
        try:
            with self._organization.write():
                contents = self._members(parts)
        except ChangesetFailed as failure:
            error = _framed(failure.answer, failure.content_id)
            return Outcome(nested_part(boundary, [error]), failure.answer.status)
        return Outcome(nested_part(boundary, contents))

    def _members(self, parts: list[Part]) -> list[bytes]:
        seen: set[str] = set()
        known: dict[str, str] = {}
        contents: list[bytes] = []
        for part in parts:
            content_id = _content_id(part)
            if content_id is None or content_id in seen:
                raise ChangesetFailed(error_answer(bad_query(WITHOUT_ID)), content_id)
            seen.add(content_id)
            answer = self._operation(part, known, writing=True)
            if answer.status >= 400:
                raise ChangesetFailed(answer, content_id)
            address = self._address(answer)
            if address is not None:
                known[content_id] = address
            contents.append(_framed(answer, content_id))
        return contents

    def _address(self, answer: Answer) -> str | None:
        """The row that an answer is about, relative to the service root: what its Content-ID stands for."""
        location = answer.headers.get("OData-EntityId")
        if location is not None:
            return ROOT.sub("", location, count=1)
        body = answer.body if isinstance(answer.body, dict) else {}
        found = SET_OF_CONTEXT.search(str(body.get("@odata.context", "")))
        entity = self._organization.snapshot.sets.get(found.group(1)) if found else None
        return f"{entity.table.set_name}({body[entity.id]})" if entity and entity.id in body else None

    def _operation(self, part: Part, references: dict[str, str], *, writing: bool = False) -> Answer:
        try:
            request = read_request(part.content)
            call = self._inner(request, references)
            if writing and call.method in {"GET", "HEAD"}:
                raise bad_query("A GET request was found in a change set, where only changes are allowed.")
            if call.path.strip("/") == BATCH:
                raise bad_query("A batch request cannot hold another batch request.")
            answer = self._serve(call)
        except ApiError as error:
            return error_answer(error)
        if call.method == "POST" and "OData-EntityId" in answer.headers:
            answer.headers = {"Location": answer.headers["OData-EntityId"], **answer.headers}
        return answer

    def _inner(self, request: InnerRequest, references: dict[str, str]) -> Call:
        """The call of a part. URLs are absolute, absolute paths, or relative to the service root."""
        url, _, query = request.url.partition("?")
        path = referred(ROOT.sub("", unquote(url), count=1), references)
        if path.startswith(("http://", "https://", "/api/")):
            message = f"No HTTP resource was found that matches the request URI '{url}'."
            raise ApiError("SegmentUnknown", message)
        inherited = {
            name: value for name in INHERITED if (value := self._call.header(name)) is not None
        } | request.headers
        return Call(
            request.method, path, query, inherited, request.body, self._call.base, references, in_batch=True
        )


def _content_id(part: Part) -> str | None:
    found = part.headers.get("content-id", "")
    return found if PLAIN_ID.match(found) else None


def _framed(answer: Answer, content_id: str | None) -> bytes:
    """An answer as a part, its headers in the order in which Microsoft writes them."""
    content = answer.content()
    headers: dict[str, str] = {}
    if content:
        streamed = answer.status < 300 and answer.content_type == JSON_TYPE
        headers["Content-Type"] = answer.content_type + ("; odata.streaming=true" if streamed else "")
    headers["OData-Version"] = "4.0"
    if answer.status >= 400:
        headers["REQ_ID"] = str(uuid.uuid4())
    headers |= answer.headers
    return http_part(answer.status, headers, content, content_id)
