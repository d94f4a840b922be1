"""Hostile requests to a Dataverse environment: nonsense made of the words it knows."""

import copy
import json
import random

from tests.sandbox.dataverse.multipart import batch, changeset, operation
from tests.sandbox.hostility import ODD, Attack, bend, chop

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
    "$deltatoken=",
    "1000000%2101%2f01%2f2026%2000%3a00%3a00",
    "$apply=",
    "fetchXml=",
    "<fetch><entity name='account'>",
    "sql=",
    "SELECT name FROM account WHERE ",
    "$metadata",
    "$batch",
    "$1",
    "BulkDelete",
    "smp_projects",
    "smp_contract",
    "sessiontoken=",
    "desc",
    "asc",
    "*",
    "%25",
    "[^",
]
STARTS = [
    "",
    "accounts?$filter=",
    "accounts?$expand=",
    "accounts(",
    "EntityDefinitions?$filter=",
    "contacts?$orderby=",
    "accounts?$select=name&$deltatoken=",
    "accounts?fetchXml=",
    "accounts?sql=",
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
    {"Prefer": "odata.track-changes"},
    {"Prefer": "odata.track-changes,odata.maxpagesize=1"},
    {"Prefer": "return=representation"},
]
RANGES = [
    "bytes=0-1",
    "bytes=9-1",
    "bytes=-",
    "bytes=99999-",
    "x",
    "bytes=0-1,3-4",
    "bytes 0-4/5",
    "bytes 0-4/4",
    "bytes */5",
]
NAMES = ["a.txt", "", "x" * 400, "é.txt", "a;b", '"', "..", "CON"]
FETCH = (
    "<fetch count='5' page='1'><entity name='account'><attribute name='name'/><order attribute='name'/>"
    "<filter type='or'><condition attribute='name' operator='like' value='a%'/>"
    "<condition attribute='createdon' operator='last-x-days' value='5'/></filter>"
    "<link-entity name='contact' from='contactid' to='primarycontactid' alias='c'>"
    "<attribute name='fullname'/></link-entity></entity></fetch>"
)
SQL = (
    "SELECT a.name, c.fullname FROM account a JOIN contact c ON a.primarycontactid = c.contactid "
    "WHERE a.name LIKE 'a%' AND a.revenue > 10 ORDER BY a.name"
)
BULK = {
    "JobName": "x",
    "QuerySet": [
        {
            "EntityName": "task",
            "Criteria": {
                "FilterOperator": "And",
                "Conditions": [
                    {
                        "AttributeName": "subject",
                        "Operator": "In",
                        "Values": [{"Value": "x", "Type": "System.String"}],
                    }
                ],
                "Filters": [],
            },
            "LinkEntities": [],
        }
    ],
    "StartDateTime": "2026-01-01T00:00:00Z",
    "RunNow": False,
}
RECORD = {
    "name": "x",
    "revenue": 1.5,
    "industrycode": 1,
    "donotphone": True,
    "primarycontactid@odata.bind": "/contacts(11111111-1111-1111-1111-111111111111)",
    "contact_customer_accounts": [{"lastname": "y"}],
}
COLUMN = {
    "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata",
    "SchemaName": "smp_New",
    "MaxLength": 10,
    "FormatName": {"Value": "Text"},
    "RequiredLevel": {"Value": "None"},
    "DisplayName": {"LocalizedLabels": [{"Label": "x", "LanguageCode": 1033}]},
}
TABLE = {
    "@odata.type": "Microsoft.Dynamics.CRM.EntityMetadata",
    "SchemaName": "smp_Made",
    "DisplayName": COLUMN["DisplayName"],
    "DisplayCollectionName": COLUMN["DisplayName"],
    "OwnershipType": "UserOwned",
    "HasActivities": False,
    "HasNotes": False,
    "Attributes": [{**COLUMN, "IsPrimaryName": True}],
}
TARGETS = {"Targets": [{"@odata.type": "Microsoft.Dynamics.CRM.account", **RECORD}]}
JSON_TARGETS = [
    ("POST", "accounts", RECORD),
    ("PATCH", "accounts(11111111-1111-1111-1111-111111111111)", RECORD),
    ("POST", "accounts/Microsoft.Dynamics.CRM.CreateMultiple", TARGETS),
    ("POST", "accounts/Microsoft.Dynamics.CRM.UpsertMultiple", TARGETS),
    ("POST", "BulkDelete", BULK),
    ("POST", "EntityDefinitions", TABLE),
    ("POST", "EntityDefinitions(LogicalName='smp_project')/Attributes", COLUMN),
]


def _words(generator: random.Random) -> str:
    return "".join(generator.choice(PIECES) for _ in range(generator.randint(1, 14)))


def address(generator: random.Random) -> Attack:
    """Words that Dataverse knows, in an order that nobody meant."""
    path = generator.choice(STARTS) + _words(generator)
    headers = {**generator.choice(HEADERS), "Content-Type": "application/json"}
    return Attack(generator.choice(METHODS), path, generator.choice(BODIES), headers)


def payload(generator: random.Random) -> Attack:
    """A body that was right before something in it was changed."""
    method, path, body = generator.choice(JSON_TARGETS)
    bent = copy.deepcopy(body)
    for _ in range(generator.randint(1, 3)):
        bent = bend(generator, bent)
    content = json.dumps(bent).encode()
    if generator.random() < 0.1:
        content = chop(generator, content)
    return Attack(method, path, content, {**generator.choice(HEADERS), "Content-Type": "application/json"})


def language(generator: random.Random) -> Attack:
    """FetchXML and SQL with pieces missing, doubled or foreign."""
    name, text = generator.choice([("fetchXml", FETCH), ("sql", SQL)])
    content = chop(generator, text.encode()).decode("utf-8", "replace")
    if generator.random() < 0.5:
        at = generator.randrange(len(content) + 1)
        content = content[:at] + str(generator.choice(ODD)) + content[at:]
    return Attack("GET", "accounts", b"", generator.choice(HEADERS), {name: content})


def batches(generator: random.Random) -> Attack:
    """Batches cut, doubled and mixed up, and batches of nonsense."""
    inner = [
        operation(
            generator.choice(METHODS),
            generator.choice(["$1", "accounts?$top=2", "$batch", _words(generator)]),
            *more,
        )
        for more in ([], [{"name": 1}], [RECORD])
    ]
    members = [
        operation("POST", "accounts", {"name": "x"}, content_id=n)
        for n in (1, generator.choice([1, 2, "{}"]))
    ]
    content = batch(*inner, changeset(*members), end=generator.choice(["\r\n", "\n"]))
    if generator.random() < 0.7:
        content = chop(generator, content)
    kind = generator.choice(
        ["multipart/mixed; boundary=batch_X"] * 6 + ["multipart/mixed", 'multipart/mixed;boundary="x']
    )
    prefer = {"Prefer": "odata.continue-on-error"} if generator.random() < 0.5 else {}
    return Attack("POST", "$batch", content, {"Content-Type": kind, **prefer})


def files(generator: random.Random, record: str) -> Attack:
    """Uploads and downloads with odd names, ranges and sessions."""
    headers = {
        "Content-Type": "application/octet-stream",
        "Range": generator.choice(RANGES),
        "Content-Range": generator.choice(RANGES),
        "x-ms-file-name": generator.choice(NAMES).encode(),
        "x-ms-transfer-mode": generator.choice(["", "chunked", "x"]),
    }
    sent = {name: value for name, value in headers.items() if value and generator.random() < 0.6}
    end = generator.choice(
        ["", "", "/$value", "?size=full", "?sessiontoken=x", "?x-ms-file-name=%0d%0a", "/$value/x"]
    )
    method = generator.choice(["GET", "GET", "PATCH", "PATCH", "PUT", "DELETE", "POST"])
    return Attack(method, f"smp_projects({record})/smp_contract{end}", generator.choice(BODIES), sent)
