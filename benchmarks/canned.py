"""An HTTPS server with records that were made beforehand, so that serving them costs next to nothing.

It understands what a first load asks: pages, tracked pages, delta links, ranges and order by createdon, and what
Microsoft's SDK asks about the entity. Run as a process; prints its port.
"""

import argparse
import json
import random
import re
import ssl
import threading
import time
import uuid
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

PAGE = 5000
API = "/api/data/v9.2"
FORMATTED = "@OData.Community.Display.V1.FormattedValue"
TARGET = "@Microsoft.Dynamics.CRM.lookuplogicalname"
BOUND = re.compile(r"createdon (ge|lt) (\S+?Z)")
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
INDUSTRIES = ("Accounting", "Agriculture", "Brokers", "Consulting", "Design", "Education", "Finance")


def record(number: int, chance: random.Random) -> dict[str, object]:
    """Twenty columns of an account, with what Dynamics adds for people."""
    created = (FIRST + timedelta(minutes=10 * number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    industry, owner = chance.randrange(len(INDUSTRIES)), uuid.UUID(int=chance.randrange(40))
    revenue = f"{chance.randrange(10**9)}.{chance.randrange(10**4):04}"
    return {
        "@odata.etag": f'W/"{number}"',
        "accountid": str(uuid.UUID(int=chance.getrandbits(128))),
        "name": f"Company {number} & Søn",
        "accountnumber": f"A-{number:08}",
        "telephone1": f"+44 20 {number % 10**8:08}",
        "emailaddress1": f"office{number}@example.com",
        "websiteurl": f"https://company{number}.example",
        "address1_line1": f"{number % 400} Long Street",
        "address1_city": "Wien",
        "address1_country": "Österreich",
        "description": "A customer of long standing, in words that fill a line of text.",
        "numberofemployees": number % 5000,
        "revenue": Raw(revenue),
        f"revenue{FORMATTED}": f"£{revenue}",
        "creditlimit": Raw(f"{number % 9000}.5000"),
        "creditonhold": number % 9 == 0,
        f"creditonhold{FORMATTED}": "Yes" if number % 9 == 0 else "No",
        "industrycode": industry,
        f"industrycode{FORMATTED}": INDUSTRIES[industry],
        "_ownerid_value": str(owner),
        f"_ownerid_value{FORMATTED}": f"Person {owner.int}",
        f"_ownerid_value{TARGET}": "systemuser",
        "statecode": 0,
        f"statecode{FORMATTED}": "Active",
        "statuscode": 1,
        f"statuscode{FORMATTED}": "Active",
        "createdon": created,
        f"createdon{FORMATTED}": created,
        "modifiedon": created,
        f"modifiedon{FORMATTED}": created,
        "_transactioncurrencyid_value": "3d0b1a3c-0000-4000-8000-000000000001",
        f"_transactioncurrencyid_value{FORMATTED}": "Pound Sterling",
        f"_transactioncurrencyid_value{TARGET}": "transactioncurrency",
    }


class Raw(str):
    """Digits that go into the JSON as they are."""

    __slots__ = ()


def encoded(row: dict[str, object]) -> bytes:
    parts = [f"{json.dumps(k)}:{v if isinstance(v, Raw) else json.dumps(v)}" for k, v in row.items()]
    return ("{" + ",".join(parts) + "}").encode()


class Canned:
    """The bodies, and how long each answer waits."""

    def __init__(self, rows: int, latency: float, throttle: int) -> None:
        chance = random.Random(7)
        made = sorted(
            (record(number, chance) for number in range(rows)), key=lambda row: str(row["createdon"])
        )
        self.created = [str(row["createdon"]) for row in made]
        self.rows = [encoded(row) for row in made]
        self.keys = [
            f'{{"accountid":"{row["accountid"]}","createdon":"{row["createdon"]}"}}'.encode() for row in made
        ]
        self.latency, self.throttle, self.asked = latency, throttle, 0
        self.origin = ""
        self._lock = threading.Lock()

    def answer(self, path: str, query: dict[str, str], prefer: str) -> tuple[int, bytes, dict[str, str]]:
        name = path.removeprefix(API).strip("/")
        if name.startswith("EntityDefinitions"):
            return 200, _entity(), {}
        with self._lock:
            self.asked += 1
            refused = self.throttle and self.asked % self.throttle == 0
        if refused:
            error = {"error": {"code": "0x80072322", "message": "Number of requests exceeded the limit."}}
            return 429, json.dumps(error).encode(), {"Retry-After": "1"}
        time.sleep(self.latency)
        if name.startswith("RetrieveTotalRecordCount"):
            counted = {"Count": 1, "IsReadOnly": False, "Keys": ["account"], "Values": [len(self.rows)]}
            return 200, json.dumps({"EntityRecordCountCollection": counted}).encode(), {}
        return 200, self._page(query, prefer), {}

    def _page(self, query: dict[str, str], prefer: str) -> bytes:
        link = f"{self.origin}{API}/accounts?"
        if "$deltatoken" in query or query.get("$filter", "").startswith("modifiedon"):
            delta = f',"@odata.deltaLink":"{link}$deltatoken=1"' if "$deltatoken" in query else ""
            return f'{{"value":[]{delta}}}'.encode()
        low, high = self._range(query.get("$filter", ""))
        start = max(low, int(query.get("$skiptoken", low)))
        size = int(found[1]) if (found := re.search(r"maxpagesize=(\d+)", prefer)) else PAGE
        end = min(start + size, high)
        if query.get("$orderby", "").startswith("createdon desc"):
            start, end = max(low, high - size), high
        tracked = "track-changes" in prefer
        rest = "&".join(f"{key}={value}" for key, value in query.items() if key in ("$select", "$filter"))
        more = end < high or start > low == int(query.get("$skiptoken", low))
        tail = f',"@odata.nextLink":"{link}{rest.replace(" ", "%20")}&$skiptoken={end}"' if more else ""
        if end >= high and tracked:
            tail = f',"@odata.deltaLink":"{link}{rest}&$deltatoken=1"'
        kept = self.keys if query.get("$select", "").count(",") == 1 else self.rows
        return b'{"value":[' + b",".join(kept[start:end]) + b"]" + tail.encode() + b"}"

    def _range(self, text: str) -> tuple[int, int]:
        low, high = 0, len(self.rows)
        for operator, moment in BOUND.findall(text):
            at = bisect_left(self.created, moment)
            low, high = (at, high) if operator == "ge" else (low, at)
        return low, high


def _entity() -> bytes:
    one = {
        "LogicalName": "account",
        "EntitySetName": "accounts",
        "PrimaryIdAttribute": "accountid",
        "MetadataId": "x",
    }
    return json.dumps({"value": [one]}).encode()


def serve(folder: Path, canned: Canned) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            status, body, headers = canned.answer(unquote(parts.path), query, self.headers.get("Prefer", ""))
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    canned.origin = f"https://localhost:{server.server_port}"
    print(canned.origin, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--throttle", type=int, default=0)
    given = parser.parse_args()
    serve(given.folder, Canned(given.rows, given.latency, given.throttle))
