"""How well and how fast search works: quality on the committed archive per channel, latency on a synthetic index.

python benchmarks/search.py [--events 100000] [--model FOLDER]

``--model`` names the sentence model's folder (default: where ``omniscript models pull`` puts it); without one, hashed n-grams stand in. The
synthetic index has hashed vectors: latency depends on their number and length, not on what made them.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import sys
import tempfile
import time
from itertools import accumulate
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from search import (
    EmbeddedIndexOptions,
    Embedder,
    HashedEmbedder,
    ProcessEmbedder,
    Record,
    Searcher,
    SearchRequest,
    build_records,
    open_searcher,
)
from search.finding.finder import Finder
from tests.search.archive import ANSWERABLE, FILMS, NOTHING, script_of
from tests.search.conftest import find_sentence_model
from tests.search.metrics import measure

EVENTS_PER_FILM = 1300
"""A film of 90 minutes at the paper's 14 events a minute."""
EVENTS_PER_SCENE = 12
"""Chosen: 48 s of film, at one event in 4 s."""
NAMES = [
    f"{first} {last}"
    for first in ("Ada", "Bo", "Cleo", "Dan", "Ewa", "Finn", "Gus", "Hana")
    for last in ("Hart", "Iles", "Jung", "Kerr", "Lund")
]
TIMES, MOODS = ("Day", "Night", "Evening", "Morning"), ("Tense", "Calm", "Happy", "Sad")
PLACES = tuple(f"{kind} {number}" for kind in ("Kitchen", "Street", "Harbour", "Cave", "Office") for number in range(40))
VOCABULARY_SIZE = 20_000
"""Different words of the made-up lines; the word of rank r is drawn with a weight of 1 / (r + 10)."""
QUERIES = {
    "one word": "w120",
    "three words": "w40 w300 w2000",
    "phrase": '"w10 w11"',
    "names, action, time": "scenes where Ada Hart w250 with Bo Kerr at night",
    "name and place": "Cleo Lund in Kitchen 7",
    "only at night": "only at night w77",
    "two steps": "Ada Hart w30 then Bo Kerr w40",
    "misspelt": "w1234x w15",
    "nothing": "xylophone marmalade",
}


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--model", type=Path, default=find_sentence_model())
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        embedder: Embedder = ProcessEmbedder(options.model, Path(folder) / "cache") if options.model else HashedEmbedder()
        print_quality(Path(folder) / "quality", embedder)
        embedder.close()
        print_latency(Path(folder) / "latency", options.events, options.repeats)


def print_quality(directory: Path, embedder: Embedder) -> None:
    """R@1, MRR and nDCG@10 of words, vectors and both, per kind of query."""
    searcher = open_searcher(EmbeddedIndexOptions(directory), embedder=embedder)
    for asset_id, (title, *_) in FILMS.items():
        searcher.index(asset_id, build_records(script_of(asset_id), asset_id, title, 1))
    finders = {
        name: Finder(searcher.stores, searcher.query_vectors, embedder.floor, embedder.model_id, **channels)
        for name, channels in (("words", {"use_vectors": False}), ("vectors", {"use_words": False}), ("fused", {}))
    }
    print(f"Quality, {embedder.model_id}\n\n| queries | channel | R@1 | MRR | nDCG@10 |\n| --- | --- | --- | --- | --- |")
    for kind in (*dict.fromkeys(query.kind for query in ANSWERABLE), "all"):
        queries = [query for query in ANSWERABLE if kind in (query.kind, "all")]
        for name, finder in finders.items():
            quality = measure(queries, lambda text, finder=finder: finder.find(SearchRequest(text, limit=10)).hits)  # type: ignore[misc]
            figures = " | ".join(f"{figure:.3f}" for figure in (quality.recall_at_1, quality.reciprocal_rank, quality.ndcg))
            print(f"| {kind} ({len(queries)}) | {name} | {figures} |")
    empty = sum(searcher.search(SearchRequest(text)).total == 0 for text in NOTHING)
    print(f"\nQueries without an answer that found nothing: {empty} of {len(NOTHING)}\n")


def print_latency(directory: Path, num_events: int, num_repeats: int) -> None:
    """Time to index, p50 and p95 per kind of query, peak memory."""
    searcher = open_searcher(EmbeddedIndexOptions(directory), embedder=HashedEmbedder())
    index_s = fill(searcher, num_events)
    print(
        f"Latency, {num_events} events: indexed in {index_s:.0f} s ({num_events / index_s:.0f}/s), {_size_mb(directory):.0f} MB on disk\n"
    )
    print("| query | hits | p50 ms | p95 ms |\n| --- | --- | --- | --- |")
    everything: list[float] = []
    for name, text in QUERIES.items():
        total = searcher.search(SearchRequest(text)).total
        took_ms = [searcher.search(SearchRequest(text)).took_ms for _ in range(num_repeats)]
        everything += took_ms
        print(f"| {name} | {total} | {statistics.median(took_ms):.0f} | {_p95(took_ms):.0f} |")
    print(f"| all | | {statistics.median(everything):.0f} | {_p95(everything):.0f} |")
    print(f"\nPeak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def fill(searcher: Searcher, num_events: int) -> float:
    """Index synthetic films; returns the seconds it took."""
    dice = random.Random(1)
    words = [f"w{number}" for number in range(VOCABULARY_SIZE)]
    weights = list(accumulate(1.0 / (rank + 10) for rank in range(VOCABULARY_SIZE)))
    began_s = time.perf_counter()
    for film in range(-(-num_events // EVENTS_PER_FILM)):
        size = min(EVENTS_PER_FILM, num_events - film * EVENTS_PER_FILM)
        searcher.index(f"film{film}", [_event(dice, words, weights, f"film{film}", number) for number in range(size)])
    return time.perf_counter() - began_s


def _event(dice: random.Random, words: list[str], weights: list[float], asset_id: str, number: int) -> Record:
    scene = random.Random(f"{asset_id}:{number // EVENTS_PER_SCENE}")
    people, time_of_day, mood, place = scene.sample(NAMES, 3), scene.choice(TIMES), scene.choice(MOODS), scene.choice(PLACES)
    who = dice.choice(people)
    line, does = (" ".join(dice.choices(words, cum_weights=weights, k=size)) for size in (12, 6))
    text = {"dialogue": line, "action": does, "character": who, "time": time_of_day, "mood": mood, "location": place, "title": asset_id}
    near = tuple(person for person in people if person != who)
    facets = {"character": (who,), "near_character": near, "scene_character": tuple(people), "about_character": tuple(people)}
    facets |= {"time": (time_of_day,), "mood": (mood,), "location": (place,), "title": (asset_id,), "kind": ("Dialogue", "Action")}
    start_s, scene_id = 4.0 * number, f"s{number // EVENTS_PER_SCENE}"
    ids = (f"{asset_id}:1:e{number}", asset_id, 1, "event", scene_id, f"e{number}")
    return Record(*ids, start_s, start_s + 3.0, text, (who,), facets, {}, f"{line} {does}")


def _p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, round(0.95 * len(values)))]


def _size_mb(directory: Path) -> float:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file()) / 2**20


if __name__ == "__main__":
    main()
