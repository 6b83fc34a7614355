"""Who writes, and who is in the film: a collection's writer used on the next job, a degraded segment tried again, live events, people."""

from __future__ import annotations

import io

import pytest
from playwright.sync_api import Page, expect

from omniscript_mam.models import Collection, Job, Segment, State, Step
from omniscript_mam.selectors.assets import current_script
from omniscript_mam.services.archive import assets
from omniscript_mam.services.jobs import ingest
from omniscript_mam.viewer import EVERYBODY
from tests.essences import essence

from .footage import harbour_script
from .stage import add_renditions, take_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def tiny(settings) -> None:
    """A writer for tests beside the real ones."""
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, "WRITERS": ["tiny=tests.integration.tiny_writer:TinyWriter"]}


def add_segments(job: Job, *found: dict) -> None:
    """Segments of eight seconds each."""
    Segment.objects.bulk_create([Segment(job=job, index=n, start_s=8.0 * n, end_s=8.0 * n + 8, **fields) for n, fields in enumerate(found)])


def test_the_writer_of_a_collection_writes_its_next_film(page: Page, clip) -> None:
    page.goto("/collections/")
    page.get_by_label("Name", exact=True).fill("Harbour reels")
    page.get_by_role("radio", name="tiny").check()
    page.get_by_role("button", name="Make the collection").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    page.goto("/")
    page.get_by_label("Collection to take in to").select_option("Harbour reels")
    page.set_input_files("input[type=file]", str(clip))
    expect(page.locator(".card")).to_contain_text("Harbour reels")
    assert Job.objects.get().writer == "tiny"
    # another film is moved in with the keyboard only
    other, _ = assets.register_upload(EVERYBODY, io.BytesIO(essence(b"not a film")), "other.mp4")
    page.reload()
    box = page.get_by_role("checkbox", name="Choose other")
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-num-chosen]")).to_have_text("1 film")
    page.get_by_role("button", name="Move", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#card-{other.id}")).to_contain_text("Harbour reels")
    other.refresh_from_db()
    assert other.collection == Collection.objects.get()


def test_a_degraded_segment_is_shown_and_tried_again(page: Page, clip) -> None:
    asset = take_in(clip, "Harbour", harbour_script(), indexed=False)
    job = Job.objects.get()
    Job.objects.filter(id=job.id).update(writer="tiny")
    fine = {"state": State.DONE, "draft": "{}", "writer": "tiny", "writer_version": "1"}
    add_segments(job, fine, fine, {**fine, "writer": "lite", "writer_version": "1.0", "fault": "The server did not answer."})
    page.goto(f"/assets/{asset.id}/")
    expect(page.locator(".notices-side")).to_contain_text("1 of 3 segments was not written by tiny")
    page.get_by_role("tab", name="Plot").click()
    expect(page.locator("#plot .entry").nth(0).locator(".badge.written")).to_have_text("tiny 1")
    expect(page.locator("#plot .entry").nth(1)).to_contain_text("The server did not answer.")
    page.get_by_role("button", name="Retry these segments").click()
    expect(page.locator("#progress")).to_contain_text("2 of 3 segments written")
    states = dict(Segment.objects.filter(job__state=State.QUEUED).values_list("index", "state"))
    assert states == {0: State.DONE, 1: State.DONE, 2: State.QUEUED}


def test_events_appear_while_they_are_written(page: Page, clip) -> None:
    asset, _ = assets.register_upload(EVERYBODY, clip, "harbour.mp4")
    add_renditions(asset, clip)
    job = ingest.enqueue(EVERYBODY, asset)
    Step.objects.filter(job=job, position__lt=5).update(state=State.DONE, progress=1.0)
    Step.objects.filter(job=job, name="write").update(state=State.RUNNING)
    Job.objects.filter(id=job.id).update(state=State.RUNNING)
    event = {"start_s": 9.0, "end_s": 10.8, "character": "Jonas", "dialogue": "Mara, look at the water."}
    add_segments(job, {"state": State.DONE, "writer": "tiny"}, {"state": State.RUNNING, "writer": "tiny", "live": [event]}, {})
    page.goto(f"/assets/{asset.id}/")
    expect(page.locator("[data-live]")).to_contain_text("Mara, look at the water.")
    assert page.locator(".segments rect").evaluate_all("all => all.map(each => each.dataset.state)") == ["done", "running", "queued"]
    later = {"start_s": 11.2, "end_s": 12.6, "character": "", "audio_cue": "a bell buoy"}
    Segment.objects.filter(job=job, index=1).update(live=[event, later])
    expect(page.locator("[data-live] li").first).to_contain_text("a bell buoy")
    expect(page.locator("[data-live] li").first).to_have_class("fresh")
    expect(page.locator("[data-live] li").nth(1)).not_to_have_class("fresh")
    expect(page.locator("#live")).to_have_text("1 new event written")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#progress")).to_contain_text("Stopping")


def test_a_person_is_renamed_everywhere_merged_and_undone(page: Page, clip) -> None:
    asset = take_in(clip, "Harbour", harbour_script(), indexed=False)
    page.goto(f"/assets/{asset.id}/#characters")
    page.get_by_role("link", name="Edit Man 2").click()
    page.get_by_label("Name", exact=True).fill("Pieter")
    page.get_by_role("button", name="Save as a new revision").click()
    expect(page.locator("#person-unknown_1 h3, #person-char_1 h3")).to_have_text("Pieter")
    expect(page.locator(".relations svg")).to_contain_text("Pieter")
    expect(page.locator(".lane-key").first).to_contain_text("Pieter")
    expect(page.locator("#sources")).to_contain_text("Revision 2")
    page.get_by_role("tab", name="Script").click()
    expect(page.locator("#e-e4 .who")).to_have_text("Pieter")
    page.get_by_role("tab", name="Characters").click()
    page.get_by_role("link", name="Edit Pieter").click()
    page.get_by_label("The same person as").select_option("Jonas")
    page.get_by_role("button", name="Merge").click()
    expect(page.locator(".merge-preview")).to_contain_text("Pieter becomes Jonas")
    page.get_by_role("button", name="Merge them").click()
    expect(page.get_by_role("tab", name="Characters 2")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#person-char_jonas")).to_be_focused()
    expect(page.locator("#person-char_jonas")).to_contain_text("Pieter")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("tab", name="Characters 3")).to_be_visible()
    page.locator("body").press("Control+Shift+z")
    expect(page.get_by_role("tab", name="Characters 2")).to_be_visible()
    page.locator("body").press("Control+z")
    expect(page.get_by_role("tab", name="Characters 3")).to_be_visible()
    assert [found.name for found in current_script(EVERYBODY, asset.id).characters] == ["Mara", "Jonas", "Pieter"]


def test_the_picture_of_ties_with_the_keyboard(page: Page, clip) -> None:
    asset = take_in(clip, "Harbour", harbour_script(), indexed=False)
    page.goto(f"/assets/{asset.id}/")
    page.get_by_role("tab", name="Script").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Characters")).to_be_focused()
    page.keyboard.press("Tab")  # the pane, which scrolls
    page.keyboard.press("Tab")
    mara = page.locator(".node[data-person=char_mara]")
    for _ in range(3):
        if mara.evaluate("each => each === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(mara).to_be_focused()
    expect(page.locator(".tie[data-on]")).to_have_count(2)
    page.keyboard.press("Enter")
    expect(page.locator("#person-char_mara")).to_be_focused()
    expect(mara).to_have_attribute("aria-current", "true")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.person')?.id") == "person-char_mara"
    page.locator("#person-char_mara dd[data-why], #person-char_mara dd[title]").first.focus()
    expect(page.locator("#why")).to_contain_text("lite 0.1, 70 % sure")
