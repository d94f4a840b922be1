"""What the tour does, in order. Each step's first line is its title; what it returns is shown beside it."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from runtime.tour.browser import Browser
from runtime.tour.portal import Portal

PERSON = "Ana Alvarez"
ENVIRONMENT = "Contoso Sales"
ENTITIES = ["account", "contact"]
ATTRIBUTES = {
    "account": ["name", "telephone1", "revenue", "industrycode", "primarycontactid"],
    "contact": ["firstname", "lastname", "emailaddress1", "parentcustomerid"],
}
PATIENCE = 120.0
READ_IN_PROCESS = """
import integrations
accounts = integrations.service("tour_is").entity("account")
record = accounts.get("{record}")
print(record.values["name"], "|", record.values["telephone1"])
"""


@dataclass
class Notes:
    """What later steps need to know of earlier ones."""

    portal: Portal
    browser: Browser
    places: dict[str, str] = field(default_factory=dict)


def start_everything(notes: Notes) -> str:
    """Start the sandbox, Valkey, worker, beat and the portal."""
    return notes.portal.start()


def sign_in(notes: Notes) -> str:
    """Sign in with a Microsoft account."""
    notes.browser.open(notes.portal.url)
    notes.browser.press("Sign in with Microsoft")
    _through_microsoft(notes)
    _expect(notes, "Welcome")
    return PERSON


def authorise(notes: Notes) -> str:
    """Authorise Isthmus to see environments and register applications."""
    notes.browser.open("/connections/new/")
    while any("Authorise" in label for form in notes.browser.page.forms for label in form.buttons):
        notes.browser.press("Authorise")
        _through_microsoft(notes)
    _expect(notes, ENVIRONMENT)
    return f"{ENVIRONMENT} is listed"


def create_connection(notes: Notes) -> str:
    """Create a connection and wait until it is proven."""
    form = notes.browser.form("Create the connection")
    address = _value_beside(notes, "environment", ENVIRONMENT)
    notes.browser.press("Create the connection", environment=address, name="Tour")
    notes.places["connection"] = notes.browser.page.url
    assert form.method == "post"
    _wait_for(notes, "Ready", notes.places["connection"])
    return "ready"


def test_connection(notes: Notes) -> str:
    """Test it: a token by its certificate, and WhoAmI."""
    notes.browser.press("/test/")
    _expect(notes, "works")
    return "it works"


def choose(notes: Notes) -> str:
    """Build an integration on accounts and contacts."""
    notes.browser.open("/integrations/new/")
    address = _value_beside(notes, "environment", ENVIRONMENT)
    notes.browser.press("Create and choose", name="Tour", environment=address)
    notes.places["integration"] = re.sub(r"entities/$", "", notes.browser.page.url)
    notes.browser.press("Save and choose attributes", {"entity": ENTITIES}, access="read_write")
    for _ in ENTITIES:
        entity = notes.browser.page.url.rstrip("/").rsplit("/", 1)[-1]
        notes.browser.press("Save and go on", {"attribute": ATTRIBUTES[entity]}, access="read_write")
    notes.browser.press("Save and review")
    return ", ".join(f"{len(ATTRIBUTES[entity])} attributes of {entity}" for entity in ENTITIES)


def publish(notes: Notes) -> str:
    """Review it and publish version 1."""
    notes.browser.press("Publish version 1", notes="The first one.")
    _wait_for(notes, "is published", notes.browser.page.url)
    return "version 1"


def bind(notes: Notes) -> str:
    """Bind it to the connection on Development, and wait until its role has grown."""
    notes.browser.open(f"{notes.places['integration']}bind/")
    connection = notes.places["connection"]
    notes.browser.press("Bind", connection=connection.rstrip("/").rsplit("/", 1)[-1])
    # A job writes the role; until then Dynamics refuses what is new in it.
    notes.browser.open(connection)
    _wait_for(notes, "Ready", connection)
    notes.places["records"] = (
        f"/records/{notes.places['integration'].rstrip('/').rsplit('/', 1)[-1]}/development"
    )
    return "Development"


def search(notes: Notes) -> str:
    """Search the accounts."""
    page = notes.browser.open(f"{notes.places['records']}/account/?sort=name&where=name~contains~a")
    found = re.search(r"(\d+)\u2013(\d+)", page.text)
    if not found:
        raise RuntimeError(_text(notes)[:600])
    return f"{found[0]} shown"


def create(notes: Notes) -> str:
    """Create an account."""
    notes.browser.open(f"{notes.places['records']}/account/new/")
    notes.browser.press("Create", name="Tour & Töchter", telephone1="+49 30 1234", revenue="1234567.89")
    notes.places["record"] = notes.browser.page.url
    return notes.places["record"].rstrip("/").rsplit("/", 1)[-1]


def read(notes: Notes) -> str:
    """Read it back."""
    notes.browser.open(notes.places["record"])
    _expect(notes, "Tour & Töchter")
    _expect(notes, "1,234,567.89")
    return "as it was typed"


def update(notes: Notes) -> str:
    """Change it."""
    notes.browser.follow("Edit")
    notes.browser.press("Save", telephone1="+49 30 9999")
    _expect(notes, "+49 30 9999")
    return "+49 30 9999"


def read_in_process(notes: Notes) -> str:
    """Read it through the service operations, from Django code."""
    record = notes.places["record"].rstrip("/").rsplit("/", 1)[-1]
    said = notes.portal.manage("shell", "-c", READ_IN_PROCESS.format(record=record))
    if "+49 30 9999" not in said:
        raise RuntimeError(said)
    return said.strip().splitlines()[-1]


def delete(notes: Notes) -> str:
    """Delete it, after the question."""
    notes.browser.open(notes.places["record"])
    notes.browser.follow("Delete")
    notes.browser.press("Delete")
    _expect(notes, "deleted")
    return "gone"


STEPS: list[Callable[[Notes], str]] = [
    start_everything,
    sign_in,
    authorise,
    create_connection,
    test_connection,
    choose,
    publish,
    bind,
    search,
    create,
    read,
    update,
    read_in_process,
    delete,
]


def _through_microsoft(notes: Notes) -> None:
    """Pick the account and accept what is asked, as often as Microsoft asks."""
    browser = notes.browser
    for _ in range(6):
        if "Pick an account" in browser.page.text:
            account = _value_beside(notes, "account", PERSON)
            browser.press("account", account=account)
        elif "Permissions requested" in browser.page.text:
            browser.press("Accept")
        else:
            return
    raise RuntimeError("the sign-in goes round in circles")


def _value_beside(notes: Notes, name: str, label: str) -> str:
    """The value of the control called `name` whose text is, or begins with, `label`."""
    html = notes.browser.page.html
    pattern = rf'name="{name}"[^>]*value="([^"]*)"|<option value="([^"]*)"'
    for found in re.finditer(pattern, html):
        text = re.sub(r"<[^>]+>", " ", html[found.end() : found.end() + 900])
        words = " ".join(text.lstrip(">").split())
        if re.match(rf"(?:\w\w? )?(?:[\w=\"-]*>)? ?{re.escape(label)}(?! \()", words):
            return found[1] or found[2]
    raise LookupError(f"“{notes.browser.page.title.strip()}” offers no {name} “{label}”")


def _wait_for(notes: Notes, word: str, url: str) -> None:
    """Look at a page again and again until it says so. Raises RuntimeError when it fails or takes too long."""
    deadline = time.monotonic() + PATIENCE
    while word not in notes.browser.page.text:
        if time.monotonic() > deadline:
            raise RuntimeError(f"not {word.lower()} after {PATIENCE:.0f} s: {_text(notes)[:600]}")
        if "Failed" in notes.browser.page.text:
            raise RuntimeError(_text(notes)[:900])
        time.sleep(0.5)
        notes.browser.open(url)


def _expect(notes: Notes, text: str) -> None:
    if text not in notes.browser.page.text:
        raise RuntimeError(f"the page does not say “{text}”: {_text(notes)[:900]}")


def _text(notes: Notes) -> str:
    return " ".join(notes.browser.page.text.split())
