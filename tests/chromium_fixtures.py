"""The system's Chromium, once per test process: Playwright cannot be started twice in one."""

import os
import shutil

import pytest

# The first one is the same browser without its window: it takes a third of the time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def chromium():
    """A running browser; without one on the machine the test is left out, and the summary says so."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (Debian and Ubuntu: apt install chromium-headless-shell)")
    from playwright.sync_api import sync_playwright

    # Playwright's loop stays in this thread, where Django would refuse the database from then on.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
