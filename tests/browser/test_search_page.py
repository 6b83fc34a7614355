"""The search page: what was understood, facets, hits that play in place, and the honest empty answer."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .footage import harbour_script, render_clip
from .stage import take_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def other_clip(tmp_path_factory):
    return render_clip(tmp_path_factory.mktemp("other") / "other.mp4", 6.0, seed=1)


@pytest.fixture
def archive(clip, other_clip):
    """A film with a script, and one that has none yet."""
    return take_in(clip, "Harbour", harbour_script()), take_in(other_clip, "Second film", None)


def test_query_chips_facets_and_address(page: Page, archive) -> None:
    page.goto("/search/")
    expect(page.locator("[data-search-box]")).to_be_focused()
    expect(page.get_by_text("Find a moment in 2 films")).to_be_visible()
    page.keyboard.type("Mara at night")
    expect(page.locator(".hit").first).to_be_visible()  # as one types, without Enter
    expect(page).to_have_url(re.compile(r"/search/\?q=Mara(\+|%20)at(\+|%20)night$"))
    chips = page.locator(".understood .chip")
    expect(chips.filter(has_text="Night")).to_have_count(1)
    hits = page.locator(".hit").count()
    page.locator(".facets a", has_text="Pier").click()
    expect(page.locator(".facets a", has_text="Pier")).to_have_attribute("aria-checked", "true")
    assert "location=Pier" in page.url
    expect(page.locator(".hit").first).to_contain_text("PIER")
    only = page.locator(".facets a", has_text="Only what fits")
    expect(only).to_have_attribute("aria-checked", "true")  # a ticked facet filters; words in the sentence only rank
    for hit in page.locator(".hit").all():
        expect(hit).to_contain_text("PIER")
    only.click()
    expect(only).to_have_attribute("aria-checked", "false")
    expect(page.locator(".hit").first).to_contain_text("PIER")
    page.evaluate("setTimeout(() => history.go(-2))")  # the page goes on from here
    expect(page.locator(".hit")).to_have_count(hits)
    page.get_by_role("link", name="Remove Night").click()
    expect(page.locator("[data-search-box]")).to_have_value("Mara")


def test_hits_play_in_place_with_the_keyboard(page: Page, archive) -> None:
    page.goto("/search/?q=water")
    first = page.locator(".hit").first
    expect(first.locator("mark").first).to_have_text("water")
    expect(first).to_contain_text("Jonas")
    expect(first).to_contain_text("01:00:09:00")
    expect(first.locator("svg.tile")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(first).to_have_attribute("aria-current", "true")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => { const v = document.querySelector('[data-dock] video'); return v.readyState >= 2 && !v.seeking && v.currentTime > 8.9 }"
    )
    assert page.evaluate("document.querySelector('[data-dock] video').currentTime") < 11.5
    expect(page.locator("[data-dock-link]")).to_have_text("Harbour")
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    expect(page.locator("[data-dock] video")).to_have_js_property("paused", True)
    assert page.url.endswith("?q=water")


def test_nothing_fits(page: Page, archive) -> None:
    page.goto("/search/?q=zebra+lasagne")
    expect(page.get_by_role("heading", name="No moment fits that.")).to_be_visible()
    expect(page.locator(".hit")).to_have_count(0)
    expect(page.get_by_role("link", name="without “zebra”")).to_be_visible()


def test_more_hits(page: Page, clip) -> None:
    from .footage import long_script

    take_in(clip, "Long", long_script(60))
    page.goto("/search/?q=long+film")
    expect(page.locator(".hit").first).to_be_visible()
    shown = page.locator(".hit").count()
    more = page.get_by_role("link", name="More moments")
    if more.count():  # the engine may have joined neighbouring lines into fewer moments
        more.click()
        expect(page.locator(".hit").nth(shown)).to_be_visible()
    total = int(page.locator(".result-head strong").inner_text().split()[0])
    assert page.locator(".hit").count() == min(total, 2 * shown)


def test_suggestions_are_taken_with_the_keyboard(page: Page, archive) -> None:
    page.goto("/search/")
    page.keyboard.type("water and jo")
    option = page.get_by_role("option", name="Jonas")
    expect(option).to_be_visible()
    box = page.get_by_role("combobox", name="Describe the moment")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", re.compile("suggestion-"))
    page.keyboard.press("Enter")
    expect(box).to_have_value("water and Jonas")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page.locator(".understood .chip").filter(has_text="Jonas")).to_have_count(1)
    page.keyboard.type(" at ni")
    expect(page.get_by_role("option", name="Night")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box).to_be_focused()


def test_a_wrong_reading_costs_one_click(page: Page, archive) -> None:
    page.goto("/search/?q=Mara+at+night")
    chip = page.locator(".understood .chip").filter(has_text="Night")
    chip.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(chip.get_by_role("link", name="Only this")).to_be_visible()
    page.keyboard.press("Escape")
    expect(chip.get_by_role("link", name="Only this")).to_be_hidden()
    chip.locator("summary").click()
    chip.get_by_role("button", name="Edit “at night”").click()
    assert page.evaluate("[document.activeElement.selectionStart, document.activeElement.selectionEnd]") == [5, 13]
    chip.locator("summary").click()
    chip.get_by_role("link", name="Just these words").click()
    expect(page.locator("[data-search-box]")).to_have_value('Mara words:"at night"')
    expect(page.locator(".understood .chip").filter(has_text="time of day")).to_have_count(0)


def test_storyboard_timeline_and_a_saved_search(page: Page, archive) -> None:
    page.goto("/search/?q=Mara")
    page.get_by_role("link", name="Storyboard").click()
    expect(page.locator(".storyboard .hit").first).to_be_visible()
    page.locator(".storyboard .hit-thumb").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".storyboard .hit").nth(1)).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="Timeline").click()
    expect(page.locator(".film-bar .film-mark")).to_have_count(page.locator(".film-moments .hit").count())
    page.get_by_text("Save this search").click()
    page.get_by_label("Name").fill("About Mara")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto("/search/")
    expect(page.get_by_role("link", name="About Mara")).to_be_visible()
    page.get_by_role("link", name="About Mara").click()
    expect(page.get_by_text("Nothing new since you last looked.")).to_be_visible()
