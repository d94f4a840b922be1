"""The pages a browser sees: plain forms, no scripts needed, one style sheet of our own."""

import secrets
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.wrappers import Response

HERE = Path(__file__).parent
STYLE_PATH = "/_pages/sandbox.css"
_environment = Environment(
    loader=FileSystemLoader(HERE),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals["style"] = STYLE_PATH


def page(template: str, status: int = 200, **context: Any) -> Response:
    """A rendered page that may load our style sheet and nothing else."""
    nonce = secrets.token_urlsafe(16)
    response = Response(
        _environment.get_template(f"{template}.html").render(nonce=nonce, **context),
        status=status,
        content_type="text/html; charset=utf-8",
    )
    # No form-action: browsers would apply it to the redirect back to the application too.
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; img-src data:; script-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def style() -> Response:
    response = Response((HERE / "sandbox.css").read_bytes(), content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = "max-age=60"
    return response
