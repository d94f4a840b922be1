"""Lines of a generated package to paste, with its own names."""

from integrations.definition import Attribute, Definition, Operation
from integrations.explaining.examples import Example
from integrations.generation.modules import Member, Module, modules_of
from integrations.kinds import NUMBERS, TEXTS, Kind, kind_of

_ORDER = (
    *(Operation.SEARCH, Operation.COUNT, Operation.CREATE),
    *(Operation.GET, Operation.UPDATE, Operation.DELETE),
)


def package_examples(package: str, definition: Definition) -> list[Example]:
    """Lines to paste for the first entity of a definition, the imports first."""
    module = modules_of(definition.entities)[0]
    titles = [each.value.capitalize() for each in _ORDER if each in module.entity.operations]
    pieces = [Example(title, code) for title, code in zip(titles, samples_of(module), strict=True)]
    return [Example("Import", "\n".join(imports_for(package, module))), *pieces]


def samples_of(module: Module) -> list[str]:
    """One short piece of Python for each operation of an entity."""
    writers = {
        Operation.SEARCH: _search,
        Operation.COUNT: _count,
        Operation.CREATE: _create,
        Operation.GET: _get,
        Operation.UPDATE: _update,
        Operation.DELETE: _delete,
    }
    return [writers[each](module) for each in _ORDER if each in module.entity.operations]


def imports_for(package: str, module: Module) -> list[str]:
    """The imports that these pieces need together."""
    text = "\n".join(samples_of(module))
    classes = [each.name for each in module.enumerations if f"{each.name}(" in text]
    ours = [*sorted([*classes, *(["Reference"] if "Reference(" in text else [])]), module.variable]
    lines = ["import datetime as dt"] if "dt." in text else []
    lines += ["from decimal import Decimal"] if "Decimal(" in text else []
    return [*lines, *([""] if lines else []), f"from {package} import {', '.join(ours)}"]


def _search(module: Module) -> str:
    text = _first(module.readable, lambda each: kind_of(each) in TEXTS)
    number = _first(module.readable, lambda each: kind_of(each) in NUMBERS)
    where = [f'{module.variable}.fields.{text.name}.contains("a")'] if text else []
    order = [f"{module.variable}.fields.{number.name}.descending()"] if number else []
    given = [*where, *([f"order_by=[{order[0]}]"] if order else []), "top=10"]
    shown = f"record.{text.name}" if text else "record"
    arguments = "".join(f"    {each},\n" for each in given)
    return f"for record in {module.variable}.search(\n{arguments}):\n    print(record.id, {shown})"


def _count(module: Module) -> str:
    return f"print({module.variable}.count())"


def _create(module: Module) -> str:
    needed = [each for each in module.creatable if each.attribute.required]
    text = _first(module.creatable, lambda each: kind_of(each) in TEXTS)
    chosen = needed or ([text] if text else [])
    pairs = ", ".join(f'"{each.name}": {_value(each)}' for each in chosen)
    return f"record_id = {module.variable}.create({{{pairs}}})"


def _get(module: Module) -> str:
    return f"record = {module.variable}.get(record_id)"


def _update(module: Module) -> str:
    text = _first(module.changeable, lambda each: kind_of(each) in TEXTS) or _first(module.changeable)
    changes = f'{{"{text.name}": {_value(text)}}}' if text else "{}"
    etag = ", etag=record.etag" if Operation.GET in module.entity.operations else ""
    return f"{module.variable}.update(record_id, {changes}{etag})"


def _delete(module: Module) -> str:
    return f"{module.variable}.delete(record_id)"


def _first(members: tuple[Member, ...], suits: object = None) -> Member | None:
    accepts = suits if callable(suits) else lambda _attribute: True
    return next((each for each in members if accepts(each.attribute)), None)


def _value(member: Member) -> str:
    kind = kind_of(member.attribute)
    if kind is Kind.LOOKUP:
        return f'Reference("{_target(member.attribute)}", "…")'
    if kind is Kind.CHOICE:
        return f"{member.annotation}({member.attribute.options[0].value if member.attribute.options else 1})"
    return {
        Kind.INTEGER: "1",
        Kind.DECIMAL: 'Decimal("1.5")',
        Kind.MONEY: 'Decimal("100.00")',
        Kind.FLOAT: "1.5",
        Kind.BOOLEAN: "True",
        Kind.CHOICES: "()",
        Kind.DATE: "dt.date(2025, 12, 31)",
        Kind.INSTANT: "dt.datetime.now(dt.UTC)",
        Kind.CLOCK: "dt.datetime(2025, 12, 31, 18, 30)",
    }.get(kind, '"Text"')


def _target(attribute: Attribute) -> str:
    return next(iter(attribute.targets), "")
