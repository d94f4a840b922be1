"""A browser without a screen: it keeps cookies, follows links and fills in plain forms."""

from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

from sandbox.world import World

REDIRECT_URI = "http://localhost/complete/entra/"


class Form:
    def __init__(self, action: str) -> None:
        self.action = action
        self.fields: dict[str, str] = {}
        self.buttons: list[tuple[str, str]] = []


class Page(HTMLParser):
    """The forms and the text of one page."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__()
        self.response = response
        self.status = response.status_code
        self.url = response.url
        self.forms: list[Form] = []
        self.text = ""
        self.feed(response.text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "form":
            self.forms.append(Form(values.get("action", "")))
        elif tag == "input" and self.forms and values.get("name") and values.get("type") != "checkbox":
            self.forms[-1].fields[values["name"]] = values.get("value") or ""
        elif tag == "button" and self.forms and values.get("name"):
            self.forms[-1].buttons.append((values["name"], values.get("value", "")))

    def handle_data(self, data):
        self.text += data.strip() + " " if data.strip() else ""

    @property
    def answer(self) -> dict[str, str]:
        """What the application received, if this is the redirect to it."""
        location = urlsplit(self.response.headers.get("Location", ""))
        return dict(parse_qsl(location.query or location.fragment))

    def form_with(self, name: str) -> Form:
        """The form that has a field or button of this name."""
        return next(
            form
            for form in self.forms
            if name in form.fields or name in {button for button, _ in form.buttons}
        )


class Browser:
    """Redirects within the sandbox are followed; the one to the application is the end of the journey."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(world.ca_file)

    def open(self, url: str, **options) -> Page:
        return self._settle(self.session.get(url, allow_redirects=False, timeout=30, **options))

    def submit(self, page: Page, **fields: str) -> Page:
        """Press the button, or fill in the field, that `fields` names first."""
        form = page.form_with(next(iter(fields)))
        data = {**form.fields, **fields}
        target = urljoin(page.url, form.action)
        return self._settle(self.session.post(target, data=data, allow_redirects=False, timeout=30))

    def authorize(self, tenant: str = "organizations", **parameters: str) -> Page:
        values = {
            "client_id": self.world.front_app.client_id,
            "response_type": "code",
            "redirect_uri": REDIRECT_URI,
            "scope": "openid profile offline_access",
            "state": "st4te",
            **parameters,
        }
        values = {name: value for name, value in values.items() if value is not None}
        return self.open(f"{self.world.places.pages}/{tenant}/oauth2/v2.0/authorize", params=values)

    def pick(self, page: Page, upn: str) -> Page:
        person = self.world.directory.people_table.by_upn(upn)
        return self.submit(page, account=person.oid)

    def sign_in(self, upn: str, scope: str, **parameters: str) -> dict[str, str]:
        """All the way to the application, accepting what is asked. Returns what the application receives."""
        page = self.authorize(scope=scope, **parameters)
        while "Location" not in page.response.headers:
            if "Pick an account" in page.text:
                page = self.pick(page, upn)
            elif "Approve the sign-in" in page.text:
                page = self.submit(page, decision="approve")
            elif "Permissions requested" in page.text:
                page = self.submit(page, decision="accept")
            else:
                raise AssertionError(page.text)
        return page.answer

    def _settle(self, response: requests.Response) -> Page:
        ours = (self.world.places.pages, self.world.places.login)
        while response.is_redirect and response.headers["Location"].startswith(ours):
            response = self.session.get(response.headers["Location"], allow_redirects=False, timeout=30)
        return Page(response)
