"""What passes between people, and what they feel, is found as such and says why."""

from __future__ import annotations

from pathlib import Path

from omniscript_mam.script import Character, Event, Interaction, Provenance, Scene, Script
from search import EmbeddedIndexOptions, Results, SearchRequest, open_searcher
from search.documents import build_records

SURE = {"kind": Provenance(writer="lite", confidence=0.7, evidence="5 lines")}


def quarrel() -> Script:
    def said(number: int, who: str, text: str, **more: object) -> Event:
        return Event(id=f"e{number}", start_s=4.0 * number, end_s=4.0 * number + 3, character_id=who, dialogue=text, **more)

    passing = Interaction(id="i1", start_s=0.0, end_s=7.0, source_id="char_1", target_id="char_2", kind="argue", provenance=SURE)
    night = [said(0, "char_1", "Where have you been?"), said(1, "char_2", "I was at the office.")]
    day = [said(6, "char_2", "Hello there.", emotion="joy"), said(7, "char_1", "You came after all.")]
    return Script(
        characters=[Character(id="char_1", name="Maria", named=True), Character(id="char_2", name="Tom", named=True)],
        scenes=[
            Scene(id="s1", start_s=0.0, end_s=20.0, time="Night", events=night, interactions=[passing]),
            Scene(id="s2", start_s=20.0, end_s=40.0, time="Day", events=day),
        ],
    )


def found(folder: Path, text: str) -> Results:
    searcher = open_searcher(EmbeddedIndexOptions(folder / "index"))
    searcher.index("a", build_records(quarrel(), "a", "The Two-Hander", 1), revision=1)
    return searcher.search(SearchRequest(text=text))


def test_who_argues_with_whom_is_found_and_said(tmp_path: Path):
    for question in ("Maria argues with Tom at night", "Tom argues with Maria", "quarrel", "吵架"):
        results = found(tmp_path, question)
        assert results.hits[0].scene_id == "s1", question
        reasons = [(reason.field, reason.detail, reason.confidence) for reason in results.hits[0].reasons]
        assert ("interaction", "Maria argues with Tom", 0.7) in reasons, question
        assert (results.relaxed, results.suggestions) == ((), ()), question


def test_an_emotion_is_a_mood_of_its_moment(tmp_path: Path):
    assert found(tmp_path, "happy").hits[0].scene_id == "s2"
