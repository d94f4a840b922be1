"""A person without a screen: opens pages, fills in forms, follows links, as plain HTML allows."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

VOID = {"input", "img", "br", "hr", "meta", "link", "area", "base", "col", "source", "wbr"}


@dataclass
class Form:
    """One form of a page: where it goes and what it holds as it stands."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)  # label → (name, value)
    text: str = ""


class Page(HTMLParser):
    """What a person can act on: the title, the text, links and forms."""

    def __init__(self, url: str, html: str) -> None:
        super().__init__()
        self.url = url
        self.html = html
        self.title = ""
        self.text = ""
        self.links: dict[str, str] = {}
        self.forms: list[Form] = []
        self._open: list[str] = []
        self._link: str | None = None
        self._link_text = ""
        self._form: Form | None = None
        self._button: tuple[str, str] | None = None
        self._button_text = ""
        self._select: str | None = None
        self._textarea: str | None = None
        self._option: tuple[str, bool] | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append(tag)
        if tag == "a" and "href" in attributes:
            self._link, self._link_text = urljoin(self.url, attributes["href"]), ""
        elif tag == "form":
            action = urljoin(self.url, attributes.get("action") or self.url)
            self._form = Form(action, attributes.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None:
            self._start_control(tag, attributes)

    def _start_control(self, tag: str, attributes: dict[str, str]) -> None:
        form, name = self._form, attributes.get("name", "")
        if form is None or "disabled" in attributes:
            return
        if tag == "input":
            kind = attributes.get("type", "text")
            if kind == "submit":
                form.buttons[attributes.get("value", "")] = (name, attributes.get("value", ""))
            elif name and (kind not in {"checkbox", "radio"} or "checked" in attributes):
                default = "on" if kind in {"checkbox", "radio"} else ""
                form.fields.append((name, attributes.get("value", default)))
        elif tag == "button":
            self._button, self._button_text = (name, attributes.get("value", "")), ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self._option = (attributes.get("value", ""), "selected" in attributes)
            # The first option is what a browser sends when none is marked.
            if self._option[1] or not any(known == self._select for known, _ in form.fields):
                form.fields = [item for item in form.fields if item[0] != self._select]
                form.fields.append((self._select, self._option[0]))
        elif tag == "textarea":
            self._textarea = name
            form.fields.append((name, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag == "a" and self._link:
            self.links.setdefault(" ".join(self._link_text.split()), self._link)
            self._link = None
        elif tag == "form":
            self._form = None
        elif tag == "button" and self._button and self._form:
            self._form.buttons[" ".join(self._button_text.split())] = self._button
            self._button = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in {"script", "style"}:
            return
        if self._open and self._open[-1] == "title" and "svg" not in self._open:
            self.title += data
        self.text += data + " "
        if self._link is not None:
            self._link_text += data
        if self._button is not None:
            self._button_text += data
        if self._form is not None:
            self._form.text += data + " "
            if self._textarea is not None:
                name = self._form.fields.pop()[0]
                self._form.fields.append((name, data.removeprefix("\n")))


class Browser:
    """Keeps cookies between pages. Every answer is a `Page`; an HTTP error is an exception."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.page = Page("about:blank", "")

    def open(self, url: str) -> Page:
        return self._show(self.session.get(urljoin(self.page.url, url), timeout=60))

    def follow(self, label: str) -> Page:
        """Open the first link whose text contains these words."""
        for text, url in self.page.links.items():
            if label.lower() in text.lower():
                return self.open(url)
        raise LookupError(f"“{self.page.title.strip()}” has no link “{label}”")

    def form(self, button: str) -> Form:
        """The first form with such a button, or whose action contains these words."""
        for form in self.page.forms:
            if button in form.action or any(button.lower() in label.lower() for label in form.buttons):
                return form
        raise LookupError(f"“{self.page.title.strip()}” has no form with “{button}”")

    def press(self, button: str, add: dict[str, list[str]] | None = None, **values: str) -> Page:
        """Fill in the form with this button and press it. `add` gives fields several values."""
        form = self.form(button)
        fields = [item for item in form.fields if item[0] not in {*values, *(add or {})}]
        fields += list(values.items())
        fields += [(name, value) for name, many in (add or {}).items() for value in many]
        for label, (name, value) in form.buttons.items():
            if button.lower() in label.lower() and name:
                fields.append((name, value))
                break
        headers = {"Referer": self.page.url}
        if form.method == "post":
            return self._show(self.session.post(form.action, data=fields, headers=headers, timeout=120))
        return self._show(self.session.get(form.action, params=fields, headers=headers, timeout=120))

    def _show(self, response: requests.Response) -> Page:
        self.page = Page(response.url, response.text)
        if response.status_code >= 400:
            text = " ".join(self.page.text.split())
            raise RuntimeError(f"{response.status_code} from {response.url}: {text[:600]}")
        return self.page
