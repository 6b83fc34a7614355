"""Hostile text is shown and never run; pages work without scripts, without a mouse, and in both themes with enough contrast."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from omniscript_mam.models import Job, State
from omniscript_mam.script import Character, Event, HighPoint, Meta, PlotSegment, Relationship, Scene, Script
from omniscript_mam.services.archive import assets
from omniscript_mam.services.jobs import ingest
from omniscript_mam.viewer import EVERYBODY
from tests.essences import essence

from .footage import LINE, harbour_script, lite
from .stage import take_in

pytestmark = pytest.mark.django_db(transaction=True)

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{7*7}}</script>-->"


def evil_script() -> Script:
    """A script whose every text is an attack."""
    event = Event(
        id="e1",
        start_s=0.5,
        end_s=2.0,
        character_id="char_a",
        dialogue=EVIL,
        action=EVIL,
        expression=EVIL,
        audio_cue=EVIL,
        subtext=EVIL,
        on_screen_text=EVIL,
        provenance={"dialogue": lite(0.5, EVIL)},
    )
    return Script(
        meta=Meta(title=EVIL, description=EVIL, duration_s=24),
        characters=[
            Character(id="char_a", name=EVIL, aliases=[EVIL], appearance=EVIL, naming_evidence=EVIL),
            Character(id="char_b", name="B"),
        ],
        relationships=[Relationship(source_id="char_a", target_id="char_b", relation=EVIL, description=EVIL)],
        scenes=[Scene(id="s1", start_s=0, end_s=24, location=EVIL, environment=EVIL, time=EVIL, mood=EVIL, events=[event])],
        plot=[PlotSegment(id="p1", start_s=0, end_s=24, summary=EVIL, active_characters=["char_a"])],
        high_points=[HighPoint(start_s=0, end_s=3, type=EVIL, description=EVIL, score=3)],
    )


def test_hostile_text_is_only_shown(page: Page, clip, tmp_path) -> None:
    asset = take_in(clip, EVIL, evil_script())
    other, _ = assets.register_upload(EVERYBODY, io.BytesIO(essence(b"not a film")), f"{EVIL}.mp4")
    job = ingest.enqueue(EVERYBODY, other)
    Job.objects.filter(id=job.id).update(state=State.FAILED, error=EVIL, remedy=EVIL, message=EVIL)
    for address in (
        "/",
        "/?text=" + "%3Cscript%3Ealert(3)%3C/script%3E",
        "/jobs/",
        f"/assets/{asset.id}/",
        "/search/?q=%3Cscript%3Ealert(1)%3C/script%3E+alert",
        "/search/?q=alert&mood=%22%3E%3Cimg%20src=x%3E",
    ):
        page.goto(address)
        page.wait_for_load_state("networkidle") if "/assets/" not in address else page.wait_for_timeout(300)
        assert page.locator("script:not([src])").count() == 0, address
        assert page.locator("img[src='x'], [onerror]").count() == 0, address
    page.goto(f"/assets/{asset.id}/")
    expect(page.locator(".event .line")).to_have_text(EVIL)
    page.locator(".event .line").hover()
    expect(page.locator("#why")).to_contain_text(EVIL)
    page.keyboard.press("c")
    page.wait_for_function("() => document.querySelector('video').textTracks[0].cues?.length === 1")
    page.evaluate("document.querySelector('[data-player] video').currentTime = 1")
    shown = page.evaluate("""() => {
      const box = document.createElement("div");
      box.append(document.querySelector("video").textTracks[0].cues[0].getCueAsHTML());
      return box.textContent;
    }""")
    assert shown == EVIL
    evil_file = tmp_path / "<img src=x onerror=alert(4)>.mp4"
    evil_file.write_bytes(essence(b"also not a film"))
    page.goto("/")
    page.set_input_files("input[type=file]", str(evil_file))
    expect(page.locator(".card").first).to_contain_text("onerror=alert(4)")


def test_pages_without_scripts(watched, clip) -> None:
    asset = take_in(clip, "Harbour", harbour_script())
    page = watched(java_script_enabled=False).page()
    page.goto("/")
    expect(page.get_by_role("link", name="Harbour", exact=True)).to_be_visible()
    expect(page.locator("input[type=file]")).to_be_visible()
    page.goto(f"/assets/{asset.id}/?t=13.4")
    expect(page.locator("#script")).to_contain_text(LINE)
    expect(page.locator("#characters")).to_contain_text("Mara")
    assert page.locator("video").get_attribute("controls") is not None
    assert page.locator("video").get_attribute("src").endswith("#t=13.4")
    page.goto("/search/?q=harbour+light")
    expect(page.locator(".hit").first).to_contain_text(LINE)
    page.locator(".hit .hit-thumb").first.click()
    page.wait_for_url("**/assets/**t=13.4")
    page.goto("/jobs/")
    expect(page.locator(".job")).to_contain_text("Harbour")


def test_upload_without_scripts(watched, clip) -> None:
    page = watched(java_script_enabled=False).page()
    page.goto("/")
    page.set_input_files("input[type=file]", str(clip))
    page.get_by_role("button", name="Upload").click()
    expect(page.locator(".card")).to_contain_text("harbour")


def test_theme_is_remembered(watched) -> None:
    page = watched(color_scheme="light").page()
    page.goto("/")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.get_by_role("button", name="Dark or light").click()
    dark = page.evaluate(background)
    assert dark != light
    page.goto("/jobs/")
    assert page.evaluate(background) == dark


CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_contrast(watched, clip, scheme: str) -> None:
    asset = take_in(clip, "Harbour", harbour_script())
    failed, _ = assets.register_upload(EVERYBODY, io.BytesIO(essence(b"not a film")), "broken.mp4")
    Job.objects.filter(id=ingest.enqueue(EVERYBODY, failed).id).update(
        state=State.FAILED, error="It cannot be read.", remedy="Copy it again."
    )
    page = watched(color_scheme=scheme).page()
    for address in ("/", "/jobs/", "/collections/", "/search/", "/search/?q=harbour+light", f"/assets/{asset.id}/?t=13.5"):
        page.goto(address)
        page.locator("main").wait_for()
        page.wait_for_timeout(200)
        assert page.evaluate(CONTRAST) == [], address
    for tab in ("Plot", "Characters", "High points"):
        page.get_by_role("tab", name=tab).click()
        assert page.evaluate(CONTRAST) == [], tab


def test_everything_has_a_name_and_focus_shows(page: Page, clip) -> None:
    asset = take_in(clip, "Harbour", harbour_script())
    for address in (
        "/",
        "/jobs/",
        "/collections/",
        "/search/?q=harbour+light",
        "/search/?q=harbour+light&view=storyboard",
        "/search/?q=harbour+light&view=timeline",
        f"/assets/{asset.id}/",
    ):
        page.goto(address)
        unnamed = page.evaluate("""() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, video")]
          .filter(e => e.checkVisibility() && !e.matches("[aria-hidden=true]"))
          .filter(e => !(e.ariaLabel || e.textContent.trim() || e.labels?.length || e.title))
          .map(e => e.outerHTML.slice(0, 120))""")
        assert unnamed == [], address
        for landmark in ("banner", "navigation", "main"):
            assert page.get_by_role(landmark).count() >= 1, (address, landmark)
        assert page.get_by_role("heading", level=1).count() == 1, address
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_error_pages(watched) -> None:
    context = watched()
    context.allowed = ["404 (Not Found)"]
    page = context.page()
    assert page.goto("/nothing/here/").status == 404
    expect(page.get_by_role("link", name="To the library")).to_be_visible()
    assert page.goto("/assets/00000000-0000-0000-0000-000000000000/").status == 404
    expect(page.locator("main")).to_contain_text("There is no asset")
