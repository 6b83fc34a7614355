"""The searcher as a person meets it: moments, reasons, soft cues, floors, relaxing, sequences, facets, pages, failing embedders."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

import pytest

from search import (
    EmbeddedIndexOptions,
    EmbeddingTimeoutError,
    HashedEmbedder,
    RecordError,
    Searcher,
    SearchRequest,
    build_records,
    open_searcher,
)
from search.stores.memory import memory_index
from tests.search.archive import FILMS, QUOTED, script_of
from tests.search.conftest import fill
from tests.search.test_query import HOSTILE


def search(searcher, text: str, **options):
    return searcher.search(SearchRequest(text, **options))


def where(results) -> list[str]:
    return [f"{hit.asset_id}:{hit.event_ids[0] if hit.event_ids else hit.scene_id}" for hit in results.hits]


def test_a_hit_is_a_moment_with_its_reasons(archive):
    results = search(archive, "scenes where Grug argues with Eep at night")
    hit = results.hits[0]
    assert (hit.asset_id, hit.scene_id) == ("orchard", "s1")
    event = next(event for event in script_of("orchard").events() if event.id == hit.event_ids[0])
    assert (hit.start_s, hit.end_s) == (event.start_s, event.end_s)
    told = {(reason.field, reason.how) for reason in hit.reasons}
    assert {("character", "name"), ("time", "facet")} <= told
    assert results.relaxed == () and results.took_ms > 0
    assert {chip.kind for chip in results.chips} >= {"character", "time", "relation"}


def test_highlights_mark_the_matched_words(archive):
    hit = search(archive, '"six men drowned"').hits[0]
    text = "".join(piece for piece, _ in hit.highlights[0].pieces)
    assert text == "Six men drowned for it, Victor. Six."
    assert [piece for piece, marked in hit.highlights[0].pieces if marked] == ["Six men drowned"]
    assert search(archive, "你又在骗我").hits[0].highlights[0].pieces == (("你又在骗我", True), ("！", False))


def test_time_and_place_rerank_and_only_excludes(archive):
    soft = search(archive, "Victor in the warehouse by day")
    assert [hit.scene_id for hit in soft.hits[:2]] == ["s4", "s1"]  # the night scene is still there, and says why it is second
    assert ("time", "differs") in {(reason.field, reason.how) for reason in soft.hits[1].reasons}
    hard = search(archive, "Victor in the warehouse only by day")
    assert [hit.scene_id for hit in hard.hits if hit.scene_id in ("s1", "s4")] == ["s4"]


def test_page_filters_leave_out_and_say_how_many_or_rerank_as_asked(archive):
    night = {"time": ("Night",)}
    soft, hard = search(archive, "Chef", filters=night, soft=True, limit=100), search(archive, "Chef", filters=night, limit=100)
    assert {hit.scene_id for hit in hard.hits} < {hit.scene_id for hit in soft.hits}
    assert hard.left_out == search(archive, "Chef", limit=100).total - hard.total > 0 and soft.left_out == 0
    assert all(("time", "differs") not in {(reason.field, reason.how) for reason in hit.reasons} for hit in hard.hits)
    only = search(archive, "Chef", filters={"asset": ("snow",)})
    assert {hit.asset_id for hit in only.hits} <= {"snow"}
    browsed = search(archive, "", filters={"mood": ("Romantic",)})
    assert browsed.total == 0
    browsed = search(archive, "", filters={"asset": ("tea",)}, limit=100)
    assert browsed.total == len({record.scene_id for record in build_records(script_of("tea"), "tea", "", 1)})


def test_other_assets_never_show_in_hits_counts_or_facets(archive):
    results = search(archive, "good night", asset_ids=frozenset({"snow", "orbit"}))
    assert {hit.asset_id for hit in results.hits} <= {"snow", "orbit"}
    assert {value for value, _ in results.facets.get("asset", ())} <= {"snow", "orbit"}
    assert search(archive, "good night", asset_ids=frozenset()).total == 0


def test_without_excludes(archive):
    assert search(archive, "good night").hits[0].event_ids == ("e13", "e12")
    rest = search(archive, "good night without Tom").hits
    assert rest and not any((hit.asset_id, hit.scene_id) == ("kitchen", "s3") for hit in rest)


def scenes_with(text: str, fields=("dialogue", "action", "audio_cue", "expression", "subtext", "on_screen_text")) -> set[tuple[str, str]]:
    return {
        (film, scene.id)
        for film in FILMS
        for scene in script_of(film).scenes
        if any(re.search(rf"\b{text}(ing|s)?\b", getattr(event, field), re.IGNORECASE) for event in scene.events for field in fields)
    }


@pytest.mark.parametrize("text", ["scenes without rain", "without rain", "-rain", "场景 没有 rain"])
def test_exclusion_alone_is_a_query(archive, text):
    every = {(film, scene.id) for film in FILMS for scene in script_of(film).scenes}
    results = search(archive, text, limit=200)
    assert {(hit.asset_id, hit.scene_id) for hit in results.hits} == every - scenes_with("rain") != every
    assert results.total == len(results.hits) and any(chip.excludes for chip in results.chips)


def test_scenes_without_dialogue_have_no_line(archive):
    silent = {(film, scene.id) for film in FILMS for scene in script_of(film).scenes if not any(event.dialogue for event in scene.events)}
    assert {(hit.asset_id, hit.scene_id) for hit in search(archive, "scenes without dialogue", limit=200).hits} == silent


def test_an_excluded_phrase_excludes_the_phrase_and_not_its_words(archive):
    with_phrase = scenes_with("good night")
    assert with_phrase
    hits = {(hit.asset_id, hit.scene_id) for hit in search(archive, 'scenes without "good night"', limit=200).hits}
    assert not hits & with_phrase and hits & scenes_with("night")


def test_misspelt_names_and_words(archive):
    results = search(archive, "Comander Ade at mision control")
    assert (results.hits[0].asset_id, results.hits[0].scene_id) == ("orbit", "s3")
    assert where(search(archive, "basill delivery"))[0] == "kitchen:e2"


def test_nothing_relevant_is_an_honest_nothing(archive):
    results = search(archive, "quantum physics lecture")
    assert results.hits == () and results.total == 0 and results.facets == {}
    assert any("Nothing" in notice for notice in results.notices)
    assert "No script has “quantum”." in results.relaxed


def test_did_you_mean(archive):
    results = search(archive, "wolg xylophone")
    assert results.total == 0 and "wolf xylophone" in results.suggestions
    assert search(archive, "basil").suggestions == ()


def test_giving_up_a_person_or_the_wording_is_told(archive):
    rides = search(archive, "Grug rides a bicycle")
    assert rides.total > 0 and any("Nothing about" in message and "Grug" in message for message in rides.relaxed)
    assert all(any(reason.field == "character" for reason in hit.reasons) for hit in rides.hits)
    wolf = search(archive, "Gran hears a wolf howl")
    assert "snow:e3" in where(wolf) and any("Gran" in message for message in wolf.relaxed)


def test_sequences_join_two_events(archive):
    hit = search(archive, "Noor weeps then the Stranger warms his hands").hits[0]
    assert hit.asset_id == "snow" and hit.event_ids == ("e7", "e9")
    events = {event.id: event for event in script_of("snow").events()}
    assert (hit.start_s, hit.end_s) == (events["e7"].start_s, events["e9"].end_s)
    assert search(archive, "the Stranger warms his hands then Noor weeps").total == 0
    assert search(archive, "Noor weeps then the Stranger warms his hands within 1 second").total == 0
    assert search(archive, "thunder rolls while Eep shouts").hits[0].scene_id == "s1"


def test_lines_are_hits_of_their_own(archive):
    lines = search(archive, "lines Tom", limit=100)
    scenes = search(archive, "scenes Tom", limit=100)
    assert lines.total > scenes.total and all(len(hit.event_ids) == 1 for hit in lines.hits)


def test_exact_lines_are_first_even_unquoted(archive):
    assert where(search(archive, "good night, Chef"))[0] == "kitchen:e12"
    assert where(search(archive, "Good night"))[0].startswith("kitchen:e1")


def test_facets_count_the_moments_found(archive):
    results = search(archive, "Grug", limit=100)
    times = dict(results.facets["time"])
    assert sum(times.values()) >= times["Night"] >= 2
    assert dict(results.facets["asset"])["orchard"] == sum(hit.asset_id == "orchard" for hit in results.hits)


def test_pages_are_stable_and_do_not_overlap(archive):
    whole = search(archive, "the night", limit=100)
    pages = [search(archive, "the night", limit=3, offset=offset) for offset in range(0, whole.total, 3)]
    assert [hit for page in pages for hit in page.hits] == list(whole.hits)
    assert {page.total for page in pages} == {whole.total}
    assert search(archive, "the night", offset=10_000).hits == ()
    assert search(archive, "the night", limit=-1, offset=-5).hits == ()


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_typed_is_an_error(archive, text):
    results = search(archive, text)
    assert results.total >= len(results.hits)


def test_an_empty_query_asks_for_words(archive):
    results = search(archive, "   ")
    assert results.total == 0 and results.notices


def test_memory_and_embedded_stores_give_the_same_answers(archive):
    memory = fill(Searcher(memory_index(HashedEmbedder.model_id), HashedEmbedder()))
    for text in [query.text for query in QUOTED[:4]] + ["Grug hugs Eep", "sound of glass breaking", "night", "quantum physics"]:
        ours, reference = search(archive, text), search(memory, text)
        assert ours.total == reference.total and where(ours)[:1] == where(reference)[:1], text
        assert ours.relaxed == reference.relaxed and ours.chips == reference.chips


def test_counts_beyond_what_is_ranked(tmp_path):
    """More matches than candidates: the searcher counts, and the person is told."""
    searcher = open_searcher(EmbeddedIndexOptions(tmp_path / "index"))
    records = build_records(script_of("tea"), "tea", "Tea", 1)
    event = next(record for record in records if record.kind == "event")
    many = [
        replace(event, id=f"tea:1:x{i}", event_id=f"x{i}", scene_id=f"y{i}", text={"dialogue": f"needle number {i}"}) for i in range(400)
    ]
    searcher.index("tea", many)
    results = search(searcher, "needle")
    assert 380 <= results.total <= 420 and len(results.hits) == 20  # an estimate beyond what was judged
    assert any("best" in notice for notice in results.notices)


class BrokenEmbedder(HashedEmbedder):
    """Cannot be reached when a query comes."""

    def embed(self, texts, *, timeout_s=None):
        if timeout_s is not None:
            raise EmbeddingTimeoutError("too late")
        return super().embed(texts)


def test_without_an_embedder_words_still_work(tmp_path, caplog):
    searcher = open_searcher(EmbeddedIndexOptions(tmp_path / "index"), embedder=BrokenEmbedder())
    searcher.index("tea", build_records(script_of("tea"), "tea", "Tea", 1))
    with caplog.at_level(logging.WARNING):
        results = search(searcher, "雷声")
    assert results.total >= 1 and any("words alone" in notice for notice in results.notices)
    plain = open_searcher(EmbeddedIndexOptions(tmp_path / "plain"))
    plain.index("tea", build_records(script_of("tea"), "tea", "Tea", 1))
    assert search(plain, "雷声").total >= 1 and search(plain, "雷声").notices == ()


def test_indexing_refuses_strangers_and_twins(tmp_path):
    searcher = open_searcher(EmbeddedIndexOptions(tmp_path / "index"))
    records = build_records(script_of("tea"), "tea", "Tea", 1)
    with pytest.raises(RecordError, match="not a record of"):
        searcher.index("snow", records)
    with pytest.raises(RecordError, match="not a record of"):
        searcher.index("tea", records, revision=2)
    with pytest.raises(RecordError, match="twice"):
        searcher.index("tea", [*records, records[0]])
    assert searcher.contents() == {}


def test_gazetteers_follow_the_index(tmp_path):
    searcher = open_searcher(EmbeddedIndexOptions(tmp_path / "index"))
    assert search(searcher, "Grug").total == 0
    searcher.index("orchard", build_records(script_of("orchard"), "orchard", FILMS["orchard"][0], 1))
    assert search(searcher, "Grug").total > 0
    assert set(searcher.stores.words.values(["time"])["time"]) >= {"Night", "Day"}
    assert searcher.remove("orchard") and search(searcher, "Grug").total == 0
    assert "model none" in searcher.generation
