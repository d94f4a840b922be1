"""The generated Python package: code that tools and people accept, and always the same."""

import io
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Role, User
from integrations.definition import READ_ONLY, Attribute, Expand, Key, Operation, Option
from integrations.generation import files_of
from integrations.generation.build import Form, build, write
from integrations.generation.naming import member_name, plural
from tests.connections import cast
from tests.integrations.samples import definition, entity
from tests.people import PEOPLE

BIN = Path(sys.executable).parent
# What makes code generators stumble: names of types and modules, labels of anything, many choices, long names.
AWKWARD = (
    Attribute(logical_name="a", name="str", type="String", label='Say "hi" \\ or not', max_length=5),
    Attribute(logical_name="b", name="dt", type="DateTime", behavior="DateOnly"),
    Attribute(logical_name="c", name="int", type="Integer", label="Line\nbreak"),
    Attribute(
        logical_name="d",
        name="x" * 30,
        type="Picklist",
        options=(
            Option(value=1, label=""),
            Option(value=-2, label="日本"),
            Option(value=3, label="Same"),
            Option(value=4, label="same"),
            Option(value=5, label='"""'),
            Option(value=6, label="7-Eleven " * 20),
            Option(value=7, label="mro"),
        ),
    ),
    Attribute(logical_name="e", name="Decimal", type="Money"),
)


def project(*entities):
    return files_of("sales_is", 'Sales "and" more', 3, definition(*entities))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A package that has everything in it, as files."""
    folder = tmp_path_factory.mktemp("package")
    only_deleted = entity("name", operations=frozenset({Operation.DELETE}), logical_name="y", name="errors")
    awkward = entity(logical_name="z", name="new_account").model_copy(update={"attributes": AWKWARD})
    related = entity(
        logical_name="w",
        name="project",
        keys=(Key(logical_name="k", name="by_name", attributes=("name",)),),
        expand=(
            Expand(name="customer_record", navigation="c", target="account", attribute="customerid"),
            Expand(name="parts", navigation="p", target="w", collection=True),
            Expand(name="hidden", navigation="h", target="y"),
        ),
    )
    contract = Attribute(logical_name="f", name="contract", type="File", max_size_kb=10, can_create=False)
    related = related.model_copy(update={"attributes": (*related.attributes, contract)})
    plain = entity("name", "state", operations=READ_ONLY, logical_name="x", name="Decimal")
    write(project(entity(), plain, only_deleted, awkward, related), folder)
    return folder


def run(*command, cwd):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_ruff_finds_nothing_to_say(written):
    checked = run(
        BIN / "ruff", "check", "--isolated", "--select", "E,F,W,I,B,UP,SIM,RUF,PL,D", *QUIET, ".", cwd=written
    )
    formatted = run(BIN / "ruff", "format", "--diff", "--isolated", "--line-length", "110", ".", cwd=written)

    assert checked.returncode == 0, checked.stdout
    assert formatted.returncode == 0, formatted.stdout


QUIET = (
    *("--line-length", "110", "--target-version", "py311", "--ignore"),
    "D1,D203,D205,D213,D400,D401,D407,D413,D415,PLR0913,PLR2004,E501,RUF001,RUF002",
)


def test_mypy_strict_finds_nothing_to_say(written):
    checked = run(BIN / "mypy", "--strict", "--cache-dir", ".cache", "sales_is", cwd=written)

    assert checked.returncode == 0, checked.stdout


def test_mypy_knows_the_types_of_what_is_given_and_what_comes_back(written):
    (written / "use.py").write_text(
        "from sales_is import Account, accounts\n"
        "account: Account = accounts.get('1')\n"
        "reveal_type(account.revenue)\n"
        "reveal_type(account.state)\n"
        "accounts.create({'name': 1})\n"
        "accounts.create({})\n"
        "accounts.update('1', {'nmae': 'x'})\n"
        "accounts.search(accounts.fields.revenue.contains('x'))\n"
        "from sales_is import projects\n"
        "reveal_type(projects.get('1', expand=[projects.fields.parts]).parts)\n"
        "projects.upsert({'name': 'x'}, {'employees': 1})\n"
        "projects.upsert({'name': 1}, {})\n"
    )
    said = run(BIN / "mypy", "--strict", "--cache-dir", ".cache", "use.py", cwd=written).stdout

    assert 'use.py:3: note: Revealed type is "decimal.Decimal | None"' in said
    assert 'use.py:4: note: Revealed type is "sales_is.account.AccountState | None"' in said
    assert 'use.py:10: note: Revealed type is "tuple[sales_is.project.Project, ...] | None"' in said
    assert [line for line in range(1, 13) if f"use.py:{line}: error" in said] == [5, 6, 7, 8, 12]


@pytest.mark.parametrize("form", Form)
def test_the_same_definition_gives_the_same_bytes(form):
    first, second = (build(project(entity()), form) for _ in range(2))

    assert first == second


def test_the_wheel_holds_the_typed_package_and_says_what_it_needs():
    archive = build(project(entity()), Form.WHEEL)
    inside = zipfile.ZipFile(io.BytesIO(archive.content))

    assert archive.name == "sales_is-3-py3-none-any.whl"
    assert {"sales_is/account.py", "sales_is/py.typed", "sales_is/_runtime/service.py"} <= set(
        inside.namelist()
    )
    assert "Requires-Dist: requests" in inside.read("sales_is-3.dist-info/METADATA").decode()


def test_the_source_can_be_built_again():
    archive = build(project(entity()), Form.SDIST)
    with tarfile.open(fileobj=io.BytesIO(archive.content)) as inside:
        names = inside.getnames()

    assert {"sales_is-3/pyproject.toml", "sales_is-3/README.md", "sales_is-3/sales_is/account.py"} <= set(
        names
    )


@settings(max_examples=40, deadline=None)
@given(
    labels=st.lists(st.text(max_size=30), min_size=1, max_size=6),
    name=st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,12}", fullmatch=True),
)
def test_whatever_people_call_things_it_is_python(labels, name):
    options = tuple(Option(value=number, label=label) for number, label in enumerate(labels))
    attribute = Attribute(logical_name="a", name=name, label=labels[0], type="Picklist", options=options)
    made = entity(name=name, label=labels[0]).model_copy(update={"attributes": (attribute,)})

    for path, text in project(made).items():
        if path.endswith(".py"):
            compile(text, path, "exec")


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("On Hold", "ON_HOLD"),
        ("Größe (m²)", "GROSSE_M2"),
        ("", "VALUE_4"),
        ("日本", "VALUE_4"),
        ("1st", "N1ST"),
    ],
)
def test_choices_are_called_by_their_labels(label, name):
    assert member_name(label, 4) == name


@pytest.mark.parametrize(
    ("one", "many"),
    [("account", "accounts"), ("opportunity", "opportunities"), ("box", "boxes"), ("news", "news")],
)
def test_entities_have_a_plural(one, many):
    assert plural(one) == many


def test_a_viewer_downloads_it_and_a_stranger_does_not(sample_integration):
    viewer, stranger = Client(), Client()
    viewer.force_login(cast.member("ben", sample_integration.team, Role.VIEWER))
    stranger.force_login(User.objects.create_user("stranger"))
    url = f"/integrations/{sample_integration.pk}/python/wheel/"

    answer = viewer.get(url)

    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None
    assert stranger.get(url).status_code == 404
    assert viewer.get(f"/integrations/{sample_integration.pk}/python/egg/").status_code == 404
    assert viewer.get(f"{url}?version=9").status_code == 404
    assert viewer.get(f"{url}?version=x").status_code == 400


def test_the_page_has_lines_that_are_python(sample_integration):
    client = Client()
    client.force_login(User.objects.get(username=PEOPLE["ana"]))
    context = client.get(f"/integrations/{sample_integration.pk}/use/?way=python").context

    for example in context["examples"][1:]:
        compile(example.code, example.title, "exec")


def test_the_command_writes_source_and_wheel(sample_integration, tmp_path):
    call_command("generate_service", sample_integration.service_name, out=tmp_path)
    call_command("generate_service", sample_integration.service_name, out=tmp_path, form="wheel")

    assert (tmp_path / sample_integration.service_name / "pyproject.toml").exists()
    assert list(tmp_path.glob("*.whl"))
    with pytest.raises(CommandError, match="no version 9"):
        call_command("generate_service", sample_integration.service_name, number=9)
    with pytest.raises(CommandError, match="no service"):
        call_command("generate_service", "nobody_is")


def test_values_keep_every_digit_between_python_and_json(written):
    """In a process of its own, as where it is installed."""
    code = (
        "import datetime as dt, json; from decimal import Decimal\n"
        "from sales_is import accounts, AccountState, Reference\n"
        "body = accounts._values({'revenue': Decimal('922337203685477.0000'), 'state': AccountState.ACTIVE,\n"
        "  'birthday': dt.date(1753, 1, 1), 'contact': Reference('contact', '1')})\n"
        "record = accounts._record({'id': '1', 'etag': 'x', 'revenue': '922337203685477.0000',\n"
        "  'state': {'value': 7, 'label': 'New'}, 'colours': [{'value': 1}], 'contact': None})\n"
        "print(json.dumps([body, str(record.revenue), record.state.name, record.colours[0].label, record.contact]))"
    )
    done = run(sys.executable, "-c", code, cwd=written)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        {
            "revenue": "922337203685477.0000",
            "state": 0,
            "birthday": "1753-01-01",
            "contact": {"entity": "contact", "id": "1"},
        },
        "922337203685477.0000",
        "UNKNOWN_7",
        "Red",
        None,
    ]
