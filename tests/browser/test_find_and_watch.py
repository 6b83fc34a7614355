"""The main path in a real browser: upload → progress → search a line → click → the player is at the line."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from omniscript_mam.models import Asset, Job, State, Step
from omniscript_mam.services.archive import scripts
from omniscript_mam.services.search import indexing
from omniscript_mam.viewer import EVERYBODY

from .footage import LINE, LINE_START_S, harbour_script
from .stage import add_renditions

pytestmark = pytest.mark.django_db(transaction=True)

WITHIN_S = 0.3
"""How near to the line's start the player must be."""


def advance(job: Job, step: str, share: float) -> None:
    """What a worker writes while it works."""
    before = Step.objects.get(job=job, name=step)
    Step.objects.filter(job=job, position__lt=before.position).update(state=State.DONE, progress=1.0)
    Step.objects.filter(id=before.id).update(state=State.RUNNING, progress=share)
    Job.objects.filter(id=job.id).update(state=State.RUNNING, progress=(before.position + share) / job.steps.count())


def finish(asset: Asset, job: Job) -> None:
    """What a worker writes at the end."""
    scripts.store_revision(EVERYBODY, asset, harbour_script(), "lite", "0.1", wake=False)
    indexing.index_pending(EVERYBODY)
    Step.objects.filter(job=job).update(state=State.DONE, progress=1.0)
    Job.objects.filter(id=job.id).update(state=State.DONE, progress=1.0)


def landed(page: Page, video: str = "video") -> float:
    """Where the player was when it had arrived after a seek: its time at the first ``seeked`` or now, whichever is earlier."""
    page.wait_for_function(
        "s => { const v = document.querySelector(s); return v && v.readyState >= 2 && !v.seeking && v.currentTime > 0 }", arg=video
    )
    return page.evaluate("window.landedAt ?? null") or page.evaluate("s => document.querySelector(s).currentTime", video)


WATCH_SEEKS = "document.addEventListener('seeked', e => { window.landedAt ??= e.target.currentTime }, true)"


def test_upload_progress_search_click_watch(page: Page, clip) -> None:
    page.add_init_script(WATCH_SEEKS)
    page.goto("/")
    expect(page.get_by_text("Your archive is empty.")).to_be_visible()
    page.set_input_files("input[type=file]", str(clip))

    card = page.locator(".card")
    expect(card).to_contain_text("Waiting", timeout=15_000)
    asset = Asset.objects.get()
    job = asset.jobs.get()
    add_renditions(asset, clip)
    advance(job, "write", 0.5)
    expect(card).to_contain_text("Working")  # no reload: the page asks and is sent the card
    expect(card.locator(".steps li[data-state=running]")).to_have_count(1)
    finish(asset, job)
    expect(card.get_by_text("Ready")).to_be_visible()

    page.keyboard.press("/")
    page.keyboard.type(LINE)
    page.keyboard.press("Enter")
    hit = page.locator(".hit").first
    expect(hit.locator(".line mark").first).to_be_visible()
    assert re.search(r"[?&]q=The", page.url)

    hit.click()
    found_s = landed(page, "[data-dock] video")
    assert abs(found_s - LINE_START_S) <= WITHIN_S, f"the dock player is at {found_s} s"
    expect(page.locator(".hit").first).to_have_attribute("aria-current", "true")

    hit.locator('a[data-open]:not([href*="like="])').click()
    page.wait_for_url("**/assets/**")
    found_s = landed(page, "[data-player] video")
    assert abs(found_s - LINE_START_S) <= WITHIN_S, f"the player is at {found_s} s"
    expect(page.locator(".event[aria-current=true]")).to_contain_text(LINE)


def test_script_appears_without_reload(page: Page, clip) -> None:
    from omniscript_mam.services.archive import assets
    from omniscript_mam.services.jobs import ingest

    asset, _ = assets.register_upload(EVERYBODY, clip, "harbour.mp4")
    job = ingest.enqueue(EVERYBODY, asset)
    advance(job, "survey", 0.2)
    page.goto(f"/assets/{asset.id}/")
    expect(page.locator("#progress")).to_contain_text("Working")
    expect(page.get_by_text("The script appears here")).to_be_visible()
    page.evaluate("window.sameDocument = true")
    add_renditions(asset, clip)
    advance(job, "write", 0.7)
    expect(page.locator("[data-player] video")).to_be_visible()
    expect(page.locator("[data-part=timecode]")).to_have_text("01:00:00:00")
    finish(asset, job)
    expect(page.locator(".event").first).to_be_visible()
    expect(page.locator("#progress")).not_to_contain_text("Working")
    page.locator(".event", has_text=LINE).click()
    expect(page.locator("[data-player] video")).to_have_js_property("paused", False)
    assert page.evaluate("window.sameDocument") is True


def test_failed_job_says_why_and_retries(page: Page, clip) -> None:
    from omniscript_mam.services.archive import assets
    from omniscript_mam.services.jobs import ingest

    asset, _ = assets.register_upload(EVERYBODY, clip, "harbour.mp4")
    job = ingest.enqueue(EVERYBODY, asset)
    Job.objects.filter(id=job.id).update(
        state=State.FAILED, error="The film ends in its middle.", remedy="Copy it again.", error_code="media.broken"
    )
    page.goto("/jobs/")
    row = page.locator(f"#job-{job.id}")
    expect(row).to_contain_text("The film ends in its middle.")
    expect(row).to_contain_text("Copy it again.")
    row.get_by_role("button", name="Retry").click()
    expect(page.locator(f"#job-{job.id}")).to_contain_text("Waiting")
    page.locator(f"#job-{job.id}").get_by_role("button", name="Cancel").click()
    expect(page.locator(f"#job-{job.id}")).to_contain_text("Cancelled")
    job.refresh_from_db()
    assert job.state == State.CANCELLED


def test_upload_that_is_refused_says_why(page: Page, watched, tmp_path) -> None:
    empty = tmp_path / "empty.mp4"
    empty.write_bytes(b"")
    context = watched()
    context.allowed = ["400 (Bad Request)"]
    other = context.page()
    other.goto("/")
    other.set_input_files("input[type=file]", str(empty))
    expect(other.locator(".upload .error")).to_contain_text("empty")
    other.get_by_role("button", name="Dismiss").click()
    expect(other.locator(".upload")).to_have_count(0)
    assert Asset.objects.count() == 0
