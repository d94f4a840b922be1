"""The files of a generated package. The same definition gives the same text, byte for byte."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from integrations.definition import Definition
from integrations.generation.describing import sentence
from integrations.generation.modules import LINE, Module, modules_of
from integrations.generation.samples import imports_for, samples_of

HERE = Path(__file__).parent


def files_of(service_name: str, title: str, version: int, definition: Definition) -> dict[str, str]:
    """Path → text of the whole project: pyproject.toml, README.md and the package.

    Args:
        service_name: the package's name and the prefix of its two environment variables.
        title: what people call the integration.
        version: the published version that it calls.
        definition: that version's.

    """
    modules = modules_of(definition.entities)
    values = ["Reference"] if any(module.mentions("Reference") for module in modules) else []
    context = {
        "package": service_name,
        "prefix": service_name.upper(),
        "title": sentence(title),
        "version": version,
        "modules": modules,
        "values": values,
        "samples": samples_of(modules[0]),
        "opening": imports_for(service_name, modules[0]),
        "public": sorted(["errors", *values, *(name for module in modules for name in exported(module))]),
    }
    made = {
        "pyproject.toml": _render("pyproject.toml", context),
        "README.md": _render("README.md", context),
        f"{service_name}/__init__.py": _render("init.py", context),
        f"{service_name}/_service.py": _render("service.py", context),
        f"{service_name}/errors.py": _render("errors.py", context),
        f"{service_name}/py.typed": "",
    }
    for module in modules:
        made[f"{service_name}/{module.name}.py"] = _render("entity.py", {"module": module})
    for path in sorted((HERE / "runtime").glob("*.py")):
        made[f"{service_name}/_runtime/{path.name}"] = path.read_text(encoding="utf-8")
    return made


def exported(module: Module) -> list[str]:
    """What a package offers of a module at its top, in the order of an import."""
    classes = [each.name for each in module.enumerations]
    classes += [module.record] if module.reads else []
    classes += [f"New{module.record}"] if module.creates else []
    classes += [f"{module.record}Changes"] if module.updates else []
    classes += [key.name for key in module.keys]
    return [*sorted(classes), module.variable]


def import_line(source: str, names: list[str]) -> str:
    """An import on one line, or broken as ruff breaks it."""
    line = f"from {source} import {', '.join(names)}"
    if len(line) <= LINE:
        return line
    return f"from {source} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def imports_of(module: Module) -> list[str]:
    """The imports of its own package, sorted as ruff sorts them."""
    values = ["Choice"] if module.enumerations else []
    values += ["Record"] if module.reads else []
    values += ["Reference"] if module.mentions("Reference") else []
    lines = [("._runtime.fields", module.field_classes), ("._runtime.operations", module.operations)]
    lines += [("._runtime.values", values)] if values else []
    return [import_line(source, names) for source, names in [*lines, ("._service", ["SERVICE"])] if names]


def partners_of(module: Module) -> list[str]:
    """The imports of related records, which are only needed to check types: modules may point to each other."""
    partners = sorted({(each.module, each.record) for each in module.related if each.module != module.name})
    return [import_line(f".{name}", [record]) for name, record in partners]


def typing_of(module: Module) -> str:
    """What it needs of typing."""
    names = ["TYPE_CHECKING"] if partners_of(module) else []
    names.append("ClassVar")
    if module.creates and any(each.attribute.required for each in module.creatable):
        names.append("Required")
    if module.creates or module.updates or module.keys:
        names.append("TypedDict")
    return ", ".join(names)


def heading(module: Module) -> str:
    """The line that opens the class of its operations."""
    line = f"class {module.record}Operations({', '.join(module.bases)}):"
    if len(line) <= LINE:
        return line
    return f"class {module.record}Operations(\n" + "".join(f"    {base},\n" for base in module.bases) + "):"


@cache
def _environment() -> Environment:
    environment = Environment(  # noqa: S701  it writes Python, not HTML
        loader=FileSystemLoader(HERE / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {
        each.__name__: each for each in (exported, heading, import_line, imports_of, partners_of, typing_of)
    }
    return environment


def _render(name: str, context: Mapping[str, object]) -> str:
    return _environment().get_template(f"{name}.jinja").render(context)
