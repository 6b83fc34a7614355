"""Drafts become one Script: names through the book, times in order, a source for every value."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import SimpleNamespace

import pytest

from inference.errors import WriterError
from inference.evidence import Outline
from inference.plan import Planner
from inference.profiles import ProfileBook, Sighting
from inference.writers.base import Film, Plan, PlannedSegment
from inference.writers.two_stage import TwoStageWriter
from inference.writers.two_stage.casting import UNIDENTIFIED, is_name
from inference.writers.two_stage.drafts import Draft, DraftEvent, DraftHighPoint, DraftPerson, DraftScene, from_script
from omniscript_mam.script import Event, Provenance, Scene, Script, dumps


def film(seen, tmp_path) -> Film:
    return Film(tmp_path / "film.mp4", replace(seen.info, duration_s=24.0), seen.spool, tmp_path, title="Coded")


def plan(book: ProfileBook | None = None, *, edges=(0.0, 12.0, 24.0), active=(), summary="They talk.") -> Plan:
    segments = [
        PlannedSegment(index=i, start_s=a, end_s=b, summary=summary, active_characters=list(active))
        for i, (a, b) in enumerate(itertools.pairwise(edges))
    ]
    return Plan(
        segments=segments,
        language="en",
        outline=Outline(languages={"en": 0.9, "fr": 0.1}),
        planner=Planner(name="remote-x", version="m1"),
        profiles=book or ProfileBook(),
    )


def draft(index: int, *events: DraftEvent, **fields) -> Draft:
    usual = {"writer": "remote-x", "version": "m1", "fault": "", "start_s": 12.0 * index, "end_s": 12.0 * index + 12.0}
    return Draft(index=index, scenes=[DraftScene(location=f"Room {index}", events=list(events))], **{**usual, **fields})


def say(start_s: float, text: str, who: str) -> DraftEvent:
    return DraftEvent(start_s=start_s, end_s=start_s + 1, character=who, dialogue=text)


@pytest.fixture
def merged(seen, tmp_path):
    """Merge these drafts."""

    def merge(planned: Plan, *drafts: Draft) -> Script:
        made = TwoStageWriter("remote-x", lambda film: SimpleNamespace())
        return made.merge(film(seen, tmp_path), planned, [each.to_json() for each in drafts])

    return merge


def speakers(script: Script) -> list[str]:
    return [script.character_name(event.character_id) for event in script.events()]


def test_identifiers_of_any_window_lead_to_the_present_person(merged):
    book = ProfileBook()
    book.add("the old man", appearance="grey beard")
    book.add("the twin")
    book.rename("unknown_001", "Josef", evidence="“Josef!”", confidence=0.8)
    book.merge("char_001", "unknown_002", "same scar")
    told = draft(0, say(1, "a", "unknown_001"), say(3, "b", "char_001"), say(5, "c", "unknown_002"), say(7, "d", "The Old Man"))
    script = merged(plan(book, active=["unknown_002"]), told, draft(1, say(13, "e", "josef")))
    (josef,) = script.characters
    assert (josef.id, josef.name, josef.named, josef.aliases) == ("char_001", "Josef", True, ["the old man", "the twin"])
    assert speakers(script) == ["Josef"] * 5 and script.plot[0].active_characters == ["char_001"]
    assert josef.provenance["name"].confidence == 0.8 and "“Josef!”" in josef.provenance["name"].evidence


def test_labels_unify_by_spelling_and_pronouns_never(merged):
    script = merged(
        plan(),
        draft(0, say(1, "a", "the old man"), say(3, "b", "He"), say(5, "c", "unknown_044"), say(7, "d", "Tom")),
        draft(1, say(13, "e", "Old man"), say(15, "f", "she"), say(17, "g", "unknown_044"), say(19, "h", "TOM"), say(21, "i", "")),
    )
    assert speakers(script) == [
        "the old man", UNIDENTIFIED, "Person 44", "Tom", "the old man", UNIDENTIFIED, "Person 2", "Tom", UNIDENTIFIED,
    ]  # fmt: skip
    tom = next(c for c in script.characters if c.name == "Tom")
    assert tom.named and tom.id.startswith("char_") and "script at 7.0 s" in tom.naming_evidence
    assert not any(c.named for c in script.characters if c.name != "Tom")


def test_nobody_in_particular_is_the_environment(merged):
    rain = DraftEvent(start_s=1, end_s=4, character="Environment", audio_cue="rain")
    crowd = DraftEvent(start_s=5, end_s=6, character="environment", dialogue="Hurrah!")
    bare = DraftEvent(start_s=7, end_s=8, action="a door falls shut")
    script = merged(plan(), draft(0, rain, crowd, bare, DraftEvent(start_s=9, end_s=9, subtext="nothing")), draft(1))
    assert {event.character_id for event in script.events()} == {"environment"} and len(script.events()) == 3
    assert script.characters == []


def test_every_value_says_who_wrote_it(merged):
    lite = Provenance(writer="lite", version="1.0", confidence=0.7, evidence="heard; the server is down")
    event = DraftEvent(start_s=13, end_s=14, character="unknown_001", dialogue="Hm.", provenance={"dialogue": lite, "character_id": lite})
    second = draft(1, event, writer="lite", version="1.0", fault="the server is down")
    second.people = [DraftPerson(key="unknown_001", name="Man 1", provenance={"name": lite})]
    first = draft(0, say(1, "a", "Anna"))
    first.scenes[0].mood = "calm"
    script = merged(plan(), first, second)
    one, two = script.events()
    assert (one.provenance["dialogue"].writer, one.provenance["dialogue"].version) == ("remote-x", "m1")
    assert two.provenance["dialogue"] == lite and two.provenance["character_id"] == lite
    assert set(script.scenes[0].provenance) == {"location", "mood"}
    assert script.scenes[1].provenance["location"].writer == "lite"
    assert script.characters[1].provenance["name"].writer == "lite"


def test_labels_of_lite_hold_in_their_segment_only(merged):
    drafts = [draft(i, say(12.0 * i + 1, f"line {i}", "unknown_001"), writer="lite", version="1") for i in range(2)]
    for each in drafts:
        each.people = [DraftPerson(key="unknown_001", name="Man 1")]
    assert speakers(merged(plan(), *drafts)) == ["Man 1", "Man 2"]
    for each in drafts:
        each.people = [DraftPerson(key="unknown_001", name="Anna", named=True)]
    assert speakers(merged(plan(), *drafts)) == ["Anna", "Anna"]


def test_costumes_relations_and_plot_reach_the_document(merged):
    book = ProfileBook()
    for name in ("Anna", "Ben"):
        book.add(name, name=name)
    anna = book.get("char_001")
    anna.see(Sighting(start_s=0, end_s=60, confidence=0.9, appearance="red coat"))
    anna.see(Sighting(start_s=60, end_s=90, confidence=0.6, reason="her voice", appearance="white dress"))
    book.relate("char_001", "char_002", "sister of", start_s=12.0)
    thinking = draft(1, say(13, "b", "char_001"))
    thinking.plot = "Told while thinking."
    planned = plan(book)
    planned.segments[1].summary = ""
    script = merged(planned, draft(0, say(1, "a", "char_001")), thinking)
    assert script.characters[0].appearance == "red coat\nFrom 01:00: white dress"
    assert script.characters[0].provenance["appearance"].confidence == 0.6
    assert [(r.source_id, r.relation, r.target_id) for r in script.relationships] == [("char_001", "sister of", "char_002")]
    assert [segment.summary for segment in script.plot] == ["They talk.", "Told while thinking."]
    assert script.meta.languages == ["en"] and script.meta.title == "Coded" and script.meta.frame_rate == "24000/1001"


def test_high_points_are_kept_within_their_segment(merged):
    points = [DraftHighPoint(type="", start_s=-3, end_s=99, score=12), DraftHighPoint(type="Turn", start_s=5, end_s=4, score=3)]
    script = merged(plan(), draft(0, say(1, "a", "Anna"), high_points=points), draft(1))
    assert [(p.type, p.start_s, p.end_s, p.score) for p in script.high_points] == [("High point", 0, 12, 10), ("Turn", 5, 5, 3)]


def test_merging_twice_gives_the_same_document(merged):
    drafts = [draft(0, say(1, "a", "the old man"), say(3, "b", "Tom")), draft(1, say(13, "c", "Tom"), say(15, "d", "she"))]
    assert dumps(merged(plan(), *drafts)) == dumps(merged(plan(), *drafts))


def test_a_missing_or_foreign_draft_is_refused(seen, tmp_path):
    made = TwoStageWriter("remote-x", lambda film: SimpleNamespace())
    with pytest.raises(WriterError, match="2 segments, but 1"):
        made.merge(film(seen, tmp_path), plan(), [draft(0).to_json()])
    with pytest.raises(WriterError, match="cannot be read"):
        made.merge(film(seen, tmp_path), plan(), [draft(0).to_json(), "{}"])


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Tom", True),
        ("Anna Karenina", True),
        ("李雷", False),
        ("the old man", False),
        ("Old Man", False),
        ("Guard 2", False),
        ("Dr. No", True),
    ],
)
def test_what_reads_like_a_name(text, expected):
    assert is_name(text) is expected


def test_a_segment_that_another_writer_wrote_keeps_everything_of_its_events(merged):
    """A field that the Script document gets must not break what another writer hands over."""
    scene = Scene(
        id="s", start_s=12, end_s=24, events=[Event(id="e", start_s=13, end_s=14, dialogue="No!", emotion="fear", voice_type="OS")]
    )
    second = from_script(Script(scenes=[scene]), draft(1, writer="lite", version="1", fault="the server is down"))
    event = merged(plan(), draft(0, say(1, "a", "Anna")), second).events()[1]
    assert (event.dialogue, event.emotion, event.voice_type) == ("No!", "fear", "OS")
    assert event.provenance["emotion"].writer == "lite"
