"""From metadata documents, as clients send them and environments return them, to items.

The inverse of `wire` and `attributes`. What a document has beyond the model is kept in `extra` if the wire knows
the property, and reported otherwise.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sandbox.dataverse.metadata.model import (
    CHOICES,
    LOOKUPS,
    Cascade,
    Choice,
    Column,
    Item,
    Labels,
    Option,
)

Document = Mapping[str, Any]
NAMESPACE = "Microsoft.Dynamics.CRM."
KINDS = frozenset(
    {"String", "Memo", "Integer", "BigInt", "Decimal", "Double", "Money", "DateTime", "Uniqueidentifier"}
    | {"EntityName", "ManagedProperty", "Virtual", "CalendarRules", "PartyList", "File", "Image"}
    | CHOICES
    | LOOKUPS
)
# What the model holds, what the server makes up itself, and what has a path of its own.
NOT_EXTRA = frozenset(
    {
        "MetadataId",
        "HasChanged",
        "CreatedOn",
        "ModifiedOn",
        "DisplayName",
        "Description",
        "DisplayCollectionName",
    }
    | {
        "OptionSet",
        "GlobalOptionSet",
        "Options",
        "TrueOption",
        "FalseOption",
        "Attributes",
        "Keys",
        "Privileges",
    }
    | {
        "OneToManyRelationships",
        "ManyToOneRelationships",
        "ManyToManyRelationships",
        "DaysSinceRecordLastModified",
    }
    | {"EntityKeyIndexStatus", "AsyncJob", "ObjectTypeCode", "DatabaseLength", "Lookup", "Settings"}
)


class UnreadableError(ValueError):
    """A document that makes no sense; the message says why."""


def labels_of(document: Any) -> Labels:
    """A Label as texts by language. Labels without text are left out."""
    if not isinstance(document, Mapping):
        return {}
    found = document.get("LocalizedLabels") or [document.get("UserLocalizedLabel")]
    if not isinstance(found, list):
        raise UnreadableError("LocalizedLabels must be a list.")
    labels: Labels = {}
    for one in found:
        text, language = (
            (one.get("Label"), one.get("LanguageCode")) if isinstance(one, Mapping) else (None, None)
        )
        if isinstance(text, str) and isinstance(language, int) and not isinstance(language, bool):
            labels[language] = text
    return labels


def managed(value: Any, otherwise: Any = None) -> Any:
    """A managed property's value, or a value that is not wrapped."""
    if isinstance(value, Mapping):
        value = value.get("Value")
    return otherwise if value is None else value


def type_of(document: Document) -> str:
    """The class of a document, without namespace: StringAttributeMetadata. Complex types of actions are the same."""
    name = str(document.get("@odata.type") or "").removeprefix("#").removeprefix(NAMESPACE)
    return name.removeprefix("Complex")


def kind_of(document: Document) -> str:
    """A column's kind. Raises UnreadableError for one that is not known."""
    from_class = type_of(document).removesuffix("AttributeMetadata")
    declared = document.get("AttributeType")
    by_name = str(managed(document.get("AttributeTypeName"), "")).removesuffix("Type")
    if declared in {None, "", "Virtual"}:
        special = by_name if by_name in {"MultiSelectPicklist", "File", "Image"} else ""
        kind = special or from_class or by_name or str(declared or "")
    else:
        kind = str(declared)
    kind = "Uniqueidentifier" if kind.lower() == "uniqueidentifier" else kind
    if kind not in KINDS:
        raise UnreadableError(f"The attribute type '{kind}' is not known.")
    return kind


def option_of(document: Any, value: int | None = None) -> Option:
    """One option of a choice; `value` is for one that brings none."""
    if not isinstance(document, Mapping):
        raise UnreadableError("An option must be an object.")
    number = document.get("Value")
    number = value if number is None else number
    if isinstance(number, bool) or not isinstance(number, int):
        raise UnreadableError("An option needs a whole number as Value.")
    return Option(
        value=number,
        labels=labels_of(document.get("Label")),
        description=labels_of(document.get("Description")),
        color=document.get("Color") or None,
        external_value=document.get("ExternalValue") or None,
        state=document.get("State"),
        default_status=document.get("DefaultStatus"),
        is_hidden=bool(managed(document.get("IsHidden"), otherwise=False)),
    )


def options_of(document: Document, kind: str, first: int) -> tuple[Option, ...]:
    """The options of an option set; those without a value are numbered from `first` on."""
    if kind == "Boolean":
        pairs = ((0, document.get("FalseOption")), (1, document.get("TrueOption")))
        return tuple(option_of(option, value) for value, option in pairs if option is not None)
    listed = document.get("Options") or []
    if not isinstance(listed, list):
        raise UnreadableError("Options must be a list.")
    given = (one.get("Value") for one in listed if isinstance(one, Mapping))
    taken = {value for value in given if isinstance(value, int)}
    options: list[Option] = []
    for one in listed:
        while first in taken:
            first += 1
        option = option_of(one, first)
        taken.add(option.value)
        options.append(option)
    if len({option.value for option in options}) != len(options):
        raise UnreadableError("An option value is used twice.")
    return tuple(options)


def choice_of(
    document: Document, *, metadata_id: str, name: str, kind: str, first: int = 100_000_000, **facets: Any
) -> Choice:
    """An option set by the name and kind that it is to have."""
    return Choice(
        metadata_id=metadata_id,
        name=name,
        kind=kind,
        labels=labels_of(document.get("DisplayName")),
        description=labels_of(document.get("Description")),
        options=options_of(document, kind, first),
        **facets,
    )


def column_of(document: Document, table: str, *, metadata_id: str, **facets: Any) -> Column:
    """A column; its choice, and the relationships of a lookup, are the caller's business."""
    schema_name = document.get("SchemaName") or document.get("LogicalName")
    if not isinstance(schema_name, str) or not schema_name:
        raise UnreadableError("An attribute needs a SchemaName.")
    kind = kind_of(document)
    found: dict[str, Any] = {
        "labels": labels_of(document.get("DisplayName")),
        "description": labels_of(document.get("Description")),
        "required": managed(document.get("RequiredLevel"), "None"),
        "can_create": document.get("IsValidForCreate") is not False,
        "can_read": document.get("IsValidForRead") is not False,
        "can_update": document.get("IsValidForUpdate") is not False,
        "shadow_of": document.get("AttributeOf") or None,
        "number": document.get("ColumnNumber") or 0,
    }
    found |= _facets(document, kind)
    return Column(
        metadata_id=metadata_id,
        table=table,
        name=str(document.get("LogicalName") or schema_name).lower(),
        schema_name=schema_name,
        kind=kind,
        **(found | facets),
    )


def _facets(document: Document, kind: str) -> dict[str, Any]:
    """What a kind of column has beyond the others."""
    if kind in {"Integer", "Decimal", "Double", "Money"}:
        return _number(document, kind)
    readers = FACETS.get(kind)
    return readers(document) if readers else {}


def _string(document: Document) -> dict[str, Any]:
    length = _whole(document.get("MaxLength"), 100)
    return {
        "max_length": length,
        "format": managed(document.get("FormatName")) or document.get("Format") or "Text",
    }


def _memo(document: Document) -> dict[str, Any]:
    length = _whole(document.get("MaxLength"), 2000)
    name = managed(document.get("FormatName")) or document.get("Format")
    return {"max_length": length, "format": name or "TextArea"}


def _moment(document: Document) -> dict[str, Any]:
    behavior = managed(document.get("DateTimeBehavior"), "UserLocal")
    return {"format": document.get("Format") or "DateAndTime", "behavior": behavior}


def _boolean(document: Document) -> dict[str, Any]:
    return {"default": int(bool(document.get("DefaultValue")))}


def _choice(document: Document) -> dict[str, Any]:
    default = document.get("DefaultFormValue")
    return {"default": None if default in {None, -1} else _whole(default, 0)}


def _lookup(document: Document) -> dict[str, Any]:
    return {"targets": tuple(map(str, document.get("Targets") or ()))}


FACETS: dict[str, Callable[[Document], dict[str, Any]]] = {
    "String": _string,
    "Memo": _memo,
    "DateTime": _moment,
    "Boolean": _boolean,
    **dict.fromkeys(("Picklist", "MultiSelectPicklist", "State", "Status"), _choice),
    **dict.fromkeys((*LOOKUPS, "PartyList"), _lookup),
    "File": lambda document: {"max_size_kb": _whole(document.get("MaxSizeInKB"), 32768)},
    "Image": lambda document: {"max_size_kb": _whole(document.get("MaxSizeInKB"), 10240)},
}
LIMITS: dict[str, tuple[Any, Any, int | None]] = {
    "Integer": (-2147483648, 2147483647, None),
    "Decimal": (-100000000000, 100000000000, 2),
    "Double": (-100000000000, 100000000000, 2),
    "Money": ("-922337203685477", "922337203685477", 2),
}


def _number(document: Document, kind: str) -> dict[str, Any]:
    low, high, precision = LIMITS[kind]
    found: dict[str, Any] = {
        "minimum": _decimal(document.get("MinValue"), low),
        "maximum": _decimal(document.get("MaxValue"), high),
    }
    if kind == "Integer":
        return {**found, "format": document.get("Format") or "None"}
    found["precision"] = _whole(document.get("Precision"), precision or 0)
    if kind == "Money":
        found["precision_source"] = _whole(document.get("PrecisionSource"), 2)
    return found


def _decimal(value: Any, otherwise: Any) -> Decimal:
    if value is None:
        return Decimal(otherwise)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise UnreadableError("MinValue and MaxValue must be numbers.")
    return Decimal(str(value))


def _whole(value: Any, otherwise: int) -> int:
    if value is None:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or value != int(value):
        raise UnreadableError(f"'{value}' is not a whole number.")
    return int(value)


def cascade_of(document: Any, otherwise: Cascade | None = None) -> Cascade:
    """A CascadeConfiguration; what it leaves out is as before."""
    before = otherwise or Cascade()
    given = document if isinstance(document, Mapping) else {}
    names = {"assign": "Assign", "delete": "Delete", "merge": "Merge", "reparent": "Reparent"}
    names |= {"share": "Share", "unshare": "Unshare", "rollup_view": "RollupView"}
    return Cascade(**{field: given.get(name) or getattr(before, field) for field, name in names.items()})


def beyond(item: Item, made: Document, given: Document) -> tuple[dict[str, Any], list[str]]:
    """What a document says beyond its item: known properties with other values, and unknown properties.

    `made` is the document that the item gives without any extra.
    """
    extra: dict[str, Any] = {}
    unknown: list[str] = []
    for name, value in given.items():
        if name in NOT_EXTRA or "@" in name:
            continue
        if name not in made:
            unknown.append(name)
        elif value != made[name]:
            extra[name] = plain(value)
    return dict(item.extra) | extra, unknown


def plain(value: Any) -> Any:
    """A value without decimals, which would come back from storage as text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value
