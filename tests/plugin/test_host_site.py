"""Somebody else's site (``examples/host_site``) run from the wheel: ingest, watch, search, correct a name, in a browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Watched

from .conftest import ROOT
from .site import Environment, Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
INGEST_TIMEOUT_MS = 120_000
INDEX_TIMEOUT_S = 30


@pytest.fixture(scope="module")
def site(environment: Environment, tmp_path_factory) -> Iterator[Site]:
    """The example, copied, with its database migrated."""
    folder = tmp_path_factory.mktemp("newsroom") / "site"
    shutil.copytree(ROOT / "examples" / "host_site", folder, ignore=shutil.ignore_patterns("__pycache__"))
    found = Site(environment, folder, {"NEWSROOM_DIR": str(folder), "NEWSROOM_WRITER": "still", "NEWSROOM_EMBEDDER": "hashed"})
    found.manage("migrate", "--verbosity", "0")
    yield found
    found.stop()


@pytest.fixture(scope="module")
def origin(site: Site) -> str:
    """The site, served, with a worker of its own Celery application."""
    site.start("-m", "celery", "-A", "newsroom", "worker", "--pool", "solo", "--loglevel", "INFO", log=site.folder / "worker.log")
    return site.serve(site.folder / "server.log")


@pytest.fixture
def page(browser: Browser, origin: str) -> Iterator[Page]:
    context = browser.new_context(base_url=origin, viewport={"width": 1400, "height": 900}, reduced_motion="reduce")
    watched = Watched(context)
    yield watched.page()
    context.close()
    watched.check()


@pytest.fixture(scope="module")
def clip(browser: Browser, origin: str, site: Site, film: Path) -> str:
    """The address of a clip that the newsroom took in through its own form, and whose script is written."""
    context = browser.new_context(base_url=origin)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Number").fill("N-17")
    page.get_by_label("Slug line").fill("Evening news")
    page.get_by_label("File").set_input_files(film)
    page.get_by_role("button", name="Take in").click()
    address = page.url
    listed = page.get_by_text("has a script")  # set by the newsroom's receiver of `script_written`
    for _ in range(INGEST_TIMEOUT_MS // 1000):
        page.goto("/")
        if listed.count():
            break
        page.wait_for_timeout(1000)
    else:
        raise AssertionError((site.folder / "worker.log").read_text(encoding="utf-8")[-5000:])
    context.close()
    return address


def test_the_checks_find_nothing(site: Site) -> None:
    assert "no issues" in site.manage("check").stdout
    site.variables["NEWSROOM_DEBUG"] = "no"
    said = site.manage("check", "--deploy")
    del site.variables["NEWSROOM_DEBUG"]
    assert "omniscript." not in said.stdout + said.stderr


def test_both_searches_are_there(site: Site) -> None:
    code = "import search, omniscript_mam.packages.search as ours; print(search.__file__); print(ours.__file__)"
    theirs, ours = site.manage("shell", "--verbosity", "0", "--command", code).stdout.split()
    assert theirs == str(site.folder / "search" / "__init__.py")
    assert "omniscript_mam" in ours


def test_watch_beside_the_sites_own_words(page: Page, clip: str) -> None:
    page.goto(clip)
    expect(page.get_by_role("heading", name="N-17 Evening news")).to_be_visible()
    expect(page.locator("#script .line").first).to_have_text("And now item number 1.")
    page.locator("#script .event", has_text="item number 2").locator("a.seek").click()
    page.wait_for_function("() => { const v = document.querySelector('video'); return v && Math.abs(v.currentTime - 5) < 0.3; }")
    # Neither restyles the other.
    assert page.locator("h1").evaluate("e => getComputedStyle(e).color") == "rgb(170, 0, 0)"
    assert page.locator("body").evaluate("e => getComputedStyle(e).fontFamily") == "Georgia, serif"
    assert "Inter" in page.locator("#script").evaluate("e => getComputedStyle(e).fontFamily")


def test_search_from_the_sites_page_into_the_film(page: Page, clip: str) -> None:
    page.goto("/")
    page.get_by_role("searchbox", name="Search the archive").fill('"item number 3"')
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/footage/search/\?q="))
    expect(page.locator(".masthead")).to_contain_text("Newsroom")  # the site's own base template
    hit = page.locator(".hit").first
    expect(hit.locator("mark").first).to_be_visible()
    hit.get_by_role("link", name="N-17 Evening news", exact=True).click()
    expect(page).to_have_url(re.compile(r"/footage/assets/[0-9a-f-]+/\?t=10"))
    page.wait_for_function("() => Math.abs(document.querySelector('video')?.currentTime - 10) < 0.3")


def test_a_corrected_name_reaches_the_sites_page(page: Page, clip: str) -> None:
    page.goto(clip)
    page.get_by_role("link", name="in the footage archive").click()
    page.locator("#tab-characters").click()
    page.get_by_role("link", name="Edit Presenter").click()
    page.get_by_label("Name", exact=True).fill("Zita Reyes")
    page.get_by_role("button", name="Save as a new revision").click()
    expect(page.locator("#side")).to_contain_text("Zita Reyes")
    page.goto(clip)
    expect(page.locator("#correction")).to_contain_text("Zita Reyes")
    for _ in range(INDEX_TIMEOUT_S):  # a worker brings the correction into the index
        page.goto("/footage/search/?q=Zita+says")
        if page.locator(".hit").count():
            break
        page.wait_for_timeout(1000)
    expect(page.locator(".hit").first).to_contain_text("Zita Reyes")


def test_the_web_component(page: Page, clip: str) -> None:
    page.goto(f"{clip}element/")
    player, box = page.locator("omniscript-player"), page.locator("omniscript-search")
    expect(player.locator("li", has_text="item number 2")).to_be_visible()
    player.locator("li", has_text="item number 2").get_by_role("button").click()
    page.wait_for_function("() => document.querySelector('omniscript-player').video.currentTime >= 5")
    box.get_by_role("searchbox").fill("item number 3")
    box.get_by_role("button", name="Search").click()
    expect(box.locator("li").first).to_contain_text("item number 3")


def test_the_sites_own_search_and_its_keys_are_left_alone(page: Page, clip: str) -> None:
    page.goto("/search/?q=evening")
    expect(page.get_by_role("link", name="N-17 Evening news")).to_be_visible()
    page.goto(clip)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement === document.body"), "a key of ours took the focus on the site's own page"
