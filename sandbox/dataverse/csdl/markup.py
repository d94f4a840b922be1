"""XML by the piece."""

from xml.sax.saxutils import escape, quoteattr


def attribute(value: str) -> str:
    """A quoted attribute value without the characters that XML cannot hold."""
    return quoteattr("".join(char for char in value if char >= " " or char in "\t\n\r"))


def tag(name: str, *content: str, **attributes: str | None) -> str:
    """An element; attributes that are None are left out."""
    written = "".join(f" {key}={attribute(value)}" for key, value in attributes.items() if value is not None)
    return f"<{name}{written}>{''.join(content)}</{name}>" if content else f"<{name}{written} />"


def text(value: str) -> str:
    return escape(value)
