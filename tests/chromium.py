"""A real Chromium for the tests: found on the machine, started once a process (two Playwrights in one would meet in one event loop)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Playwright, sync_playwright

# Playwright's loop runs in the test's thread, which makes Django think that its own calls there are asynchronous. They are not.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--autoplay-policy=no-user-gesture-required", "--mute-audio",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def launch(playwright: Playwright) -> Browser:
    """Start Chromium: OMNISCRIPT_CHROMIUM, else one on the PATH, else Playwright's own."""
    program = os.environ.get("OMNISCRIPT_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    return playwright.chromium.launch(executable_path=program, args=ARGUMENTS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            chromium = launch(playwright)
        except Error as error:
            pytest.fail(f"No Chromium could be started; tools/chromium.sh gets one. {error.message.splitlines()[0]}")
        yield chromium
        chromium.close()
