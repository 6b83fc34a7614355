"""A fresh profile of a real Chromium (:mod:`tests.chromium`) per test.

A page that logs an error to its console, throws, or breaks the content security policy fails its test, whatever else the test looks at.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if "tests/browser/" in str(item.path).replace(os.sep, "/"):
            item.add_marker(pytest.mark.browser)


class Watched:
    """A browser context whose pages must stay free of errors. ``allowed`` lists parts of messages that a test expects."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.problems: list[str] = []
        self.allowed: list[str] = []

    def page(self) -> Page:
        """A new page under watch."""
        page = self.context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: self.problems.append(f"console: {message.text}") if message.type == "error" else None)
        page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        page.on("dialog", lambda dialog: (self.problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation', e => console.error('CSP', e.violatedDirective, e.blockedURI))"
        )
        return page

    def check(self) -> None:
        """Fail for anything that was not allowed."""
        left = [problem for problem in self.problems if not any(part in problem for part in self.allowed)]
        assert not left, left


@pytest.fixture
def watched(browser: Browser, live_server) -> Iterator[Callable[..., Watched]]:
    """Make watched contexts with Playwright's options: ``watched(color_scheme="dark")``."""
    made: list[Watched] = []

    def make(**options) -> Watched:
        options.setdefault("viewport", {"width": 1400, "height": 900})
        context = browser.new_context(base_url=live_server.url, reduced_motion="reduce", **options)
        made.append(Watched(context))
        return made[-1]

    yield make
    for one in made:
        one.context.close()
    for one in made:
        one.check()


@pytest.fixture
def page(watched) -> Page:
    """One watched page."""
    return watched().page()


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    """The rendered clip of :mod:`.footage`."""
    from .footage import render_clip

    return render_clip(tmp_path_factory.mktemp("footage") / "harbour.mp4")
