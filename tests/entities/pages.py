"""Reading the workspace's pages as a browser does."""

import re
from html import unescape
from html.parser import HTMLParser


class _Form(HTMLParser):
    """The names and values that a browser would send."""

    def __init__(self):
        super().__init__()
        self.data = {}
        self._select = self._area = ""

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        name, value = given.get("name", ""), given.get("value") or ""
        if tag == "input" and given.get("type") in {"checkbox", "radio"}:
            if "checked" in given:
                self.data.setdefault(name, []).append(value)
        elif tag == "input":
            self.data[name] = value
        elif tag == "option" and "selected" in given:
            self.data[self._select] = value
        elif tag == "select":
            self._select = name
            self.data[name] = ""
        elif tag == "textarea":
            self._area = name
            self.data[name] = ""

    def handle_data(self, data):
        if self._area:
            self.data[self._area] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            # The first line break is markup, the others are sent as CRLF.
            self.data[self._area] = self.data[self._area].removeprefix("\n").replace("\n", "\r\n")
            self._area = ""


def filled(answer):
    """What a browser would send from the record's form if nobody touched it."""
    found = re.search(
        r'<form method="post" class="stack record-form".*?</form>', answer.content.decode(), re.DOTALL
    )
    assert found, text(answer)[:2000]
    form = _Form()
    form.feed(found[0])
    return form.data


def text(answer):
    """What there is to read."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def errors(answer):
    """Field → what stands beside it."""
    found = re.findall(r'id="id_([\w-]+)_error">.*?<li>(.*?)</li>', answer.content.decode(), re.DOTALL)
    return {name: unescape(said) for name, said in found}
