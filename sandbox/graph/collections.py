"""Lists of items: filtered, paged, cut to the chosen properties."""

import base64
import binascii
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Response

from sandbox.graph.errors import bad_request
from sandbox.graph.odata import check_options, page_size, read_filter, select
from sandbox.graph.request import Call, answer

Item = dict[str, Any]


def listing(call: Call, suffix: str, items: list[Item], filterable: set[str]) -> Response:
    """An OData collection answer with a nextLink while there is more. Raises GraphError 400."""
    query = call.query
    check_options(query)
    if query.get("$filter"):
        wanted = read_filter(query["$filter"], filterable)
        items = [item for item in items if wanted(item)]
    start, size = _start(query), page_size(query)
    page = items[start : start + size]
    body: Item = {"@odata.context": call.context(suffix)}
    if query.get("$count") == "true":
        body["@odata.count"] = len(items)
    if start + size < len(items):
        token = base64.urlsafe_b64encode(str(start + size).encode()).decode()
        following = urlencode({**query, "$skiptoken": token})
        body["@odata.nextLink"] = f"{call.origin}{call.request.path}?{following}"
    body["value"] = [select(item, query) for item in page]
    return answer(body)


def _start(query: dict[str, str]) -> int:
    token = query.get("$skiptoken", "")
    if not token:
        return 0
    try:
        return max(0, int(base64.urlsafe_b64decode(token)))
    except (binascii.Error, ValueError) as error:
        raise bad_request("The skiptoken is not valid.", "Directory_ExpiredPageToken") from error
