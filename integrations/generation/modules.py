"""What the templates are given: one Module for each entity, all names settled."""

import json
import keyword
import re
from dataclasses import dataclass, replace

from integrations.definition import Attribute, Entity, Operation
from integrations.generation.describing import description, is_offered, sentence, types_of
from integrations.generation.naming import Names, attribute_name, class_name, member_name, plural
from integrations.kinds import BLOBS, Kind, kind_of

LINE = 110
# What the module imports; classes of its own get other names.
IMPORTED = (
    *("Decimal", "ClassVar", "Required", "TypedDict", "Record", "Choice", "Reference", "Entity", "Service"),
    *("Create", "Get", "Update", "Delete", "Search", "Count", "Upsert", "Reading"),
    *("ReadFiles", "WriteFiles", "Field", "FileField", "RelatedField", "TYPE_CHECKING"),
    *("TextField", "IntegerField", "DecimalField", "FloatField", "BooleanField", "DateField"),
    *("DateTimeField", "ReferenceField", "IdField", "ChoiceField", "ChoicesField"),
)


@dataclass(frozen=True)
class Enumeration:
    name: str
    doc: str
    members: tuple[str, ...]  # lines


@dataclass(frozen=True)
class Member:
    """One attribute in the generated code."""

    attribute: Attribute
    name: str
    annotation: str
    field: str  # the class of its field
    line: str  # the assignment of its field
    doc: str

    @property
    def is_blob(self) -> bool:
        """Whether it only says which file there is."""
        return kind_of(self.attribute) in BLOBS


@dataclass(frozen=True)
class Related:
    """Records of another entity that get and search may bring along."""

    name: str
    record: str  # the class of those
    module: str  # where it is
    annotation: str
    line: str
    doc: str


@dataclass(frozen=True)
class Key:
    """An alternate key, as a class of its own."""

    name: str
    doc: str
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Module:
    """One entity in the generated code."""

    entity: Entity
    name: str
    record: str
    variable: str
    label: str
    reads: bool
    enumerations: tuple[Enumeration, ...] = ()
    members: tuple[Member, ...] = ()
    related: tuple[Related, ...] = ()
    keys: tuple[Key, ...] = ()

    @property
    def readable(self) -> tuple[Member, ...]:
        return tuple(each for each in self.members if each.attribute.can_read)

    @property
    def creatable(self) -> tuple[Member, ...]:
        return tuple(each for each in self.members if each.attribute.can_create and not each.is_blob)

    @property
    def changeable(self) -> tuple[Member, ...]:
        return tuple(each for each in self.members if each.attribute.can_update and not each.is_blob)

    @property
    def creates(self) -> bool:
        return Operation.CREATE in self.entity.operations

    @property
    def updates(self) -> bool:
        return Operation.UPDATE in self.entity.operations

    @property
    def has_files(self) -> bool:
        return any(kind_of(each.attribute) is Kind.FILE for each in self.readable)

    @property
    def bases(self) -> list[str]:
        """The operations that it is put together from."""
        words = {
            Operation.CREATE: f"Create[New{self.record}]",
            Operation.GET: f"Get[{self.record}]",
            Operation.UPDATE: f"Update[{self.record}Changes]",
            Operation.DELETE: "Delete",
            Operation.SEARCH: f"Search[{self.record}]",
            Operation.COUNT: "Count",
        }
        offered = [words[each] for each in Operation if each in self.entity.operations]
        if self.keys:
            offered.append(f"Upsert[{' | '.join(key.name for key in self.keys)}, {self.record}Changes]")
        if self.has_files and Operation.GET in self.entity.operations:
            offered.append("WriteFiles" if self.updates else "ReadFiles")
        if self.reads and not self.entity.operations & {Operation.GET, Operation.SEARCH}:
            offered.append(f"Reading[{self.record}]")
        return offered or ["Entity"]

    @property
    def operations(self) -> list[str]:
        """The classes of those, for the import."""
        return sorted(base.partition("[")[0] for base in self.bases)

    @property
    def field_classes(self) -> list[str]:
        own = {each.field.partition("[")[0] for each in self.members}
        return sorted(own | ({"RelatedField"} if self.related else set()))

    def mentions(self, word: str) -> bool:
        """Whether any type of this module speaks of something."""
        shown = [each for each in self.members if self.reads or self.creates or self.updates]
        return any(word in re.findall(r"\w+", each.annotation) for each in shown)


def modules_of(entities: tuple[Entity, ...]) -> list[Module]:
    """All entities, with names that are unique throughout the package."""
    files, variables, classes = Names({"errors"}), Names({"errors", *keyword.kwlist}), Names(IMPORTED)
    brought = {expand.target for entity in entities for expand in entity.expand}
    named = [
        Module(
            entity=entity,
            name=files.give(entity.name.lower(), "_records"),
            record=classes.give(class_name(entity.name), "Record", _classes_beside),
            variable=variables.give(plural(entity.name.lower()), "_records"),
            label=sentence(entity.label or entity.name),
            reads=bool(entity.operations & {Operation.GET, Operation.SEARCH})
            or entity.logical_name in brought,
        )
        for entity in entities
    ]
    by_entity = {module.entity.logical_name: module for module in named}
    return [_filled(module, by_entity, classes) for module in named]


def _classes_beside(record: str) -> tuple[str, ...]:
    return (f"New{record}", f"{record}Changes", f"{record}Fields", f"{record}Operations")


def _filled(module: Module, by_entity: dict[str, Module], classes: Names) -> Module:
    offered = [each for each in module.entity.attributes if is_offered(each)]
    enumerations = {
        each.logical_name: _enumeration(classes.give(module.record + class_name(each.name), "Choice"), each)
        for each in offered
        if kind_of(each) in {Kind.CHOICE, Kind.CHOICES}
    }
    reserved = {*IMPORTED, *(each.name for each in enumerations.values())}
    reserved |= {each.record for each in by_entity.values()}
    names = Names()
    members = tuple(
        _member(names.give(attribute_name(each.name, reserved)), each, enumerations.get(each.logical_name))
        for each in offered
    )
    return replace(
        module,
        enumerations=tuple(enumerations.values()),
        members=members,
        related=_related(module, by_entity, names, reserved),
        keys=_keys(module, members, classes),
    )


def _related(
    module: Module, by_entity: dict[str, Module], names: Names, reserved: set[str]
) -> tuple[Related, ...]:
    made = []
    for expand in module.entity.expand:
        target = by_entity.get(expand.target)
        if target is None:
            continue
        name = names.give(attribute_name(expand.name, reserved))
        quoted = f"tuple[{target.record}, ...]" if expand.collection else target.record
        arguments = [json.dumps(expand.name), json.dumps(target.entity.name)]
        made.append(
            Related(
                name,
                target.record,
                target.name,
                f'"{quoted} | None"',
                call(f"{name} = RelatedField", arguments),
                f"{target.label}, where `expand` asks for it.",
            )
        )
    return tuple(made)


def _keys(module: Module, members: tuple[Member, ...], classes: Names) -> tuple[Key, ...]:
    if not (module.creates and module.updates):
        return ()
    by_name = {member.attribute.logical_name: member for member in members}
    return tuple(
        Key(
            classes.give(f"{module.record}By{class_name(key.name)}"),
            sentence(f"The alternate key {key.name}"),
            tuple(by_name[each] for each in key.attributes),
        )
        for key in module.entity.keys
        if all(each in by_name for each in key.attributes)
    )


def _member(name: str, attribute: Attribute, enumeration: Enumeration | None) -> Member:
    annotation, field, argument = types_of(attribute, enumeration.name if enumeration else "")
    arguments = [json.dumps(attribute.name), *([argument] if argument else [])]
    line = call(f"{name} = {field}", arguments)
    return Member(attribute, name, annotation, field, line, description(attribute))


def _enumeration(name: str, attribute: Attribute) -> Enumeration:
    names = Names({"name", "value", "label"})
    members = []
    for option in attribute.options:
        member = names.give(member_name(option.label, option.value))
        members.append(pair(member, str(option.value), literal(option.label)))
    return Enumeration(name, sentence(attribute.label or attribute.name), tuple(members))


def literal(text: str) -> str:
    """Text in the quotes that need fewer escapes, as ruff has it."""
    double = json.dumps(text, ensure_ascii=False)
    if text.count('"') <= text.count("'"):
        return double
    return "'" + double[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


def call(start: str, arguments: list[str], indent: int = 4) -> str:
    """A call on one line, or broken as ruff breaks it."""
    space = " " * indent
    line = f"{space}{start}({', '.join(arguments)})"
    if len(line) <= LINE:
        return line
    inner = f"{space}    {', '.join(arguments)}"
    if len(inner) <= LINE:
        return f"{space}{start}(\n{inner}\n{space})"
    return f"{space}{start}(\n" + "".join(f"{space}    {each},\n" for each in arguments) + f"{space})"


def pair(name: str, first: str, second: str) -> str:
    """A member of an enumeration on one line, or broken as ruff breaks it."""
    line = f"    {name} = {first}, {second}"
    return line if len(line) <= LINE else f"    {name} = (\n        {first},\n        {second},\n    )"
