"""docs/runbook.md names every code that a check can find, and the button that mends it as it is labelled."""

import ast
from pathlib import Path

import pytest

from connections.health import chain
from connections.health.links import REPAIRS, TITLES

RUNBOOK = (Path(__file__).parents[2] / "docs/runbook.md").read_text()


def codes() -> set[str]:
    """What chain.py says literally, in its tables and in its calls."""
    found = {code for _, code in chain._LINK_OF.values()} | set(chain._USER_CODES.values())
    for node in ast.walk(ast.parse(Path(chain.__file__).read_text())):
        if isinstance(node, ast.keyword) and node.arg == "code" and isinstance(node.value, ast.Constant):
            found.add(node.value.value)
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "code":
            found |= {
                one.value
                for one in ast.walk(node.value)
                if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value.islower()
            }
    return found


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_code_is_explained(code):
    assert f"`{code}`" in RUNBOOK


@pytest.mark.parametrize("label", sorted({repair.label for repair in REPAIRS.values()}))
def test_every_button_is_named(label):
    assert f"*{label}*" in RUNBOOK


@pytest.mark.parametrize("title", TITLES.values())
def test_every_link_has_its_rows(title):
    assert f"| {title} |" in RUNBOOK
