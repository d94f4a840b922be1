"""Packs a generated package as a wheel or a source distribution, with PyPA's flit_core."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

EPOCH = "1577836800"  # 2020-01-01: a fixed date, so that the same files give the same bytes


class Form(StrEnum):
    WHEEL = "wheel"
    SDIST = "sdist"


@dataclass(frozen=True)
class Archive:
    name: str
    content: bytes


def build(files: Mapping[str, str], form: Form) -> Archive:
    """The archive of a project's files.

    The build backend works on its process's own folder and environment, so it gets a process of its own.

    https://flit.pypa.io/en/stable/reproducible.html
    """
    with tempfile.TemporaryDirectory(prefix="isthmus-package-") as folder:
        project, made = Path(folder, "project"), Path(folder, "made")
        made.mkdir()
        write(files, project)
        subprocess.run(
            [sys.executable, "-c", f"from flit_core import buildapi; buildapi.build_{form}({str(made)!r})"],
            cwd=project,
            env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH},
            check=True,
            capture_output=True,
        )
        archive = next(made.iterdir())
        return Archive(archive.name, archive.read_bytes())


def write(files: Mapping[str, str], folder: Path) -> None:
    """Write the project's files into a folder."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        target.chmod(0o644)
