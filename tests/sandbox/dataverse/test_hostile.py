"""Whatever comes in, what goes out is Microsoft's error shape and a 4xx."""

import random

PIECES = [
    "accounts",
    "contacts",
    "nix",
    "(",
    ")",
    "'",
    "''",
    "/",
    "//",
    "$filter=",
    "$select=",
    "$expand=",
    "$orderby=",
    "$top=",
    "$count=true",
    "$skiptoken=",
    "&",
    "?",
    "=",
    ",",
    ";",
    "name",
    "revenue",
    "eq",
    "ne",
    "and",
    "or",
    "not ",
    " ",
    "null",
    "contains(",
    "any(",
    "all(",
    "x:x/",
    "primarycontactid",
    "contact_customer_accounts",
    "$ref",
    "$value",
    "$count",
    "@p",
    "@p=1",
    "[",
    "]",
    '"',
    "{",
    "}",
    "%",
    "%00",
    "%ff",
    "%zz",
    "é",
    "🍋",
    "1",
    "-1",
    "1e999",
    "9" * 40,
    "1.5",
    "true",
    "2024-01-01",
    "9999-12-31T23:59:59Z",
    "0001-01-01",
    "11111111-1111-1111-1111-111111111111",
    "WhoAmI",
    "EntityDefinitions",
    "Attributes",
    "LogicalName='account'",
    "Microsoft.Dynamics.CRM.",
    "LastXDays(",
    "PropertyName='createdon'",
    "PropertyValue=",
    "PropertyValues=",
    "In(",
    "On(",
    "Under(",
    "Between(",
    "RetrieveTotalRecordCount",
    "roles",
    "<cookie",
    "\\",
    "\t",
    "\n",
    "\x01",
    "Microsoft.Dynamics.CRM.PicklistAttributeMetadata",
    "smp_effort",
    "createdon",
    "industrycode",
    "desc",
    "asc",
    "*",
    "%25",
    "[^",
]
METHODS = ["GET"] * 6 + ["POST", "PATCH", "PUT", "DELETE", "OPTIONS", "HEAD"]
BODIES = [
    b"",
    b"{}",
    b"[]",
    b"nix",
    b'{"name":1}',
    b'{"Targets":[]}',
    b'{"Targets":[{"@odata.type":"x"}]}',
    b'{"@odata.id":1}',
    b'{"value":{}}',
    b'{"name@odata.bind":1}',
    b'{"primarycontactid@odata.bind":"/accounts(1)"}',
    b"\xff" * 10,
    b'{"revenue":1e400}',
    b'{"accountid":[]}',
]
HEADERS = [
    {},
    {"Prefer": "odata.maxpagesize=99999999999"},
    {"Prefer": "odata.maxpagesize=x,="},
    {"If-Match": "x"},
    {"If-None-Match": "W/"},
    {"MSCRMCallerID": "x"},
    {"Prefer": 'odata.include-annotations="*'},
]


def make(generator: random.Random) -> str:
    count = generator.randint(1, 14)
    start = generator.choice(
        [
            "",
            "accounts?$filter=",
            "accounts?$expand=",
            "accounts(",
            "EntityDefinitions?$filter=",
            "contacts?$orderby=",
        ]
    )
    return start + "".join(generator.choice(PIECES) for _ in range(count))


def test_hostile_requests_never_fail_inside(new_sandbox):
    from tests.sandbox.dataverse.api import Api

    api = Api(new_sandbox())
    generator = random.Random(20260101)
    seen = set()
    for _ in range(1500):
        path, method, body, headers = (
            make(generator),
            generator.choice(METHODS),
            generator.choice(BODIES),
            generator.choice(HEADERS),
        )
        response = api.send(
            method,
            path,
            data=body,
            headers={**headers, "Content-Type": "application/json"},
            allow_redirects=False,
        )
        seen.add(response.status_code)
        note = f"{method} {path!r} {body!r} {headers}: {response.status_code} {response.text[:300]}"
        assert response.status_code < 500 or response.status_code == 501, note
        if response.status_code >= 400 and method != "HEAD":
            assert set(response.json()["error"]) >= {"code", "message"}, note
    assert {200, 400, 404, 405} <= seen
