"""FetchXML and SQL over the wire."""

import xml.etree.ElementTree as ET
from urllib.parse import quote, unquote

PAGING = {
    "Prefer": 'odata.include-annotations="Microsoft.Dynamics.CRM.fetchxmlpagingcookie,'
    'Microsoft.Dynamics.CRM.morerecords"'
}
COOKIE = "@Microsoft.Dynamics.CRM.fetchxmlpagingcookie"
PLAIN = "'=/"
MORE = "@Microsoft.Dynamics.CRM.morerecords"


def send_fetch(api, xml, path=None, *, headers=None, more=""):
    """The raw response. The set follows from the entity unless a path is given."""
    if path is None:
        path = {"account": "accounts", "contact": "contacts"}.get(entity_of(xml), "accounts")
    return api.send("GET", f"{path}?fetchXml={quote(xml, safe=PLAIN)}{more}", headers=headers)


def entity_of(xml):
    return xml.split("<entity name=", 1)[-1][1:].split(xml.split("<entity name=", 1)[-1][:1])[0]


def fetch(api, xml, path=None, *, headers=None, more=""):
    response = send_fetch(api, xml, path, headers=headers, more=more)
    assert response.status_code == 200, response.text
    return response.json()


def fetched(api, inner, options="", entity="account", **rest):
    """The rows of an <entity> with this content."""
    return fetch(api, f"<fetch {options}><entity name='{entity}'>{inner}</entity></fetch>", **rest)["value"]


def all_pages(api, inner, options, entity="account"):
    """Pages by cookie, in the way Microsoft's pages describe."""
    element = ET.fromstring(f"<fetch page='1' {options}><entity name='{entity}'>{inner}</entity></fetch>")
    while True:
        page = fetch(api, ET.tostring(element, encoding="unicode"), headers=PAGING)
        yield page
        if not page.get(MORE):
            return
        if COOKIE in page:
            outer = ET.fromstring(page[COOKIE])
            element.set("paging-cookie", unquote(unquote(outer.get("pagingcookie"))))
        element.set("page", str(int(element.get("page")) + 1))


def send_sql(api, statement, path="accounts", headers=None):
    return api.send("GET", f"{path}?sql={quote(statement, safe='')}", headers=headers)


def sql(api, statement, path="accounts", headers=None):
    """All rows, following the links."""
    response = send_sql(api, statement, path, headers)
    rows = []
    while True:
        assert response.status_code == 200, response.text
        body = response.json()
        rows += body["value"]
        if "@odata.nextLink" not in body:
            return rows
        response = api.send("GET", body["@odata.nextLink"], headers=headers)
