"""How the databases say what a filter or an order asks. Nothing here sees a value: values are parameters."""

from decimal import Context, Decimal

from integrations.kinds import EXACT, TEXTS, Kind

_WIDE = Context(prec=80)
_DIGITS = 10  # behind the point, which is the most that Dynamics keeps
_OFFSET = 10**60


def sortable(number: str | Decimal | None) -> str | None:
    """Text that sorts as the exact number does."""
    if number is None:
        return None
    whole = int(_WIDE.scaleb(Decimal(number), _DIGITS))
    return f"{min(max(whole, 1 - _OFFSET), _OFFSET) + _OFFSET:061d}"


class Dialect:
    """`mark` stands for a parameter. Columns come quoted."""

    mark: str

    def compared(self, column: str, kind: Kind) -> str:
        """What is put beside a value, and what is sorted by."""
        raise NotImplementedError

    def parameter(self, kind: Kind) -> str:
        """A parameter that stands on the other side of `compared`."""
        raise NotImplementedError

    def carried(self, kind: Kind) -> str:
        """The same for a value that a cursor has brought back."""
        raise NotImplementedError

    def like(self, column: str, text: str) -> str:
        """Whether the column is like a pattern, in which a backslash takes the meaning from what follows it."""
        raise NotImplementedError

    def overlaps(self, column: str, count: int) -> str:
        """Whether several choices hold one of so many."""
        raise NotImplementedError

    def key(self, compared: str) -> str:
        """A value to sort by, so that a cursor can carry it as JSON."""
        raise NotImplementedError


class Sqlite(Dialect):
    """Takes two functions of ours: `sortable`, and `fold` for text beyond ASCII."""

    mark = "?"

    def compared(self, column: str, kind: Kind) -> str:
        if kind in EXACT:
            return f"sortable({column})"
        return f"{column} COLLATE NOCASE" if kind in TEXTS else column

    def parameter(self, kind: Kind) -> str:
        return "sortable(?)" if kind in EXACT else "?"

    def carried(self, kind: Kind) -> str:  # noqa: ARG002  it comes back as it was
        return "?"

    def like(self, column: str, text: str) -> str:
        # SQLite's own LIKE knows the case of ASCII only, and is much faster.
        return (
            f"{column} LIKE ? ESCAPE '\\'" if text.isascii() else f"fold({column}) LIKE fold(?) ESCAPE '\\'"
        )

    def overlaps(self, column: str, count: int) -> str:
        marks = ", ".join("?" * count)
        return f"EXISTS (SELECT 1 FROM json_each({column}) WHERE value IN ({marks}))"  # noqa: S608

    def key(self, compared: str) -> str:
        return compared


class Postgres(Dialect):
    mark = "%s"
    types = {
        Kind.INTEGER: "bigint",
        Kind.CHOICE: "integer",
        Kind.BOOLEAN: "boolean",
        Kind.FLOAT: "double precision",
        Kind.DECIMAL: "numeric",
        Kind.MONEY: "numeric",
        Kind.DATE: "date",
        Kind.INSTANT: "timestamptz",
        Kind.CLOCK: "timestamp",
        Kind.LOOKUP: "uuid",
        Kind.ID: "uuid",
    }

    @classmethod
    def type_of(cls, kind: Kind) -> str:
        return cls.types.get(kind, "text")

    def compared(self, column: str, kind: Kind) -> str:
        return f"lower({column})" if kind in TEXTS else column

    def parameter(self, kind: Kind) -> str:
        return self.carried(kind)

    def carried(self, kind: Kind) -> str:
        return f"CAST({self.mark} AS {self.type_of(kind)})"

    def like(self, column: str, text: str) -> str:  # noqa: ARG002  the case of every letter is known
        return f"lower({column}) LIKE lower(CAST({self.mark} AS text)) ESCAPE '\\'"

    def overlaps(self, column: str, count: int) -> str:
        return f"{column} && CAST(ARRAY[{', '.join(['%s'] * count)}] AS integer[])"

    def key(self, compared: str) -> str:
        return f"CAST({compared} AS text)"


# No number of Dynamics is as large as those that a decimal here cannot hold, but one that is typed may be.
EXACT_MACRO = """CREATE MACRO exact(number) AS coalesce(
    TRY_CAST(number AS decimal(38, 10)),
    CAST(if(starts_with(number, '-'), '-', '') || repeat('9', 28) AS decimal(38, 10))
)"""


class Duck(Postgres):
    """DuckDB took its words from PostgreSQL. Takes a macro of ours: `exact`."""

    mark = "?"
    types = Postgres.types | {
        Kind.CHOICES: "integer[]",
        Kind.DECIMAL: "decimal(38, 10)",
        Kind.MONEY: "decimal(38, 10)",
        Kind.LOOKUP: "text",
        Kind.ID: "text",
    }

    def carried(self, kind: Kind) -> str:
        return "exact(?)" if kind in EXACT else super().carried(kind)

    def overlaps(self, column: str, count: int) -> str:
        return f"list_has_any({column}, [{', '.join(['CAST(? AS integer)'] * count)}])"
