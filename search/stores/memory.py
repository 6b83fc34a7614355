"""The reference: dictionaries and loops, nothing clever, so that it can be seen to be right.

What the other indexers are tested against, and good for tests with a few thousand records. BM25 as Robertson and Zaragoza (2009), k1 = 1.2,
b = 0.75, over two bags of tokens per record (its own and its context's), as the embedded indexer scores.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import OSA

from search.ports import CONTEXT_FIELDS, CONTEXT_WEIGHT, OWN_FIELDS, Alternative, Counts, Phrase, Scope, TextQuery, WordGroup, field_tokens
from search.types import TEXT_FIELDS, Record

K1, B = 1.2, 0.75
BAGS = {"own": (OWN_FIELDS, 1.0), "context": (CONTEXT_FIELDS, CONTEXT_WEIGHT)}


@dataclass(frozen=True)
class _Entry:
    """A record with its tokens: per bag, and per field."""

    record: Record
    tokens: dict[str, list[str]]
    vector: np.ndarray | None


class MemoryIndexer:
    """See the module."""

    engine_name = "memory 1"

    def __init__(self) -> None:
        self._assets: dict[str, tuple[int, dict[str, _Entry]]] = {}
        self._vectors: dict[str, np.ndarray] = {}
        self._num_changes = 0
        self._lock = threading.RLock()

    @property
    def version(self) -> str:
        return str(self._num_changes)

    def replace(self, asset_id: str, revision: int, records: Sequence[Record], vectors: Mapping[str, np.ndarray]) -> None:
        entries = {record.id: _entry(record, vectors) for record in records}
        with self._lock:
            self._assets = {**self._assets, asset_id: (revision, entries)}
            self._vectors.update(vectors)
            self._num_changes += 1

    def remove(self, asset_id: str) -> bool:
        with self._lock:
            found = asset_id in self._assets
            self._assets = {key: value for key, value in self._assets.items() if key != asset_id}
            self._num_changes += 1
            return found

    def clear(self) -> None:
        with self._lock:
            self._assets, self._vectors = {}, {}
            self._num_changes += 1

    def contents(self) -> dict[str, tuple[int, int]]:
        return {key: (revision, len(entries)) for key, (revision, entries) in sorted(self._assets.items())}

    def known_vectors(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        return {text: self._vectors[text] for text in texts if text in self._vectors}

    def find_words(self, query: TextQuery, scope: Scope, limit: int) -> list[tuple[str, float]]:
        entries = self._entries()
        scored = [
            (entry.record.id, _score(entry, query, entries)) for entry in entries if _in_scope(entry, scope) and _matches(entry, query)
        ]
        return sorted(scored, key=lambda found: (-found[1], found[0]))[:limit]

    def find_nearest(self, vector: np.ndarray, scope: Scope, limit: int) -> list[tuple[str, float]]:
        scored = [(e.record.id, float(e.vector @ vector)) for e in self._entries() if e.vector is not None and _in_scope(e, scope)]
        return sorted(scored, key=lambda found: (-found[1], found[0]))[:limit]

    def count(self, query: TextQuery, scope: Scope, facets: Sequence[str]) -> Counts:
        scenes: set[tuple[str, str]] = set()
        by_value: dict[str, dict[str, set[tuple[str, str]]]] = {facet: {} for facet in facets}
        for entry in self._entries():
            if not (_in_scope(entry, scope) and _matches(entry, query)):
                continue
            scene = (entry.record.asset_id, entry.record.scene_id)
            scenes.add(scene)
            for facet in facets:
                for value in entry.record.facets.get(facet, ()):
                    by_value[facet].setdefault(value, set()).add(scene)
        return Counts(len(scenes), {facet: {value: len(found) for value, found in values.items()} for facet, values in by_value.items()})

    def records(self, ids: Sequence[str]) -> dict[str, Record]:
        known = {entry.record.id: entry.record for entry in self._entries()}
        return {key: known[key] for key in ids if key in known}

    def values(self, facet: str) -> dict[str, int]:
        counts = {kind: Counter[str]() for kind in ("event", "scene")}
        for entry in self._entries():
            counts[entry.record.kind].update(entry.record.facets.get(facet, ()))
        merged = {**counts["scene"], **counts["event"]}
        return dict(sorted(merged.items(), key=lambda item: (-item[1], item[0])))

    def num_records(self) -> int:
        return len(self._entries())

    def frequency(self, token: str) -> int:
        return sum(any(token in entry.tokens[bag] for bag in BAGS) for entry in self._entries())

    def near_tokens(self, token: str, max_distance: int, limit: int) -> list[str]:
        counts = Counter(known for entry in self._entries() for bag in BAGS for known in set(entry.tokens[bag]))
        near = [(OSA.distance(token, known), -count, known) for known, count in counts.items()]
        return [known for distance, _, known in sorted(near) if 0 < distance <= max_distance][:limit]

    def close(self) -> None:
        """Nothing to let go of."""

    def _entries(self) -> list[_Entry]:
        return [entry for _, entries in self._assets.values() for entry in entries.values()]


def _entry(record: Record, vectors: Mapping[str, np.ndarray]) -> _Entry:
    token_lists = {name: field_tokens(record, [name]) for name in TEXT_FIELDS}
    token_lists |= {bag: field_tokens(record, fields) for bag, (fields, _) in BAGS.items()}
    return _Entry(record, token_lists, vectors.get(record.embedding_text) if record.embedding_text else None)


def _in_scope(entry: _Entry, scope: Scope) -> bool:
    record = entry.record
    if record.kind not in scope.kinds or (scope.asset_ids is not None and record.asset_id not in scope.asset_ids):
        return False
    if any(token in entry.tokens["own"] for token in scope.excluded_tokens):
        return False
    has_required = all(values.intersection(record.facets.get(facet, ())) for facet, values in scope.required)
    return has_required and not any(values.intersection(record.facets.get(facet, ())) for facet, values in scope.excluded)


def _matches(entry: _Entry, query: TextQuery) -> bool:
    if not all(_has_phrase(entry, phrase) for phrase in query.phrases):
        return False
    return sum(_has_word(entry, group) for group in query.groups) >= min(query.minimum, len(query.groups))


def _has_phrase(entry: _Entry, phrase: Phrase) -> bool:
    wanted = list(phrase.tokens)
    for name in phrase.fields or ("own",):
        known = entry.tokens[name]
        if any(known[i : i + len(wanted)] == wanted for i in range(len(known) - len(wanted) + 1)):
            return True
    return False


def _has_word(entry: _Entry, group: WordGroup) -> bool:
    names = group.fields or tuple(BAGS)
    return any(_frequency(entry.tokens[name], alternative) for name in names for alternative in group.alternatives)


def _frequency(known: list[str], alternative: Alternative) -> int:
    if alternative.is_prefix:
        return sum(token.startswith(alternative.token) for token in known)
    return known.count(alternative.token)


def _score(entry: _Entry, query: TextQuery, entries: list[_Entry]) -> float:
    """Sum over groups of the best alternative in the best place, plus phrases as their words."""
    groups = [
        *query.groups,
        *query.boosts,
        *(WordGroup((Alternative(token),), phrase.fields) for phrase in query.phrases for token in phrase.tokens),
    ]
    return sum(_group_score(entry, group, entries) for group in groups)


def _group_score(entry: _Entry, group: WordGroup, entries: list[_Entry]) -> float:
    places = {name: 1.0 for name in group.fields} or {bag: weight for bag, (_, weight) in BAGS.items()}
    best = 0.0
    for name, place_weight in places.items():
        average = sum(len(other.tokens[name]) for other in entries) / max(1, len(entries)) or 1.0
        for alternative in group.alternatives:
            frequency = _frequency(entry.tokens[name], alternative)
            if not frequency:
                continue
            holders = sum(bool(_frequency(other.tokens[name], alternative)) for other in entries)
            idf = math.log(1 + (len(entries) - holders + 0.5) / (holders + 0.5))
            norm = K1 * (1 - B + B * len(entry.tokens[name]) / average)
            best = max(best, place_weight * alternative.weight * idf * frequency * (K1 + 1) / (frequency + norm))
    return best
