"""docs/sandbox.md: the table of rules names tests that exist, and leaves no file out; the example runs."""

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = HERE / "dataverse"
TABLE = (HERE.parents[1] / "docs/sandbox.md").read_text().split("### Rules and the tests that hold them")[1]
NAMED = re.compile(r"`((?:\.\./)?test_\w+\.py)?(?:::(\w+))?`")


def named():
    """File and test, for every row in turn."""
    for line in TABLE.splitlines():
        if not line.startswith("| ") or line.startswith("| rule"):
            continue
        cell = line.rstrip(" |").rsplit(" | ", 1)[1]
        path = None
        for part in cell.split(", "):
            found = NAMED.fullmatch(part)
            assert found, f"{part} in {line}"
            path = (FOLDER / found[1]).resolve() if found[1] else path
            yield path, found[2]


def test_every_test_that_is_named_exists():
    listed = list(named())
    assert len(listed) > 100
    for path, name in listed:
        assert path.is_file(), path
        assert name is None or f"def {name}(" in path.read_text(), f"{name} in {path.name}"


def test_no_file_is_left_out():
    files = {path for path in HERE.rglob("test_*.py") if path != Path(__file__)}
    assert files - {path for path, _ in named()} == set()


def test_the_example_for_python_runs(sandbox, tmp_path):
    text = (HERE.parents[1] / "docs/sandbox.md").read_text()
    code = text.split("```python\n")[1].split("```")[0]
    assert "http://localhost:8440/_sandbox" in code
    script = tmp_path / "example.py"
    script.write_text(code.replace("http://localhost:8440/_sandbox", sandbox.control_url))
    plain = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [sys.executable, script],
        env=plain | {"REQUESTS_CA_BUNDLE": str(sandbox.ca_file)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "Northwind\n"), done.stderr
