"""A real Chromium over the real middleware, so that the policy, the scripts and the colours are what people get."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client

from accounts.models import User
from tests.look import gallery


@pytest.fixture
def site(settings, live_server):
    settings.ROOT_URLCONF = "tests.look.gallery"
    settings.ENTRA_CLIENT_ID = "7a5b9c04-4c55-4f6e-9d5d-0d2b8c1f9a11"
    settings.CLOUD = replace(settings.CLOUD, label="Sandbox", production=False)
    gallery.asked.clear()
    gallery.finished.clear()
    return live_server.url


@pytest.fixture
def ana_cookie(settings, db):
    user = User.objects.create_user(username="ana@contoso.example", name="Ana Alvarez")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}


@pytest.fixture
def browse(chromium, site, request):
    """`browse(path, theme=…, width=…, signed_in=…)` opens a page; `page.troubles` lists what its console said."""
    contexts = []

    def open_page(path, *, theme="light", width=1280, height=900, signed_in=True):
        context = chromium.new_context(color_scheme=theme, viewport={"width": width, "height": height})
        contexts.append(context)
        if signed_in:
            context.add_cookies([{**request.getfixturevalue("ana_cookie"), "url": site}])
        page = context.new_page()
        page.troubles = []
        page.on("console", lambda said: said.type == "error" and page.troubles.append(said.text))
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        page.goto(f"{site}{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def picture():
    """Keeps a picture where LOOK_PICTURES names a folder: for looking, not for judging."""
    folder = os.environ.get("LOOK_PICTURES")

    def keep(page, name, *, whole=True):
        if folder:
            page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=whole)

    return keep
