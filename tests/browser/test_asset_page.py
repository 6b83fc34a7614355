"""The asset page: player, keys, timecode, the script that follows, tabs, and speed on a long script."""

from __future__ import annotations

import json
import time
from fractions import Fraction

import pytest
from playwright.sync_api import Page, expect

from omniscript_mam.script.timing import Timecode
from omniscript_mam.services.archive import scripts
from omniscript_mam.viewer import EVERYBODY

from .footage import LINE, harbour_script, long_script
from .stage import take_in

pytestmark = pytest.mark.django_db(transaction=True)


def now_s(page: Page) -> float:
    """Where the player is once it stands still."""
    page.wait_for_function("() => { const v = document.querySelector('[data-player] video'); return v.readyState >= 2 && !v.seeking }")
    return page.evaluate("document.querySelector('[data-player] video').currentTime")


def test_keys_and_timecode(page: Page, clip) -> None:
    asset = take_in(clip, "Harbour", harbour_script(), indexed=False)
    page.goto(f"/assets/{asset.id}/?t=12.3")
    assert now_s(page) == pytest.approx(12.3, abs=0.04)
    expect(page.locator("[data-part=timecode]")).to_have_text("01:00:12:07")
    expect(page.locator("[data-part=frame]")).to_have_text("frame 307")
    press = page.keyboard.press
    press("Shift+ArrowRight")
    expect(page.locator("[data-part=frame]")).to_have_text("frame 308")
    press("Shift+ArrowLeft")
    press("Shift+ArrowLeft")
    expect(page.locator("[data-part=frame]")).to_have_text("frame 306")
    press("ArrowLeft")
    expect(page.locator("[data-part=timecode]")).to_have_text("01:00:11:06")
    press("ArrowDown")
    expect(page.locator(".event[aria-current=true]")).to_contain_text(LINE)
    assert now_s(page) == pytest.approx(13.4, abs=0.05)
    press("ArrowUp")
    expect(page.locator(".event[aria-current=true]")).to_contain_text("PIER 7")
    press("Space")
    expect(page.locator("[data-player] video")).to_have_js_property("paused", False)
    press("k")
    expect(page.locator("[data-player] video")).to_have_js_property("paused", True)
    press("l")
    press("l")
    expect(page.locator("[data-part=rate]")).to_have_text("1.5×")
    press("k")
    before = now_s(page)
    press("j")
    page.wait_for_function("t => document.querySelector('[data-player] video').currentTime < t - 0.3", arg=before)
    press("k")
    press("i")
    press("ArrowRight")
    press("o")
    expect(page.locator("[data-part=marks-text]")).to_contain_text("In 01:00:")
    press("?")
    expect(page.locator("dialog#help")).to_be_visible()
    press("Escape")
    press("/")
    expect(page.locator("[data-search-box]")).to_be_focused()
    press("Escape")
    press("g")
    page.keyboard.type("01:00:20:05")
    press("Enter")
    assert now_s(page) == pytest.approx(20.2, abs=0.05)
    press("g")
    page.keyboard.type("01:00:20:25")  # there is no frame 25 at 25 frames per second
    press("Enter")
    expect(page.locator("[name=at]")).to_have_attribute("aria-invalid", "true")
    assert now_s(page) == pytest.approx(20.2, abs=0.05)


def test_script_tabs_filter_and_lines(page: Page, clip) -> None:
    asset = take_in(clip, "Harbour", harbour_script(), indexed=False)
    page.goto(f"/assets/{asset.id}/#t=1.5")
    expect(page.locator(".event[aria-current=true]")).to_contain_text("You wrote to me")
    expect(page.get_by_role("tab", name="Script 10")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".scene").nth(1)).to_contain_text("EXT. PIER – NIGHT")
    # every field of an event is there
    row = page.locator("#e-e2")
    for text in ("Jonas", "I'm Jonas. You wrote to me.", "Jonas shuts the door", "nervous"):
        expect(row).to_contain_text(text)
    expect(page.locator("#e-e3 .subtext")).to_have_text("She has waited a long time.")
    expect(page.locator("#e-e4")).to_contain_text("O.S.")
    expect(page.locator("#e-e6")).to_contain_text("PIER 7 – NO ENTRY")
    # where a value comes from
    row.locator(".line").hover()
    expect(page.locator("#why")).to_have_text("Line: lite 0.1, 94 % sure, because heard clearly")
    # filter
    page.fill("[data-filter-script]", "mara water")
    expect(page.locator(".event:visible")).to_have_count(1)
    expect(page.locator("[data-filter-count]")).to_have_text("1 of 10 lines")
    page.fill("[data-filter-script]", "")
    expect(page.locator(".event:not(.unmatched)")).to_have_count(10)
    page.get_by_role("button", name="Timecode", exact=True).click()
    expect(row.locator(".tc")).to_be_visible()
    # a click on a line plays it
    page.locator("#e-e9 .line").click()
    expect(page.locator("[data-player] video")).to_have_js_property("paused", False)
    assert 18.7 <= now_s(page) <= 19.8
    page.keyboard.press("k")
    # the other tabs, with the keyboard
    page.get_by_role("tab", name="Script").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#plot")).to_contain_text("In the morning the light is back.")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#characters")).to_contain_text("Provisional")
    expect(page.locator("#characters")).to_contain_text("Mara, look at the water.")
    expect(page.locator(".relations svg")).to_contain_text("looks for")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#high-points")).to_contain_text("the bell stops")
    page.locator("#high-points .seek").click()
    assert 12.9 <= now_s(page) <= 14.5


def test_time_line(page: Page, clip) -> None:
    asset = take_in(clip, "Harbour", harbour_script(), indexed=False)
    page.goto(f"/assets/{asset.id}/")
    expect(page.locator("[data-scene]")).to_have_count(3)
    box = page.locator("[data-track]").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 15)
    expect(page.locator("[data-hover-title]")).to_have_text("Scene 2 EXT. PIER – NIGHT")
    expect(page.locator("[data-hover] .tile")).to_be_visible()
    page.mouse.down()
    page.mouse.up()
    assert now_s(page) == pytest.approx(12.0, abs=0.1)
    track = page.get_by_role("slider", name="Position in the film")
    expect(track).to_have_attribute("aria-valuetext", "0:12 of 0:24, Scene 2 EXT. PIER – NIGHT")
    assert page.evaluate("document.querySelector('.waveform').getContext('2d').getImageData(0, 0, 400, 60).data.some(v => v > 0)")
    page.keyboard.press("c")
    page.wait_for_function("() => document.querySelector('video').textTracks[0].cues?.length === 7")
    assert "<v Mara>The harbour" in page.evaluate("[...document.querySelector('video').textTracks[0].cues].map(c => c.text).join()")


def test_follows_until_the_person_scrolls(page: Page, clip) -> None:
    asset = take_in(clip, "Long", None)
    scripts.store_revision(EVERYBODY, asset, long_script(240), "lite", "0.1", wake=False)
    page.goto(f"/assets/{asset.id}/")
    visible = """() => {
      const row = document.querySelector(".event[aria-current]").getBoundingClientRect();
      const pane = document.querySelector("#script").getBoundingClientRect();
      return row.top >= pane.top && row.bottom <= pane.bottom;
    }"""
    page.evaluate("document.querySelector('[data-player] video').currentTime = 23")
    page.wait_for_function("() => document.querySelector('.event[aria-current]')?.dataset.start === '21'")
    page.wait_for_function(visible)
    page.locator("#script").hover()
    page.mouse.wheel(0, 3000)
    expect(page.get_by_role("button", name="Follow the film")).to_be_visible()
    page.evaluate("document.querySelector('[data-player] video').currentTime = 5")
    page.wait_for_function("() => document.querySelector('.event[aria-current]').dataset.start === '3'")
    assert not page.evaluate(f"({visible})()")
    page.get_by_role("button", name="Follow the film").click()
    page.wait_for_function(visible)


def open_until_ready(page: Page, asset) -> float:
    """Seconds until an asset's page can be used; it was opened before, so static files and the printed script are in memory."""
    for _ in range(2):
        started = time.perf_counter()
        page.goto(f"/assets/{asset.id}/", wait_until="commit")
        page.wait_for_function("() => document.querySelector('.event .seek')?.tabIndex === -1")  # the scripts have run
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    return time.perf_counter() - started


def test_1500_events_are_interactive_within_a_second(page: Page, clip) -> None:
    """On a machine that is busy with other things, within six times what a page of ten events takes there."""
    asset = take_in(clip, "Long", None)
    scripts.store_revision(EVERYBODY, asset, long_script(10), "lite", "0.1", wake=False)
    limit_s = max(1.0, 6 * open_until_ready(page, asset))
    scripts.store_revision(EVERYBODY, asset, long_script(1500), "lite", "0.1", wake=False)
    took_s = open_until_ready(page, asset)
    assert page.locator(".event").count() == 1500
    assert took_s < limit_s, f"{took_s:.2f} s of {limit_s:.2f} s"
    started = time.perf_counter()
    page.fill("[data-filter-script]", "number 1499")
    expect(page.locator("[data-filter-count]")).to_have_text("1 of 1500 lines")
    assert time.perf_counter() - started < limit_s


RATES = [
    ("24000/1001", False),
    ("24", False),
    ("25", False),
    ("30000/1001", True),
    ("30000/1001", False),
    ("30", False),
    ("50", False),
    ("60000/1001", True),
    ("60", False),
]


def test_timecode_in_the_browser_is_the_servers(page: Page) -> None:
    page.goto("/")
    for rate, drop in RATES:
        start = "01:00:00;00" if drop else "00:59:58:00"
        timecode = Timecode(Fraction(rate), drop, start)
        frames = [0, 1, 1799, 1800, 1801, 17981, 17982, 35964, 107892, timecode.frames_per_day - 1, *range(3540, 3700)]
        labels = page.evaluate(
            """async ([options, frames]) => {
              const { Clock } = await import("/static/omniscript/js/timecode.js");
              const clock = new Clock(options);
              const back = f => Math.round(clock.parse(clock.label(f)) * clock.num / clock.den);
              return frames.map(f => [clock.label(f), back(f), clock.frameAt(clock.startOf(f)), clock.frameAt(clock.middleOf(f))]);
            }""",
            [{"rate": rate, "drop": drop, "start": start}, frames],
        )
        for frame, (label, back, at_start, at_middle) in zip(frames, labels, strict=True):
            assert label == timecode.label(frame), (rate, frame)
            assert back == at_start == at_middle == frame, (rate, frame, json.dumps([back, at_start, at_middle]))


@pytest.mark.parametrize("rate", ["25", "24000/1001"])
def test_arrows_reach_every_line_both_ways(page: Page, tmp_path_factory, rate: str) -> None:
    """Lines that start in the second half of a frame, and several with one start."""
    from .footage import render_clip

    script = harbour_script()
    scene = script.scenes[0]
    first = scene.events[0]
    starts = [0.5, 0.539, 0.579, 0.599, 1.031, 1.031, 1.031, 1.079, 2.0399, 2.0799, 3.0]
    scene.events = [
        first.model_copy(update={"id": f"row{number}", "start_s": start_s, "end_s": start_s + 0.2, "action": f"Line number {number}."})
        for number, start_s in enumerate(starts)
    ]
    asset = take_in(render_clip(tmp_path_factory.mktemp("arrows") / "clip.mp4", rate=rate), "Arrows", script, indexed=False)
    page.goto(f"/assets/{asset.id}/?t=0")
    now_s(page)
    current = page.locator(".event[aria-current=true]")
    for direction, numbers in (("ArrowDown", range(len(starts))), ("ArrowUp", range(len(starts) - 2, -1, -1))):
        for number in numbers:
            page.keyboard.press(direction)
            now_s(page)
            expect(current).to_have_attribute("id", f"e-row{number}")


def test_no_labels_where_the_rate_would_make_them_untrue(page: Page) -> None:
    page.goto("/")
    has_labels = page.evaluate(
        """async rates => {
          const { Clock } = await import("/static/omniscript/js/timecode.js");
          return rates.map(rate => new Clock({ rate, drop: false, start: "" }).hasLabels);
        }""",
        [*(rate for rate, _ in RATES), "58500/1949", "2501/100", "1501/50"],
    )
    assert has_labels == [True] * len(RATES) + [False] * 3
