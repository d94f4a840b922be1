"""What an export of everything takes: `python benchmarks/export.py` fills the sandbox's *large* scenario and exports it.

200,000 accounts as CSV, Excel and JSON, through the portal and a worker as people do it. Memory is the highest that
any worker process has had since the start, as Linux says; progress is how many different figures the page showed.
"""

import http.client
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)

from runtime.tour import steps  # noqa: E402
from runtime.tour.browser import Browser  # noqa: E402
from runtime.tour.portal import Portal  # noqa: E402
from sandbox.world import World  # noqa: E402

FORMATS = ("csv", "xlsx", "json")
PATIENCE = 3600
EXPORT = "entities.export"


def fill(data: Path) -> None:
    """Build Contoso's environment with the large scenario, before a portal starts a sandbox on it."""
    world = World(data / "sandbox", scenario="large")
    for environment in world.directory.environments():
        if environment.url_name == "contoso":
            world.environment(environment.unique_name)


def lift_limits(data: Path) -> None:
    """What is measured here is work, not waiting for Dataverse's limits."""
    cloud = json.loads((data / "sandbox" / "cloud.json").read_text())
    control = urlsplit(cloud["control"])
    plain = http.client.HTTPConnection(str(control.netloc), timeout=60)
    limits = json.dumps({"dataverse_requests": 0, "dataverse_execution_seconds": 0})
    plain.request("PATCH", f"{control.path}/settings", limits, {"Content-Type": "application/json"})
    if plain.getresponse().status != 200:
        raise SystemExit("The sandbox did not lift its limits.")


def export(notes: steps.Notes, form: str) -> tuple[float, int, int, int]:
    """Seconds, records, bytes of the file, and how many different figures the page showed meanwhile."""
    address = f"{notes.places['records']}/account/export/"
    notes.browser.open(address)
    began = time.perf_counter()
    notes.browser.press("Export", format=form, columns="all", labels="yes")
    here = notes.browser.page.url
    figures: set[str] = set()
    while True:
        page = notes.browser.open(here).html
        figures |= set(re.findall(r"([\d,]+) records", page))
        if "Download" in page:
            break
        if "Try again" in page or time.perf_counter() - began > PATIENCE:
            raise SystemExit(re.sub(r"<[^>]+>", " ", page)[-2000:])
        time.sleep(0.5)
    took = time.perf_counter() - began
    answer = notes.browser.session.get(f"{here}download/", stream=True, timeout=600)
    size = sum(len(piece) for piece in answer.iter_content(1024 * 1024))
    count = max(int(figure.replace(",", "")) for figure in figures)
    return took, count, size, len(figures)


def highest(data: Path) -> float:
    """MiB: the most that one worker process of this portal has held."""
    found = [0.0]
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            command = (folder / "cmdline").read_bytes()
            environment = (folder / "environ").read_bytes()
            status = (folder / "status").read_text()
        except OSError:
            continue
        if b"celery" in command and b"worker" in command and os.fsencode(data) in environment:
            peak = re.search(r"VmHWM:\s+(\d+)", status)
            found.append(int(peak[1]) / 1024 if peak else 0.0)
    return max(found)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Portal(Path(folder) / "data") as portal:
        data = Path(folder) / "data"
        began = time.perf_counter()
        fill(data)
        print(f"filled in {time.perf_counter() - began:.0f} s", flush=True)
        portal.start()
        lift_limits(data)
        notes = steps.Notes(portal, Browser())
        for step in (
            steps.sign_in,
            steps.authorise,
            steps.create_connection,
            steps.test_connection,
            steps.choose,
            steps.publish,
            steps.bind,
        ):
            step(notes)
        print(f"before: {highest(data):.0f} MiB\n", flush=True)
        print(
            f"{'':<6}{'records':>10}{'seconds':>10}{'per second':>12}{'file MB':>10}{'peak MiB':>10}{'figures':>9}"
        )
        for form in FORMATS:
            took, count, size, figures = export(notes, form)
            print(
                f"{form:<6}{count:>10,}{took:>10.1f}{count / took:>12,.0f}{size / 1e6:>10.1f}"
                f"{highest(data):>10.0f}{figures:>9}",
                flush=True,
            )


if __name__ == "__main__":
    main()
