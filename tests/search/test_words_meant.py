"""What is meant: between people, before and after, phrases that only look like a time; what is misspelt, and what is only rare."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from itertools import pairwise

import pytest

from omniscript_mam.script import Character, Event, Interaction, Scene, Script
from search import EmbeddedIndexOptions, MomentName, Searcher, SearchRequest, build_records, changes_of, open_searcher, remove_chip
from search.analysis import raw_words, stem
from search.finding.likeness import alike
from search.ports import Scope
from search.query import clean
from search.vocabulary import is_word
from tests.search.archive import ANSWERABLE, MEANING, script_of
from tests.search.questions import fuzzed, slip
from tests.search.test_query import cues, read

CORRECT = [
    *(query.text for query in MEANING),
    "A car chase through the harbour ends at the pier.", "He wraps a gift for her birthday.", "Thanksgiving dinner with the whole family",
    "She hums a lullaby while the kettle boils.", "The professor lectures about thermodynamics.", "An elderly couple feeds the pigeons.",
    "Nobody believes the lighthouse keeper's story.", "The barista spills a cappuccino on his trousers.",
    "They haggle over a moth-eaten rug.",
    "A hitchhiker waits beside the motorway.", "The understudy forgets her lines on opening night.", "Grandfather whittles a whistle.",
    "wth", "selfie at the waterfall", "namespace", "Two roommates quarrel about the dishwasher", "Kirchhoff and Beethoven at Waterloo",
    "Der Hund bellt die ganze Nacht im Garten", "il y a longtemps que je t'aime", "una noche muy oscura en la montaña",
]  # fmt: skip
"""Sentences without a slip, a few of them in languages that no list is packaged for."""


def relation(text: str):
    return read(text).clauses[0].relation


@pytest.mark.parametrize(
    ("text", "kind", "actor", "other"),
    [
        ("Grug comforts Eep", "comfort", "Grug", "Eep"),
        ("Eep is threatened by Grug", "threaten", "Grug", "Eep"),
        ("Grug makes fun of Eep", "tease", "Grug", "Eep"),
        ("Eep yells at Grug at night", "argue", "Eep", "Grug"),
        ("小梅威胁Grug", "threaten", "小梅", "Grug"),
        ("小梅和Grug吵架", "argue", "小梅", "Grug"),
        ("Grug and Eep argue", "argue", "Grug", "Eep"),
    ],
)
def test_what_passes_between_people(text, kind, actor, other):
    found = relation(text)
    assert (found.kind, found.actor, found.other, found.actors, found.others) == (kind, actor, other, {actor}, {other})
    assert ("interaction", kind, "soft") in cues(text)
    assert found.is_mutual == (kind == "argue")


def test_a_verb_that_was_understood_is_never_called_missing(archive):
    """The demo's first question: nobody says "threatens", and the answer does not complain of it."""
    results = archive.search(SearchRequest("Grug threatens Eep at night"))
    assert results.total and not any("threaten" in text and "Nothing" in text for text in results.relaxed)
    assert not any("No script has" in text for text in results.relaxed)
    assert ("relation", "Grug → threaten → Eep") in {(chip.kind, chip.value) for chip in results.chips}


@pytest.mark.parametrize(
    ("text", "steps", "focus"),
    [
        ("the moment after the door slams when she whispers", ["door slam", "whisper"], 1),
        ("she whispers after the door slams", ["door slam", "whisper"], 1),
        ("before the door slams, she whispers", ["whisper", "door slam"], 0),
        ("Grug shouts then Eep cries within 30 seconds", ["shout", "cri"], None),
        ("Grug runs after Eep", ["run after"], None),
        ("the morning after the party", ["after parti"], None),
    ],
)
def test_before_and_after(text, steps, focus):
    parsed = read(text)
    assert [" ".join(word.token for word in clause.words) for clause in parsed.clauses] == steps
    assert parsed.focus == focus


def test_the_moment_after_another_is_the_moment_itself(archive):
    hit = archive.search(SearchRequest("after Noor weeps, the Stranger warms his hands")).hits[0]
    event = next(event for event in script_of("snow").events() if event.id == "e9")
    assert (hit.asset_id, hit.start_s, hit.end_s) == ("snow", event.start_s, event.end_s)


@pytest.mark.parametrize("text", ["Thanksgiving Day", "good night Eep", "Grug at Happy Burger", "happy birthday", "the other day"])
def test_phrases_that_are_no_time_and_no_mood(text):
    assert not [facet for facet, *_ in cues(text) if facet in ("time", "mood")]


@pytest.mark.parametrize(
    ("text", "facet"), [("Fight At Night", "time"), ("by day", "time"), ("a happy ending at night", "time"), ("sad Grug", "mood")]
)
def test_times_and_moods_stay_readable(text, facet):
    assert facet in [facet for facet, *_ in cues(text)]


@pytest.mark.parametrize(
    ("text", "kind", "how", "expected"),
    [
        ("Grug at night", "time", "words", 'Grug words:"at night"'),
        ("Grug at night", "time", "only", "Grug only at night"),
        ("Grug at night", "character", "without", "without Grug at night"),
        ("fight without Grug", "character", "with", "fight Grug"),
        ("fight who:Grug", "character", "without", "fight -who:Grug"),
    ],
)
def test_a_wrong_reading_costs_one_click(text, kind, how, expected):
    chip = next(chip for chip in read(text).chips if chip.kind == kind)
    assert changes_of(text, chip)[how] == expected
    changed = [(other.kind, other.value, other.excludes) for other in read(expected).chips]
    assert (chip.kind, chip.value, chip.excludes) not in changed


def test_a_chip_is_taken_out_where_it_stands_by_itself():
    chip = next(chip for chip in read("Mondays are by day").chips if chip.kind == "time")
    assert remove_chip("Mondays are by day", chip) == "Mondays are"


@pytest.mark.parametrize("text", CORRECT)
def test_correct_sentences_are_left_alone(archive, text):
    assert archive.search(SearchRequest(text)).suggestions == ()


def test_slips_in_words_of_the_archive_are_mended(archive):
    """The short form of benchmarks/questions.py: 90 % of slips, the first suggestion being the sentence as it was."""
    dice, mended, planted = random.Random(3), 0, 0
    sentences = [query.text for query in ANSWERABLE if query.text.isascii() and ":" not in query.text and '"' not in query.text]
    sentences = [
        text
        for text in sentences
        if all(is_word(word) or archive.stores.words.terms([stem(word)]).frequencies[stem(word)] for word in raw_words(text))
    ]
    while planted < 50:
        text = clean(dice.choice(sentences))[0]
        words = [word for word in text.split() if len(word) > 4 and word.islower() and word.isalpha()]
        known = archive.stores.words.terms([stem(word) for word in words]).frequencies
        words = [word for word in words if known[stem(word)]]
        typed = slip(word := dice.choice(words), dice) if words else ""
        if len(typed) < 4 or is_word(typed) or archive.stores.words.terms([stem(typed)]).frequencies[stem(typed)]:
            continue
        planted += 1
        mended += archive.search(SearchRequest(text.replace(word, typed, 1))).suggestions[:1] == (text,)
    assert mended >= 0.9 * planted


def test_suggestions_know_nothing_of_collections_that_one_may_not_see(archive):
    assert archive.search(SearchRequest("basill", collections=frozenset({"other"}))).suggestions == ()
    assert archive.complete("gru", frozenset({"other"})) == () and archive.complete("kitch", frozenset({"other"})) == ()


def test_completions_come_from_what_the_archive_has(archive):
    completed = {
        text: [(each.text, each.kind) for each in archive.complete(text)] for text in ("Eep and gr", "old p", "mood:te", "kitch", "小")
    }
    assert completed["Eep and gr"][0] == ("Eep and Grug", "character")
    assert completed["old p"][0] == ("Old Pete", "character")
    assert completed["mood:te"] == [("mood:Tense", "mood")]
    assert ("kitchen", "word") in completed["kitch"] and ("Restaurant kitchen", "location") in completed["kitch"]
    assert completed["小"] == [("小梅", "character")]
    assert archive.complete("Grug ") == () and archive.complete("birthd") == ()


def test_anything_typed_in_ten_scripts_is_answered_soon(archive):
    """The short form of benchmarks/questions.py."""
    for text in fuzzed(random.Random(4), 300, (0, 1, 2, 4)):
        began_s = time.process_time()
        results = archive.search(SearchRequest(text))
        archive.complete(text)
        assert time.process_time() - began_s < 2.0, text
        for chip in results.chips:
            remove_chip(text, chip), changes_of(text, chip)


def test_moments_are_kept_together_or_spread(archive):
    def films(arrange: str) -> list[str]:
        return [hit.asset_id for hit in archive.search(SearchRequest("night", arrange=arrange, limit=100)).hits]

    by_rank, by_film, spread = films(""), films("film"), films("spread")
    assert sorted(by_rank) == sorted(by_film) == sorted(spread)
    assert len([1 for one, other in pairwise(by_film) if one != other]) == len(set(by_film)) - 1
    runs = [len(set(spread[at : at + 3])) for at in range(len(set(by_rank)) - 1)]
    assert min(runs) > 1


def test_moments_like_a_moment(archive):
    """Everyday lines come in several films; the scene of the moment itself and other people's films are left out."""
    event = next(event for event in script_of("orchard").events() if event.id == "f1")
    like = MomentName("orchard", event.start_s)
    results = archive.search(SearchRequest("", like=like, limit=50))
    assert results.hits and ("orchard", "fs1") not in {(hit.asset_id, hit.scene_id) for hit in results.hits}
    assert [chip.kind for chip in results.chips] == ["like"] and results.hits[0].score == max(hit.score for hit in results.hits)
    asked = archive.search(SearchRequest("Grug", like=like, limit=50))
    assert {hit.asset_id for hit in asked.hits} <= {"orchard"} and asked.total <= results.total
    assert archive.search(SearchRequest("", like=like, collections=frozenset({"other"}))).total == 0
    assert archive.search(SearchRequest("", like=MomentName("nowhere", 1.0))).notices
    plain = Searcher(archive.stores, None)
    words = replace(
        next(r for r in archive.stores.records.of_asset("snow") if r.event_id == "e6"), embedding_text="bread that bakes bread like this"
    )
    assert ("snow", "s2") in {(hit.asset_id, hit.scene_id) for hit in alike(plain.stores, replace(words, scene_id="x"), Scope(), 1.0)}


def test_what_a_script_says_passes_between_people_is_searched_and_counted(tmp_path):
    """No word of the scene says "argue"; the script's interaction does, and nothing is told to be missing."""
    events = [
        Event(id="e1", start_s=0, end_s=2, character_id="char_m", dialogue="You were there, and you knew."),
        Event(id="e2", start_s=2, end_s=4, character_id="char_t", dialogue="I did what I had to."),
        Event(id="e3", start_s=60, end_s=62, character_id="char_m", dialogue="Tom, look at the sea."),
    ]
    row = Interaction(id="i1", start_s=0, end_s=4, source_id="char_m", target_id="char_t", kind="argue")
    scenes = [
        Scene(id="s1", start_s=0, end_s=4, time="Night", events=events[:2], interactions=[row]),
        Scene(id="s2", start_s=60, end_s=62, time="Night", events=events[2:]),
    ]
    people = [Character(id="char_m", name="Maria", named=True), Character(id="char_t", name="Tom", named=True)]
    searcher = open_searcher(EmbeddedIndexOptions(tmp_path / "index"))
    searcher.index("pier", build_records(Script(characters=people, scenes=scenes), "pier", "Pier", 1))
    results = searcher.search(SearchRequest("Maria argues with Tom at night"))
    assert [hit.scene_id for hit in results.hits][:1] == ["s1"] and results.relaxed == ()
    reasons = {(reason.field, reason.how, reason.detail) for reason in results.hits[0].reasons}
    assert ("interaction", "facet", "Maria argues with Tom") in reasons
    assert dict(results.facets["interaction"]) == {"argue": 1}
    only = searcher.search(SearchRequest("Maria", filters={"interaction": ("argue",)}))
    assert {hit.scene_id for hit in only.hits} == {"s1"} and only.left_out == 1
    record = next(record for record in searcher.stores.records.of_asset("pier") if record.event_id == "e1")
    assert record.facets["interaction_of"] == ("Maria\targue\tTom",)
    assert [each.value for each in searcher.complete("arg")] == ["argue"]
