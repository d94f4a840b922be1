"""$select, $filter, $orderby and $expand over metadata documents, evaluated in Python."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sandbox.dataverse.errors import bad_query, no_property
from sandbox.dataverse.odata.options import Expand, parse_expand, parse_orderby, parse_select, parse_top
from sandbox.dataverse.odata.parser import parse
from sandbox.dataverse.odata.tree import Comparison, Function, Junction, Lambda, Literal, Negation, Node, Path

Document = dict[str, Any]
# Related documents by navigation property, for one document.
Related = Callable[[Document, str], Any]
SUPPORTED = frozenset({"$select", "$filter", "$orderby", "$top", "$expand", "$count", "LabelLanguages"})
UNKNOWN = object()


def read(document: Any, path: Path, type_name: str) -> Any:
    """The value at a path, such as CanCreateAttributes/Value. Raises a 400 for an unknown name."""
    value = document
    for name in path.names:
        if value is None:
            return None
        if not isinstance(value, dict) or name not in value:
            raise no_property(name, type_name)
        value = value[name]
    return value


def evaluate(node: Node, document: Document, type_name: str) -> bool:
    """Is a filter true of a document?"""
    if isinstance(node, Junction):
        results = (evaluate(item, document, type_name) for item in node.items)
        return all(results) if node.kind == "and" else any(results)
    if isinstance(node, Negation):
        return not evaluate(node.item, document, type_name)
    if isinstance(node, Comparison):
        return _compare(node, document, type_name)
    if isinstance(node, Function):
        return _function(node, document, type_name)
    if isinstance(node, Path):
        return read(document, node, type_name) is True
    if isinstance(node, Lambda) or not isinstance(node, Literal):
        raise bad_query("The filter is not supported for metadata.")
    return node.value is True


def _operand(node: Node, document: Document, type_name: str) -> Any:
    value = read(document, node, type_name) if isinstance(node, Path) else getattr(node, "value", UNKNOWN)
    if value is UNKNOWN:
        raise bad_query("The filter is not supported for metadata.")
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _compare(node: Comparison, document: Document, type_name: str) -> bool:
    left, right = _operand(node.left, document, type_name), _operand(node.right, document, type_name)
    if node.operator in {"eq", "ne"}:
        same = left == right
        if isinstance(left, str) and isinstance(right, str):
            same = left.lower() == right.lower()
        return bool(same) == (node.operator == "eq")
    if left is None or right is None:
        return False
    try:
        results = {"gt": left > right, "ge": left >= right, "lt": left < right, "le": left <= right}
    except TypeError as error:
        raise bad_query("A binary operator with incompatible types was detected.") from error
    return bool(results[node.operator])


def _function(node: Function, document: Document, type_name: str) -> bool:
    if len(node.arguments) != 2:
        raise bad_query(
            f"No function signature for the function with name '{node.name}' matches the arguments."
        )
    texts = [_operand(argument, document, type_name) for argument in node.arguments]
    if not all(isinstance(text, str) for text in texts):
        return False
    text, part = (str(value).lower() for value in texts)
    tests = {"contains": part in text, "startswith": text.startswith(part), "endswith": text.endswith(part)}
    return tests[node.name]


def project(document: Document, select: tuple[str, ...] | None, type_name: str) -> Document:
    """A document with the selected properties; MetadataId and annotations always stay."""
    if select is None:
        return dict(document)
    for name in select:
        if name not in document:
            raise no_property(name, type_name)
    wanted = {"MetadataId", *select}
    return {key: value for key, value in document.items() if key in wanted or key.startswith("@")}


def expand(document: Document, result: Document, items: tuple[Expand, ...], related: Related) -> None:
    """Add related documents to a result."""
    for item in items:
        found = related(document, item.name)
        if isinstance(found, list):
            result[item.name] = select_all(
                found, item.select, item.filter, item.expand, related=related, type_name=item.name
            )
        elif found is None:
            result[item.name] = None
        else:
            inner = project(found, item.select, item.name)
            expand(found, inner, item.expand, related)
            result[item.name] = inner


def select_all(
    documents: list[Document],
    select: tuple[str, ...] | None,
    filter_text: str | None,
    items: tuple[Expand, ...],
    *,
    related: Related,
    type_name: str,
    aliases: Mapping[str, str] | None = None,
) -> list[Document]:
    """Filter, project and expand."""
    if filter_text:
        node = parse(filter_text, aliases or {})
        documents = [document for document in documents if evaluate(node, document, type_name)]
    results = []
    for document in documents:
        result = project(document, select, type_name)
        expand(document, result, items, related)
        results.append(result)
    return results


def answer_list(
    documents: list[Document],
    options: Mapping[str, str],
    aliases: Mapping[str, str],
    related: Related,
    type_name: str,
) -> list[Document]:
    """All options of a metadata list. Raises a 400 for others."""
    for name in options:
        if name.startswith("$") and name not in SUPPORTED:
            raise bad_query(f"The query parameter {name} is not supported")
    for path, descending in reversed(parse_orderby(options.get("$orderby"))):
        documents = sorted(documents, key=lambda d: _sort_key(read(d, path, type_name)), reverse=descending)
    select, items = parse_select(options.get("$select")), parse_expand(options.get("$expand"))
    found = select_all(
        documents,
        select,
        options.get("$filter"),
        items,
        related=related,
        type_name=type_name,
        aliases=aliases,
    )
    top = parse_top(options.get("$top"))
    return found if top is None else found[:top]


def _sort_key(value: Any) -> tuple[bool, str, Decimal]:
    if isinstance(value, (int, Decimal)):
        return True, "", Decimal(value)
    return value is not None, str(value).lower(), Decimal(0)
