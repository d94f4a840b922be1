"""The strict policy allows no inline script or style, so no template may need one."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = {
    "style attribute": r"\sstyle=\"",
    "inline handler": r"\son[a-z]+=\"",
    "inline script": r"<script(?![^>]*\ssrc=)",
    "inline style": r"<style",
    "hx-on": r"\shx-on[:-]",
    "script expression in htmx": r"hx-[a-z:-]+=['\"]\s*(js:|javascript:)|hx-trigger=['\"][^'\"]*\[",
    "address of a CDN": r"(src|href)=\"https?://(cdn|unpkg|fonts\.g)",
}


def test_no_template_needs_what_the_policy_forbids():
    # Django's tags use style= as a keyword; only HTML attributes outside of them count.
    found = [
        (str(path.relative_to(ROOT)), name)
        for path in (ROOT / "templates").rglob("*.html")
        for name, pattern in FORBIDDEN.items()
        if re.search(pattern, re.sub(r"{%.*?%}|{{.*?}}", "", path.read_text(), flags=re.DOTALL))
    ]
    assert found == []
