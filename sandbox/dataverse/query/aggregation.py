"""Sums, averages and parts of dates as SQL."""

from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.query.compiler import Compiler
from sandbox.dataverse.query.tree import Output, Ref
from sandbox.dataverse.storage import quoted

SCALES = {"Integer": 0, "BigInt": 0, "Money": 4, "Decimal": 12}
NUMBERS = frozenset({*SCALES, "Double"})
PARTS = {
    "day": "CAST(substr({0}, 9, 2) AS INTEGER)",
    # As SQL Server counts: week 1 holds January 1, weeks begin on Sunday.
    "week": "((CAST(strftime('%j', {0}) AS INTEGER) + 6"
    " + CAST(strftime('%w', substr({0}, 1, 4) || '-01-01') AS INTEGER)) / 7)",
    "month": "CAST(substr({0}, 6, 2) AS INTEGER)",
    "quarter": "((CAST(substr({0}, 6, 2) AS INTEGER) + 2) / 3)",
    "year": "CAST(substr({0}, 1, 4) AS INTEGER)",
    "fiscal-year": "CAST(substr({0}, 1, 4) AS INTEGER)",
    # Year and quarter in one number, so that periods sort.
    "fiscal-period": "(CAST(substr({0}, 1, 4) AS INTEGER) * 10 + (CAST(substr({0}, 6, 2) AS INTEGER) + 2) / 3)",
}


def expression(compiler: Compiler, output: Output) -> str:
    """The SQL of a result's property. Raises a 400 for a column that cannot be used that way."""
    column = compiler.column(output.ref)
    if not output.is_aggregate:
        if output.use == "children":
            return _children(output.ref)
        return PARTS[output.part].format(column) if output.part else column
    if output.use == "count":
        return "count(*)"
    if output.use == "countcolumn":
        return f"count({'DISTINCT ' if output.distinct else ''}{column})"
    _check(output.ref.column, output.use)
    kind = output.ref.column.kind
    exact = output.use in {"sum", "avg"} and kind != "Double"
    return f"exact_{output.use}({column}, {SCALES[kind]})" if exact else f"{output.use}({column})"


def _check(column: Column, use: str) -> None:
    dated = column.kind == "DateTime" and use in {"min", "max"}
    if column.kind not in NUMBERS and not dated:
        raise ApiError(
            "InvalidArgument",
            f"The aggregate '{use}' is not supported for the attribute '{column.name}' of type {column.kind}.",
        )


def _children(ref: Ref) -> str:
    """How many rows have this one as their parent in the table's hierarchy."""
    entity = ref.source.entity
    for one in entity.references:
        if one.is_hierarchical and one.referenced == entity.name and ref.column.name == entity.id:
            own = f"{ref.source.alias}.{quoted(entity.id)}"
            table = f"{quoted(entity.name)} child"
            return f"(SELECT count(*) FROM {table} WHERE child.{quoted(one.column)} = {own})"  # noqa: S608
    raise ApiError("InvalidArgument", f"The attribute '{ref.column.name}' has no hierarchical relationship.")
