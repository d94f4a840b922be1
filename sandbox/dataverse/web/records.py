"""Rows as resources: lists, single rows, their properties and their neighbours."""

# Identifiers are quoted metadata names, values are parameters.
# ruff: noqa: S608

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sandbox.dataverse.errors import ApiError, bad_query, no_method, no_record, no_segment
from sandbox.dataverse.metadata.snapshot import Entity, Navigation
from sandbox.dataverse.odata.options import parse_expand, parse_select
from sandbox.dataverse.odata.path import Segment
from sandbox.dataverse.query.operators import Sql
from sandbox.dataverse.query.tree import Aliases, Scope
from sandbox.dataverse.records.expansion import Expander, expanded_context
from sandbox.dataverse.records.listing import Lister, read_options
from sandbox.dataverse.records.references import KeyAddress, Reference, find, missing, read_key
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.storage import quoted
from sandbox.dataverse.web.call import Answer, Call
from sandbox.dataverse.web.queries import answer_query

NAMESPACE = "Microsoft.Dynamics.CRM."
# What may stand in a query as it is. Batches hold raw spaces and quotes, links must not.
LEGAL = "%!$&'()*+,/:;=?@[]-._~"


def entity_url(session: Session, entity: Entity, record_id: str) -> str:
    return f"{session.base}/{entity.table.set_name}({record_id})"


def request_url(call: Call) -> str:
    """The request's URL without a $skiptoken, as the client wrote it otherwise."""
    kept = [
        part
        for part in call.query.split("&")
        if part and not part.lower().startswith(("$skiptoken", "%24skiptoken"))
    ]
    path = quote(call.path.strip("/"), safe="/()=,'$:@!*;-._~")
    return f"{call.base}/{path}?{quote('&'.join(kept), safe=LEGAL)}" if kept else f"{call.base}/{path}"


def list_rows(session: Session, call: Call, entity: Entity, fixed: Sql | None = None) -> Answer:
    """A page of rows."""
    found = answer_query(session, call, entity, fixed, request_url(call))
    if found is not None:
        return found
    request = read_options(entity, call.options, call.aliases)
    request.fixed = fixed
    context = f"{session.base}/$metadata#{entity.table.set_name}"
    return Answer(body=Lister(session, request).page(context, request_url(call)))


def count_rows(session: Session, call: Call, entity: Entity, fixed: Sql | None = None) -> Answer:
    """…/$count: a bare number."""
    request = read_options(entity, {k: v for k, v in call.options.items() if k == "$filter"}, call.aliases)
    request.fixed = fixed
    total, _ = Lister(session, request).total()
    return Answer(body=str(total).encode(), content_type="text/plain")


def retrieve(session: Session, call: Call, reference: Reference) -> Answer:
    """One row by id. Raises 404, or 403 when the caller may not see it."""
    document = read_one(session, reference, call.option("$select"), call.option("$expand"))
    _refuse_list_options(call)
    etag = document.get("@odata.etag")
    asked = call.header("if-none-match")
    conditional = not call.option("$expand") and not session.preferences.annotations
    if etag and asked == etag and conditional and reference.entity.table.optimistic_concurrency:
        return Answer(304, headers={"ETag": etag})
    return Answer(body=document, headers={"ETag": etag} if etag else {})


def _refuse_list_options(call: Call) -> None:
    for name in ("$filter", "$orderby", "$top", "$count", "$skip"):
        if name in call.options:
            raise bad_query(f"The query parameter {name} is not supported for a single record.")


def read_one(
    session: Session, reference: Reference, select: str | None, expand: str | None
) -> dict[str, Any]:
    """The document of one row."""
    entity = reference.entity
    root = Aliases().source(entity)
    names, items = parse_select(select), parse_expand(expand)
    plan = session.planner.plan(root, names)
    expander = Expander(session, plan, root, items)
    source = session.compiler.from_clause(Scope(root))
    text = f"SELECT {', '.join(plan.expressions)} {source.text} AND {root.alias}.{quoted(entity.id)} = ?"
    rows = session.rows(Sql(text, (*source.params, reference.id)))
    if not rows:
        raise _unseen(session, reference)
    document = plan.document(rows[0])
    expander.expand(rows, [document])
    context = f"{session.base}/$metadata#{entity.table.set_name}{expanded_context(names, items)}/$entity"
    return {"@odata.context": context, **document}


def _unseen(session: Session, reference: Reference) -> ApiError:
    if session.record(reference.entity, reference.id) is None:
        return no_record(reference.entity.name, reference.id)
    return ApiError(
        "AccessDenied",
        f"Principal with id {session.access.user_id} does not have ReadAccess right(s) for record with id "
        f"{reference.id} of entity {reference.entity.name}",
        code="0x80048306",
    )


@dataclass
class Place:
    """Where a path has led to: a row."""

    session: Session
    call: Call
    reference: Reference

    @property
    def entity(self) -> Entity:
        return self.reference.entity

    def neighbours(self, navigation: Navigation) -> Sql:
        """The rows at the far end of a collection, as a condition on the first alias of a list."""
        target = self.session.entity(navigation.target)
        if navigation.kind == "many":
            return Sql(f"t1.{quoted(navigation.column)} = ?", (self.reference.id,))
        intersect = navigation.relationship.intersect  # type: ignore[union-attr]
        inner = (
            f"SELECT {quoted(navigation.far)} FROM {quoted(intersect)} WHERE {quoted(navigation.near)} = ?"
        )
        return Sql(f"t1.{quoted(target.id)} IN ({inner})", (self.reference.id,))

    def visible(self) -> None:
        """Raises unless the caller may read this row."""
        read_one(self.session, self.reference, self.entity.id, None)

    def target(self, navigation: Navigation) -> Reference | None:
        """The row behind a lookup, if that leads to the navigation's own table."""
        row = self.session.record(self.entity, self.reference.id)
        key = row[navigation.column] if row is not None else None
        target = self.session.entity(navigation.target)
        if key is None or find(self.session, target, KeyAddress(key, {})) is None:
            return None
        return Reference(target, key)


def read_place(place: Place, rest: list[Segment]) -> Answer:
    """GET below a row."""
    if not rest:
        return retrieve(place.session, place.call, place.reference)
    name = rest[0].name
    if name == "$ref" and len(rest) == 1:
        return _reference_answer(place.session, place.reference)
    navigation = place.entity.navigations.get(name)
    if navigation is None:
        return _property(place, rest)
    place.visible()
    if navigation.is_single:
        return _single(place, navigation, rest[1:])
    return _collection(place, navigation, rest[0], rest[1:])


def _property(place: Place, rest: list[Segment]) -> Answer:
    """…/name and …/name/$value"""
    name = rest[0].name
    if name not in place.entity.by_wire or rest[0].arguments is not None:
        raise no_segment(name)
    document = read_one(place.session, place.reference, name, None)
    value = document[name]
    if len(rest) == 1:
        if value is None:
            return Answer(204)
        context = f"{place.session.base}/$metadata#{place.entity.table.set_name}({place.reference.id})/{name}"
        return Answer(body={"@odata.context": context, "value": value})
    if rest[1].name != "$value" or len(rest) > 2:
        raise no_segment(rest[1].name)
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return Answer(200 if text else 204, text.encode() if text else None, content_type="text/plain")


def _single(place: Place, navigation: Navigation, rest: list[Segment]) -> Answer:
    target = place.target(navigation)
    if target is None:
        return Answer(204)
    if rest and rest[0].name == "$ref":
        return _reference_answer(place.session, target)
    return read_place(Place(place.session, place.call, target), rest)


def _collection(place: Place, navigation: Navigation, segment: Segment, rest: list[Segment]) -> Answer:
    session, call = place.session, place.call
    target, condition = session.entity(navigation.target), place.neighbours(navigation)
    if segment.arguments is not None:
        key = read_key(target, segment, call.aliases)
        found = find(session, target, key)
        if found is None:
            raise missing(target, key)
        return read_place(Place(session, call, Reference(target, found)), rest)
    if not rest:
        return list_rows(session, call, target, condition)
    if rest[0].name == "$count":
        return count_rows(session, call, target, condition)
    if rest[0].name == "$ref":
        return _references(session, call, target, condition)
    raise no_segment(rest[0].name)


def _references(session: Session, call: Call, target: Entity, condition: Sql) -> Answer:
    listed = list_rows(session, call, target, condition).body
    links = [{"@odata.id": entity_url(session, target, row[target.id])} for row in listed["value"]]
    body = {"@odata.context": f"{session.base}/$metadata#Collection($ref)", "value": links}
    if "@odata.nextLink" in listed:
        body["@odata.nextLink"] = listed["@odata.nextLink"]
    return Answer(body=body)


def _reference_answer(session: Session, reference: Reference) -> Answer:
    link = entity_url(session, reference.entity, reference.id)
    return Answer(body={"@odata.context": f"{session.base}/$metadata#$ref", "@odata.id": link})


Handler = Callable[[Session, Call], Answer]


def wrong_method(call: Call) -> ApiError:
    return no_method(call.method)
