"""What the tags write: escaped, tied together for readers, and known to the sprite."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory

from core.problems import BadInput
from core.templatetags.isthmus.states import LOOKS, look
from tests.look.gallery import ConnectionForm
from tests.look.vendoring import faults, sprite_names

ROOT = Path(__file__).resolve().parents[2]


def render(text, **context):
    request = RequestFactory().get("/somewhere/?q=a&cursor=old")
    return Template("{% load isthmus %}" + text).render(Context({"request": request, **context}))


def test_vendored_files_are_those_of_the_manifest():
    assert faults() == []


def test_no_template_asks_for_an_icon_that_is_not_in_the_sprite():
    asked = {
        (name, str(path.relative_to(ROOT)))
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'{% icon "([^"]+)"|symbol="([^"]+)"', path.read_text())
        for name in name
        if name
    }
    assert {(name, path) for name, path in asked if name not in sprite_names()} == set()


def test_every_state_has_an_icon():
    assert {shown.icon for states in LOOKS.values() for shown in states.values()} <= sprite_names()


def test_every_state_of_the_models_is_known():
    from accounts.models import AuditEvent, Authorization
    from connections.models import Certificate, Connection, Step
    from jobs.models import JobRun

    kinds = {
        "connection": Connection.State,
        "certificate": Certificate.State,
        "step": Step.State,
        "job": JobRun.State,
        "authorization": Authorization.State,
        "outcome": AuditEvent.Outcome,
    }
    missing = [
        (kind, str(value)) for kind, states in kinds.items() for value in states if value not in LOOKS[kind]
    ]
    assert missing == []


def test_an_unknown_state_is_shown_in_grey_under_its_own_name():
    assert look("connection", "half_way").label == "Half way"
    assert "tone-idle" in render('{% badge "connection" "half_way" %}')


@pytest.mark.parametrize(
    ("template", "context"),
    [
        ('{% kv "Name" value copy=True %}', {}),
        ("{% page_header value lead=value %}{% endpage_header %}", {}),
        ("{% panel value %}{{ value }}{% endpanel %}", {}),
        ('{% callout "info" title=value %}{{ value }}{% endcallout %}', {}),
        ("{% code title=value %}{{ value }}{% endcode %}", {}),
        ("{% empty_state value text=value %}{% endempty_state %}", {}),
        ("{% crumbs value value value %}", {}),
        ('{% post_button value "/x" confirm=value hidden=value %}', {}),
        ("{% avatar value %}{% stat value value hint=value %}{% ident value %}", {}),
        ('{% badge "job" value %}', {}),
    ],
)
def test_what_people_typed_stays_text(template, context):
    html = render(template, value='<script>"&', **context)
    assert "<script" not in html.lower()
    assert "&lt;" in html or "<" not in re.sub(r"<[^>]+>", "", html)


def test_a_field_ties_its_help_and_errors_to_the_control():
    html = render("{% form_fields form %}", form=ConnectionForm({"name": "n" * 30, "kind": "automatic"}))
    described = re.search(r'<input[^>]*name="name"[^>]*aria-describedby="([^"]+)"', html)[1].split()
    assert described == ["id_name_helptext", "id_name_error"]
    assert all(f'id="{name}"' in html for name in described)
    assert 'aria-invalid="true"' in html
    assert '<a href="#id_environment">Environment</a>' in html
    assert html.count('name="secret"') == 1


def test_paging_keeps_the_other_parameters():
    html = render("{% pagination None page.next %}", page={"next": "a b"})
    assert 'href="?q=a&amp;cursor=a+b"' in html
    assert "Previous" not in html


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.34, "340 ms"),
        (2.44, "2.4 s"),
        (9.96, "10.0 s"),
        (59, "59 s"),
        (185, "3 min 5 s"),
        (3600, "1 h"),
        (4800, "1 h 20 min"),
        (timedelta(days=3, hours=4), "3 d 4 h"),
        (None, "—"),
    ],
)
def test_lengths_of_time(seconds, words):
    assert render("{{ seconds|duration }}", seconds=seconds) == words


def test_moments_are_written_in_utc():
    moment = datetime(2026, 11, 23, 4, 55, tzinfo=UTC)
    assert '<time datetime="2026-11-23T04:55:00Z" data-when="relative"' in render("{% when m %}", m=moment)
    assert render('{% when m empty="never" %}', m=None) == '<span class="muted">never</span>'


def test_a_problem_says_what_happened_what_to_do_and_which_ids_to_quote():
    trouble = BadInput("Too long", advice="Shorten it.", fields={"name": "30 > 20"}, ids={"request-id": "42"})
    html = render("{% problem trouble %}", trouble=trouble)
    assert all(text in html for text in ("Too long", "Shorten it.", "30 &gt; 20", "request-id", "42"))
    assert "Too long" in render("{% problem trouble %}", trouble={"message": "Too long", "ids": {}})


def test_the_gate_notice_leads_back_here():
    html = render('{% gate_notice url="/authorise" tenant="t1" %}')
    assert '<input type="hidden" name="next" value="/somewhere/?q=a&amp;cursor=old">' in html
    assert '<input type="hidden" name="tenant" value="t1">' in html


def test_a_region_that_is_done_asks_no_more():
    assert "hx-get" in render('{% live "/x" "r" %}…{% endlive %}')
    assert "hx-" not in render('{% live "/x" "r" active=False %}…{% endlive %}')


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_an_error_page_needs_neither_request_nor_database(status):
    html = render_to_string(f"{status}.html", {"request_id": "0b6f9c4e"})
    assert "What you can do" in html
    assert "0b6f9c4e" in html


def test_every_asset_is_found_when_names_are_hashed_for_production(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    hashing = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": hashing}
    call_command("collectstatic", interactive=False, verbosity=0)
    styles = next(tmp_path.glob("isthmus/css/tokens.*.css")).read_text()
    assert re.search(r"inter-latin\.[0-9a-f]{12}\.woff2", styles)
