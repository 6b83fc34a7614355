"""What people type: correct sentences that must stay as they are, mistyped ones that must be mended, and anything a keyboard gives.

python benchmarks/questions.py [--set FILE] [--sentences 300] [--fuzzed 10000] [--seed 1]

``--set`` names a file of scenes and plot sentences in the form of ``friends_dev.json`` (default: ../shared/retrieval/friends_dev.json):
its scenes are the archive, its sentences a third of the correct ones; the others are of Python's language reference (which comes with
Python) and of the public-domain and licence texts under /usr/share/common-licenses. Without the file the archive is the committed one of
tests/search. None of the sentences was used to build the word list or to set a cost.

A sentence is mended where the first suggestion is the sentence without its slip, or the slip was read as the name it was. A slip is one
letter more, fewer, another, or two changed places; slips that make another word of the language or of the archive are drawn again.
"""

from __future__ import annotations

import argparse
import json
import pydoc_data.topics
import random
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from omniscript_mam.script import Character, Event, Scene, Script
from search import EmbeddedIndexOptions, HashedEmbedder, Searcher, SearchRequest, build_records, open_searcher
from search.analysis import is_stop_word, stem
from search.query import clean
from search.vocabulary import is_word
from tests.search.archive import ANSWERABLE, FILMS, NOTHING, script_of
from tests.search.questions import fuzzed, slip

SHARED = Path(__file__).resolve().parents[1] / "../shared/retrieval/friends_dev.json"
NAMES = "Maria Tom Rosa Victor Noor Eddie Clara Hugo Nina Oscar Priya Stefan Wanda Yusuf Zelda Bruno Dora Felix Greta Ivan".split()
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", type=Path, default=SHARED)
    parser.add_argument("--sentences", type=int, default=300)
    parser.add_argument("--fuzzed", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        searcher = open_searcher(EmbeddedIndexOptions(Path(folder)), embedder=HashedEmbedder())
        sources = {"language reference": _sentences(pydoc_data.topics.topics.values()), "licences": _sentences(_licences())}
        if options.set.is_file():
            sources["plots"] = fill(searcher, options.set)
        else:
            sources["archive"] = [query.text for query in ANSWERABLE] + NOTHING
            for asset_id, (title, *_) in FILMS.items():
                searcher.index(asset_id, build_records(script_of(asset_id), asset_id, title, 1))
        chosen = [(name, text) for name, texts in sources.items() for text in dice.sample(texts, min(len(texts), options.sentences // 3))]
        if chosen:
            print_correct(searcher, chosen)
            print_mistyped(searcher, chosen, dice)
        if options.fuzzed:
            print_fuzzed(searcher, dice, options.fuzzed)
        searcher.close()


def fill(searcher: Searcher, path: Path) -> list[str]:
    """Index the scenes of a set, each a film of its own; returns its sentences with the people's names in."""
    data = json.loads(path.read_text())
    people = {f"@ent{number:02}": name for number, name in enumerate(NAMES)}

    def named(text: str) -> str:
        text = re.sub(r"@ent\d+", lambda found: people.get(found.group(), "Somebody"), text)
        return re.sub(r" (?=[,.!?;:'’]|n't)", "", text)

    for scene_id, lines in data["scenes"].items():
        speakers = {who: Character(id=f"char_{number}", name=people.get(who, "Somebody"), named=True) for number, who in enumerate(
            dict.fromkeys(who for who, _ in lines if who))}  # fmt: skip
        events = [
            Event(id=f"e{number}", start_s=3.0 * number, end_s=3.0 * number + 3.0, character_id=speakers[who].id, dialogue=named(line))
            if who
            else Event(id=f"e{number}", start_s=3.0 * number, end_s=3.0 * number + 3.0, action=named(line))
            for number, (who, line) in enumerate(lines)
        ]
        scene = Scene(id="s1", start_s=0.0, end_s=3.0 * len(events), events=events)
        searcher.index(scene_id, build_records(Script(characters=list(speakers.values()), scenes=[scene]), scene_id, scene_id, 1))
    return [named(query["query"].replace("@placeholder", query["answer"])) for query in data["queries"]]


def _licences() -> Iterable[str]:
    folder = Path("/usr/share/common-licenses")
    return [path.read_text(errors="ignore") for path in sorted(folder.glob("*"))] if folder.is_dir() else []


def _sentences(texts: Iterable[str]) -> list[str]:
    """Sentences of 5 to 25 words of letters alone: prose, not code."""
    joined = " ".join(" ".join(texts).split())
    found = (sentence.strip() for sentence in _SENTENCE.split(joined))
    return sorted({text for text in found if re.fullmatch(r"[A-Z][A-Za-z ,'’-]+[.!?]", text) and 5 <= len(text.split()) <= 25})


def print_correct(searcher: Searcher, chosen: list[tuple[str, str]]) -> None:
    """Sentences that are right: what was suggested instead."""
    print("Correct sentences\n\n| source | sentences | corrected |\n| --- | --- | --- |")
    corrected = Counter[str]()
    for source, text in chosen:
        if suggestions := searcher.search(SearchRequest(text)).suggestions:
            corrected[source] += 1
            print(f"<!-- {text!r} -> {suggestions[0]!r} -->")
    for source, number in Counter(source for source, _ in chosen).items():
        print(f"| {source} | {number} | {corrected[source]} |")


def print_mistyped(searcher: Searcher, chosen: list[tuple[str, str]], dice: random.Random) -> None:
    """The same sentences with one slip in a word that the archive has."""
    print("\nOne slip in a word of the archive\n\n| source | sentences | mended | among the three suggestions |\n| --- | --- | --- | --- |")
    planted, first, any_of = Counter[str](), Counter[str](), Counter[str]()
    for source, text in chosen:
        mistyped = _mistyped(searcher, text, dice)
        if mistyped is None:
            continue
        wrong, typed, meant = mistyped
        planted[source] += 1
        results = searcher.search(SearchRequest(wrong))
        right = clean(text)[0]
        is_name = any(chip.kind == "character" and typed in chip.words and meant in chip.value for chip in results.chips)
        first[source] += is_name or results.suggestions[:1] == (right,)
        any_of[source] += is_name or right in results.suggestions
        if not is_name and results.suggestions[:1] != (right,):
            print(f"<!-- {typed} for {meant}: {[suggestion for suggestion in results.suggestions]} -->")
    for source, number in planted.items():
        print(f"| {source} | {number} | {first[source]} | {any_of[source]} |")
    print(f"| all | {planted.total()} | {first.total()} ({first.total() / planted.total():.1%}) | {any_of.total()} |")


def _mistyped(searcher: Searcher, text: str, dice: random.Random) -> tuple[str, str, str] | None:
    words = [word for word in re.findall(r"(?<![\w'’])[A-Za-z]{4,}(?![\w'’])", text) if not is_stop_word(word.lower())]
    known = searcher.stores.words.terms([stem(word) for word in words]).frequencies
    words = [word for word in words if known[stem(word)]]
    for _ in range(50 if words else 0):
        meant = dice.choice(words)
        typed = slip(meant, dice)
        if len(typed) > 3 and not is_word(typed.lower()) and not searcher.stores.words.terms([stem(typed)]).frequencies[stem(typed)]:
            return re.sub(rf"(?<!\w){meant}(?!\w)", typed, clean(text)[0], count=1), typed, meant
    return None


def print_fuzzed(searcher: Searcher, dice: random.Random, number: int) -> None:
    """Anything that can be typed, in ten scripts, through parser and searcher."""
    took_s: list[float] = []
    used_s: list[float] = []
    errors = 0
    for text in fuzzed(dice, number):
        began_s, began_used_s = time.perf_counter(), time.process_time()
        try:
            searcher.search(SearchRequest(text))
        except Exception as error:  # noqa: BLE001 - counted
            errors += 1
            print(f"<!-- {text!r}: {error!r} -->")
        took_s.append(time.perf_counter() - began_s)
        used_s.append(time.process_time() - began_used_s)
    slow = sum(seconds > 2.0 for seconds in took_s)
    middle, late = statistics.median(took_s), sorted(took_s)[int(0.99 * len(took_s))]
    print(f"\nFuzzed questions: {number}; errors {errors}; over 2 s {slow}; median {1000 * middle:.0f} ms, p99 {1000 * late:.0f} ms, "
          f"longest {max(took_s):.2f} s; of processor time at most {max(used_s):.2f} s")  # fmt: skip


if __name__ == "__main__":
    main()
