"""Third-party assets under static/vendor: what the manifest promises, checked and renewed.

`python tests/look/vendoring.py` checks; with `--update` it fetches the versions that the manifest names by
`npm pack`, copies the files (or builds the icon sprite from the names listed) and writes their SHA-256 sums.
Only maintainers need npm: what is served lies in the repository.
"""

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

VENDOR = Path(__file__).resolve().parents[2] / "static" / "vendor"
MANIFEST = VENDOR / "manifest.json"


def packages() -> list[dict[str, Any]]:
    return json.loads(MANIFEST.read_text())["packages"]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def faults() -> list[str]:
    """What is missing, changed or unlisted; empty when all is as the manifest says."""
    listed = {name: entry for package in packages() for name, entry in package["files"].items()}
    found = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()} - {
        "manifest.json"
    }
    return (
        [f"{name} is missing" for name in sorted(listed.keys() - found)]
        + [f"{name} is not in the manifest" for name in sorted(found - listed.keys())]
        + [
            f"{name} is not the file that was vendored"
            for name in sorted(listed.keys() & found)
            if digest(VENDOR / name) != listed[name].get("sha256")
        ]
    )


def sprite_names() -> set[str]:
    """The icons that the sprite holds, by their Bootstrap Icons names."""
    sprite = (VENDOR / "bootstrap-icons" / "icons.svg").read_text()
    return set(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite))


def _symbol(package: Path, name: str) -> str:
    svg = (package / "icons" / f"{name}.svg").read_text()
    inside = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    if inside is None:
        raise ValueError(f"{name}.svg is not an icon")
    return f'<symbol id="{name}" viewBox="0 0 16 16">{" ".join(inside[1].split())}</symbol>'


def _fetch(package: dict[str, Any], folder: Path) -> Path:
    spec = f"{package['name']}@{package['version']}"
    answer = subprocess.run(
        ["npm", "pack", "--json", "--pack-destination", str(folder), spec],
        check=True,
        capture_output=True,
        text=True,
    )
    archive = next(folder.glob("*.tgz"))
    if json.loads(answer.stdout) == []:
        raise ValueError(f"npm packed nothing for {spec}")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / "package"


def _build(package: Path, entry: dict[str, Any]) -> bytes:
    if "sprite" in entry:
        symbols = "\n".join(_symbol(package, name) for name in sorted(set(entry["sprite"])))
        return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'.encode()
    # A source map is not vendored, so the pointer to it would only be a 404 in every developer's console.
    return re.sub(rb"\n?(//|/\*)# sourceMappingURL=[^\n]*", b"", (package / entry["from"]).read_bytes())


def update() -> None:
    manifest = {"packages": packages()}
    for package in manifest["packages"]:
        with tempfile.TemporaryDirectory() as folder:
            source = _fetch(package, Path(folder))
            for name, entry in package["files"].items():
                target = VENDOR / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(_build(source, entry))
                entry["sha256"] = digest(target)
    MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    if "--update" in sys.argv:
        update()
    problems = faults()
    sys.exit("\n".join(problems) if problems else 0)
