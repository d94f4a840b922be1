"""What the templates are given: one Module for each entity, all names settled."""

import json
import keyword
import re
from dataclasses import dataclass

from integrations.definition import Attribute, Entity, Operation
from integrations.generation.describing import description, is_offered, sentence, types_of
from integrations.generation.naming import Names, attribute_name, class_name, member_name, plural
from integrations.kinds import Kind, kind_of

LINE = 110
# What the module imports; classes of its own get other names.
IMPORTED = (
    *("Decimal", "ClassVar", "Required", "TypedDict", "Record", "Choice", "Reference", "Entity", "Service"),
    *("Create", "Get", "Update", "Delete", "Search", "Count", "Upsert"),
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


@dataclass(frozen=True)
class Module:
    """One entity in the generated code."""

    entity: Entity
    name: str
    record: str
    variable: str
    label: str
    enumerations: tuple[Enumeration, ...]
    members: tuple[Member, ...]

    @property
    def readable(self) -> tuple[Member, ...]:
        return tuple(each for each in self.members if each.attribute.can_read)

    @property
    def creatable(self) -> tuple[Member, ...]:
        return tuple(each for each in self.members if each.attribute.can_create)

    @property
    def changeable(self) -> tuple[Member, ...]:
        return tuple(each for each in self.members if each.attribute.can_update)

    @property
    def reads(self) -> bool:
        return bool(self.entity.operations & {Operation.GET, Operation.SEARCH})

    @property
    def creates(self) -> bool:
        return Operation.CREATE in self.entity.operations

    @property
    def updates(self) -> bool:
        return Operation.UPDATE in self.entity.operations

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
        return [words[each] for each in Operation if each in self.entity.operations] or ["Entity"]

    @property
    def operations(self) -> list[str]:
        """The classes of those, for the import."""
        return sorted(base.partition("[")[0] for base in self.bases)

    @property
    def field_classes(self) -> list[str]:
        return sorted({each.field for each in self.members})

    def mentions(self, word: str) -> bool:
        """Whether any type of this module speaks of something."""
        shown = [each for each in self.members if self.reads or self.creates or self.updates]
        return any(word in re.findall(r"\w+", each.annotation) for each in shown)


def modules_of(entities: tuple[Entity, ...]) -> list[Module]:
    """All entities, with names that are unique throughout the package."""
    files, variables, classes = Names({"errors"}), Names({"errors", *keyword.kwlist}), Names(IMPORTED)
    return [
        _module(
            entity,
            file=files.give(entity.name.lower(), "_records"),
            record=classes.give(class_name(entity.name), "Record", _classes_beside),
            variable=variables.give(plural(entity.name.lower()), "_records"),
            classes=classes,
        )
        for entity in entities
    ]


def _classes_beside(record: str) -> tuple[str, ...]:
    return (f"New{record}", f"{record}Changes", f"{record}Fields", f"{record}Operations")


def _module(entity: Entity, *, file: str, record: str, variable: str, classes: Names) -> Module:
    offered = [each for each in entity.attributes if is_offered(each)]
    enumerations = {
        each.logical_name: _enumeration(classes.give(record + class_name(each.name), "Choice"), each)
        for each in offered
        if kind_of(each) in {Kind.CHOICE, Kind.CHOICES}
    }
    reserved = {*IMPORTED, record, *(each.name for each in enumerations.values())}
    names = Names()
    return Module(
        entity=entity,
        name=file,
        record=record,
        variable=variable,
        label=sentence(entity.label or entity.name),
        enumerations=tuple(enumerations.values()),
        members=tuple(
            _member(
                names.give(attribute_name(each.name, reserved)), each, enumerations.get(each.logical_name)
            )
            for each in offered
        ),
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
