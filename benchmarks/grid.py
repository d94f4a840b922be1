"""What the grid takes on the large scenario: `python benchmarks/grid.py` starts everything and prints a table.

The first byte of a page of 50 records is compared with what Dataverse itself takes for the same question, asked by
the same client. Then 50 pages are scrolled as a browser does it, and time and memory are watched. Needs a few minutes.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from html import unescape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)

from runtime.tour import steps  # noqa: E402
from runtime.tour.browser import Browser  # noqa: E402
from runtime.tour.portal import Portal  # noqa: E402
from sandbox.__main__ import REDIRECT_URI  # noqa: E402
from sandbox.world import World  # noqa: E402

PAGES, TIMES = 50, 15
UPSTREAM = """
import statistics, time
import integrations
from integrations.models import Integration
accounts = integrations.service("tour_is").entity("account")
client, taken = accounts.service.client, []
from integrations.searching.query import columns
select = columns(accounts.entity, accounts.readable)
client.list("accounts", select=select, orderby={order}, page_size=50)
for _ in range({times}):
    began = time.perf_counter()
    client.list("accounts", select=select, orderby={order}, page_size=50)
    taken.append(time.perf_counter() - began)
print("UPSTREAM", statistics.median(taken) * 1000)
page, further = client.list("accounts", select=select, orderby={order}, page_size=50), []
for _ in range(10):
    began = time.perf_counter()
    page = client.next_page(page.next_link, page_size=50)
    further.append(time.perf_counter() - began)
print("FURTHER", statistics.median(further) * 1000)
"""
LISTS = {"all records": ("", "()"), "by name": ("?sort=name", "('name asc', 'accountid asc')")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", default="large")
    scenario = parser.parse_args().scenario
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        _fill(data / "sandbox", scenario)
        with Portal(data) as portal:
            portal.start()
            notes = steps.Notes(portal, Browser())
            for step in _WAY:
                step(notes)
            _measure(portal, notes)


_WAY = (
    steps.sign_in,
    steps.authorise,
    steps.create_connection,
    steps.choose,
    steps.publish,
    steps.bind,
)


def _fill(folder: Path, scenario: str) -> None:
    world = World(folder, 0, scenario, redirect_uris=[REDIRECT_URI], replication_delay=0)
    world.start()
    world.prepare()
    world.stop()


def _measure(portal: Portal, notes: steps.Notes) -> None:
    session, address = notes.browser.session, f"{portal.url}{notes.places['records']}/account/"
    print(f"{'list':14}{'upstream ms':>12}{'first byte ms':>15}{'over ms':>9}")
    for name, (query, order) in LISTS.items():
        said = portal.manage("shell", "-c", UPSTREAM.format(times=TIMES, order=order))
        found = re.search(r"UPSTREAM ([\d.]+)", said)
        upstream = float(found[1]) if found else float("nan")
        session.get(address + query, timeout=120)
        taken = []
        for _ in range(TIMES):
            began = time.perf_counter()
            answer = session.get(address + query, timeout=120, stream=True)
            taken.append((time.perf_counter() - began) * 1000)
            answer.content  # noqa: B018  a browser reads on and keeps the connection
        first = statistics.median(taken)
        print(f"{name:14}{upstream:12.1f}{first:15.1f}{first - upstream:9.1f}")
        further = re.search(r"FURTHER ([\d.]+)", said)
    _scroll(session, address, float(further[1]) if further else float("nan"))


def _scroll(session: Any, address: str, upstream: float) -> None:
    html = session.get(address + "?sort=name", timeout=120).text
    before = _memory()
    taken, records = [], 0
    for _ in range(PAGES):
        following = re.search(r'data-next="([^"]*)"', html)
        if not following or not following[1]:
            break
        began = time.perf_counter()
        html = session.get(address + unescape(following[1]), headers={"HX-Request": "true"}, timeout=120).text
        taken.append((time.perf_counter() - began) * 1000)
        records += html.count("<tr data-id=")
    tenth = max(1, len(taken) // 5)
    print(
        f"a further page takes {upstream:.1f} ms upstream; scrolled {len(taken)} pages, {records} records: first {tenth} took {statistics.median(taken[:tenth]):.1f} ms"
        f" each, last {tenth} {statistics.median(taken[-tenth:]):.1f} ms; the portal's memory {before:.0f} → {_memory():.0f} MB"
    )


def _memory() -> float:
    """What the web server's processes hold, in MB."""
    listed = subprocess.run(
        ["ps", "-eo", "pid,ppid,rss,args"], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 3) for line in listed.splitlines()[1:]]
    ours = {str(os.getpid())}
    for _ in range(5):
        ours |= {pid for pid, parent, _rss, _args in rows if parent in ours}
    return sum(int(rss) for pid, _parent, rss, args in rows if pid in ours and "gunicorn" in args) / 1024


if __name__ == "__main__":
    main()
