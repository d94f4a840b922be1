"""Makes the virtual environment. Runs under the system's Python, whichever that is, so it stays plain.

python3 runtime/bootstrap.py .venv requirements.txt
"""

import os
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)


def main(folder: str, requirements: str) -> None:
    """Create the environment unless it is there, and install what the file pins."""
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(
            f"Isthmus needs Python 3.11 or newer, and {sys.executable} is {found}.\n"
            "Install a newer one and name it:  make run PYTHON=python3.12"
        )
    python = str(Path(folder) / "bin" / "python")
    if not _works(python, "import sys"):
        _make(folder)
    elif not _works(python, "import pip"):
        subprocess.check_call([python, "-m", "ensurepip"], stdout=subprocess.DEVNULL)
    _say(f"Installing the packages of {requirements} …")
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    if subprocess.call([python, "-m", "pip", "install", *quiet, "-r", requirements]):
        sys.exit(
            "The packages could not be installed. What pip says above usually names the reason: no network,\n"
            "a proxy that pip has to be told of (HTTPS_PROXY), or an index of your own (PIP_INDEX_URL)."
        )


def _make(folder: str) -> None:
    if not _works(sys.executable, "import venv, ensurepip"):
        sys.exit(
            "Python's venv module is missing. On Debian and Ubuntu:  apt install python3-venv\n"
            "then repeat the command."
        )
    _say(f"Making the virtual environment {folder} …")
    subprocess.check_call([sys.executable, "-m", "venv", "--clear", folder])


def _works(python: str, code: str) -> bool:
    try:
        return subprocess.call([python, "-c", code], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def _say(text: str) -> None:
    sys.stdout.write(text + os.linesep)
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
